//! Keys and tokens for the fuzz targets.

use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{Algorithm, Claims, SigningKey, VerifyingKey};

/// All algorithms.
pub const ALGORITHMS: [Algorithm; 13] = [
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
    Algorithm::Ed25519,
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

/// The HMAC key, for signers.
pub static SHARED: LazyLock<Arc<SigningKey>> = LazyLock::new(|| {
    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]);
    Arc::new(key.expect("a key"))
});

/// The public halves of [`KEYS`].
pub static PUBLIC: LazyLock<[VerifyingKey; 5]> =
    LazyLock::new(|| KEYS.each_ref().map(SigningKey::verifying_key));

/// Encodes as base64url without padding.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Signs any header and payload with the HMAC key, valid or not.
pub fn forge(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    forge_with(&KEYS[0], header, payload)
}

/// Signs any header and payload, valid or not.
pub fn forge_with(key: &SigningKey, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let signing_input = format!("{}.{}", encode(header), encode(payload));
    let signature = key.sign(signing_input.as_bytes()).expect("a signature");
    format!("{signing_input}.{}", encode(signature))
}

/// Checks that a key is the same when it is published and loaded again.
pub fn check_verifying_key(key: &VerifyingKey) {
    let Ok(jwk) = serde_json::to_string(key) else {
        assert!(key.thumbprint().is_err(), "only secrets are not published");
        return;
    };
    let again = VerifyingKey::from_jwk(key.algorithm(), &jwk).expect("a published key");
    assert_eq!(key.thumbprint(), again.thumbprint());
    assert_eq!(key.id(), again.id());
}

/// Checks that the public half verifies what the key signs.
pub fn check_signing_key(key: &SigningKey) {
    let header = format!(r#"{{"alg":"{}"}}"#, key.algorithm());
    let token = forge_with(key, header, "{}");
    let verifier = jwt_ring::Verifier::new().allow_missing_expiration();
    let keys = key.verifying_key();
    verifier
        .verify::<Claims>(&token, &keys)
        .expect("a key that loads works");
    check_verifying_key(&keys);
}
