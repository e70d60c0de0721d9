//! Tokens of other implementations are verified by this library and the reverse, for every algorithm
//! that both support, with keys from the same PEM files.

use std::time::Duration;

use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Token, Verifier};
use jwt_ring::{NumericDate, VerifyingKey};
use serde::{Deserialize, Serialize};

#[cfg(feature = "openssl")]
#[path = "peers/josekit.rs"]
mod josekit;
#[path = "peers/jsonwebtoken.rs"]
mod jsonwebtoken;
#[path = "peers/jwt_simple.rs"]
mod jwt_simple;

const ALGORITHMS: [Algorithm; 12] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

const SECRET: [u8; 64] = [7; 64];
const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://api.example";
const SUBJECT: &str = "user-42";

/// Custom claims that encoders write differently: escapes, other scripts, numbers, nesting.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Custom {
    role: String,
    numbers: Vec<f64>,
    nested: Vec<Option<bool>>,
}

fn custom() -> Custom {
    Custom {
        role: "\"admin\"/\\ é \u{1f600} \u{7f}\n".into(),
        numbers: vec![0.0, -1.5, 1e21, 4_294_967_296.25],
        nested: vec![Some(true), None],
    }
}

/// The PEM files of a key: private, public.
fn pem(algorithm: Algorithm) -> [String; 2] {
    let stem = match algorithm {
        Algorithm::ES256 => "ecp256",
        Algorithm::ES384 => "ecp384",
        Algorithm::EdDSA => "ed25519",
        _ => "rsa2048",
    };
    ["pkcs8", "spki"].map(|form| {
        let path = format!("{}/../keys/{stem}.{form}.pem", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    })
}

fn is_symmetric(algorithm: Algorithm) -> bool {
    algorithm.name().starts_with("HS")
}

fn keys(algorithm: Algorithm) -> (SigningKey, VerifyingKey) {
    if is_symmetric(algorithm) {
        let key = SigningKey::from_secret(algorithm, SECRET).expect("a key");
        let public = key.verifying_key();
        return (key, public);
    }
    let [private, public] = pem(algorithm);
    (
        SigningKey::from_pem(algorithm, private).expect("a key"),
        VerifyingKey::from_pem(algorithm, public).expect("a key"),
    )
}

/// Another implementation.
trait Peer {
    /// Signs the custom claims with issuer, audience, subject, `iat`, and `exp` in ten minutes.
    fn sign(&self, algorithm: Algorithm) -> String;

    /// Verifies a token, and returns the custom claims.
    fn verify(&self, algorithm: Algorithm, token: &str) -> Result<Custom, String>;
}

fn check(peer: &impl Peer) {
    for algorithm in ALGORITHMS {
        let (private, public) = keys(algorithm);

        let theirs = peer.sign(algorithm);
        let verifier = Verifier::new()
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .subject(SUBJECT);
        let token: Token<Claims<Custom>> = verifier
            .verify(&theirs, &public)
            .unwrap_or_else(|error| panic!("{algorithm}: {error}: {theirs}"));
        assert_eq!(token.claims().custom, custom(), "{algorithm}");
        let other = Verifier::new()
            .issuer("https://else.example")
            .audience(AUDIENCE);
        let error = other.verify::<Claims<Custom>>(&theirs, &public);
        let error = error.expect_err("a token of another issuer");
        assert_eq!(error.code(), "mismatch", "{algorithm}");

        let signer = Signer::new(private);
        let claims = Claims::new(&SystemClock, Duration::from_secs(600))
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .subject(SUBJECT)
            .custom(custom());
        let ours = signer.sign(&claims).expect("a token");
        assert_eq!(
            peer.verify(algorithm, &ours),
            Ok(custom()),
            "{algorithm}: {ours}"
        );

        // Both reject an expired token and a changed one.
        let expired = Claims::new(&SystemClock, Duration::ZERO)
            .not_before(NumericDate::from_seconds(0))
            .custom(custom());
        let mut old = expired.clone();
        old.expiration = Some(NumericDate::from_seconds(1));
        let old = signer.sign(&old).expect("a token");
        assert!(
            peer.verify(algorithm, &old).is_err(),
            "{algorithm}: expired"
        );
        let changed = format!("{}A", &ours[..ours.len() - 1]);
        let changed = if changed == ours {
            format!("{}Q", &ours[..ours.len() - 1])
        } else {
            changed
        };
        assert!(
            peer.verify(algorithm, &changed).is_err(),
            "{algorithm}: changed"
        );
        let error = verifier.verify::<Claims<Custom>>(&changed, &public);
        let code = error.expect_err("a changed token").code();
        assert!(
            ["invalid_signature", "malformed_signature"].contains(&code),
            "{algorithm}: {code}"
        );
    }
}

#[test]
fn jsonwebtoken() {
    check(&jsonwebtoken::Jsonwebtoken);
}

#[test]
fn jwt_simple() {
    check(&jwt_simple::JwtSimple);
}

#[cfg(feature = "openssl")]
#[test]
fn josekit() {
    check(&josekit::Josekit);
}
