//! The allowed counterparts of what the other files do.

use jwt_ring::{
    Algorithm, Claims, Signature, Signer, SigningKey, SystemClock, Token, Unsigned, Verifier,
};

fn main() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let keys = key.verifying_key();
    let claims = Claims::new(&SystemClock, std::time::Duration::from_secs(60));
    let header = jwt_ring::Header::new(Algorithm::ES256);
    let unsigned = Unsigned::new(&header, &claims).unwrap();
    let signature = Signature::from_bytes(Algorithm::ES256, [0; 64]).unwrap();
    let _jwt = unsigned.with_signature(&signature).unwrap();
    let jwt = Signer::new(key).sign(&claims).unwrap();
    let token: Token = Verifier::new().verify(&jwt, &keys).unwrap();
    let mut claims = token.into_claims();
    claims.subject = Some("root".into());
}
