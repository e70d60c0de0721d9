//! What the fuzz targets share: a key of each family, and tokens signed with it.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{Algorithm, SigningKey, VerifyingKey};

/// Every algorithm that there is.
pub const ALGORITHMS: [Algorithm; 12] = [
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

/// One algorithm for each kind of key.
pub const KINDS: [Algorithm; 5] = [
    Algorithm::HS256,
    Algorithm::RS256,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// A key of each kind, in the order of [`KINDS`].
pub static KEYS: LazyLock<[SigningKey; 5]> = LazyLock::new(|| {
    let pem = |algorithm, pem: &[u8]| SigningKey::from_pem(algorithm, pem).expect("a key");
    [
        SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key"),
        pem(
            Algorithm::RS256,
            include_bytes!("../../tests/keys/rsa2048.pkcs8.pem"),
        ),
        pem(
            Algorithm::ES256,
            include_bytes!("../../tests/keys/ecp256.pkcs8.pem"),
        ),
        pem(
            Algorithm::ES384,
            include_bytes!("../../tests/keys/ecp384.pkcs8.pem"),
        ),
        pem(
            Algorithm::EdDSA,
            include_bytes!("../../tests/keys/ed25519.pkcs8.pem"),
        ),
    ]
});

/// The public halves of [`KEYS`].
pub static PUBLIC: LazyLock<[VerifyingKey; 5]> =
    LazyLock::new(|| KEYS.each_ref().map(SigningKey::verifying_key));

/// base64url as tokens have it.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Signs any header and payload with the HMAC key, however wrong they are.
pub fn forge(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    forge_with(&KEYS[0], header, payload)
}

/// Signs any header and payload, however wrong they are.
pub fn forge_with(key: &SigningKey, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let signature = key.sign(message.as_bytes()).expect("a signature");
    format!("{message}.{}", encode(signature))
}

/// Checks that what was loaded works, and that it is the same key when it is published and loaded
/// again.
pub fn check_verifying_key(key: &VerifyingKey) {
    let Ok(jwk) = serde_json::to_string(key) else {
        assert!(key.thumbprint().is_err(), "only a secret is not published");
        return;
    };
    let again = VerifyingKey::from_jwk(key.algorithm(), &jwk).expect("what we publish, we read");
    assert_eq!(key.thumbprint(), again.thumbprint());
    assert_eq!(key.id(), again.id());
}

/// Checks that what the key signs, its public half verifies.
pub fn check_signing_key(key: &SigningKey) {
    let header = format!(r#"{{"alg":"{}"}}"#, key.algorithm());
    let token = forge_with(key, header, "{}");
    let verifier = jwt_ring::Verifier::new().allow_missing_expiry();
    let keys = key.verifying_key();
    verifier
        .verify::<()>(&token, &keys)
        .expect("a key that loads works");
    check_verifying_key(&keys);
}
