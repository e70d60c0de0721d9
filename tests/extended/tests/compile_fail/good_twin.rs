//! What the others do in a forbidden way, done in the allowed one.

use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Token, Unsigned, Verifier};

fn main() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let keys = key.verifying_key();
    let claims = Claims::new(&SystemClock, std::time::Duration::from_secs(60));
    let header = jwt_ring::Header::new(Algorithm::ES256);
    let unsigned = Unsigned::new(&header, &claims).unwrap();
    let _jwt = unsigned.attach([0; 64]).unwrap();
    let jwt = Signer::new(key).sign(&claims).unwrap();
    let token: Token = Verifier::new().verify(&jwt, &keys).unwrap();
    let mut claims = token.into_claims();
    claims.subject = Some("root".into());
}
