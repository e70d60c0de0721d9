use std::sync::atomic::{AtomicBool, Ordering};

use jsonwebtoken::crypto::{CryptoProvider, KeyUtils, aws_lc, rust_crypto};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};

use crate::claims::{AUDIENCE, All, ISSUER, KEY_ID};
use crate::{Algorithm, Peer, keys};

/// Its provider is global to the process, so this one delegates to the backend of the current job.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| (current().signer_factory)(algorithm, key),
    verifier_factory: |algorithm, key| (current().verifier_factory)(algorithm, key),
    key_utils: KeyUtils::new_unimplemented(),
};

static IS_AWS_LC: AtomicBool = AtomicBool::new(true);

fn current() -> &'static CryptoProvider {
    if IS_AWS_LC.load(Ordering::Relaxed) {
        &aws_lc::DEFAULT_PROVIDER
    } else {
        &rust_crypto::DEFAULT_PROVIDER
    }
}

pub(crate) fn on_aws_lc(algorithm: Algorithm) -> Option<Peer> {
    peer("jsonwebtoken, aws_lc_rs", true, algorithm)
}

pub(crate) fn on_rust_crypto(algorithm: Algorithm) -> Option<Peer> {
    peer("jsonwebtoken, rust_crypto", false, algorithm)
}

fn peer(name: &'static str, is_aws_lc: bool, algorithm: Algorithm) -> Option<Peer> {
    // Fails if it is already installed.
    let _ = PROVIDER.install_default();
    let (same, signing, verifying) = match algorithm {
        Algorithm::HS256 => (
            jsonwebtoken::Algorithm::HS256,
            Ok(EncodingKey::from_secret(&keys::SECRET)),
            Ok(DecodingKey::from_secret(&keys::SECRET)),
        ),
        Algorithm::ES256 => (
            jsonwebtoken::Algorithm::ES256,
            EncodingKey::from_ec_pem(keys::EC_PRIVATE.as_bytes()),
            DecodingKey::from_ec_pem(keys::EC_PUBLIC.as_bytes()),
        ),
        Algorithm::RS256 => (
            jsonwebtoken::Algorithm::RS256,
            EncodingKey::from_rsa_pem(keys::RSA_PRIVATE.as_bytes()),
            DecodingKey::from_rsa_pem(keys::RSA_PUBLIC.as_bytes()),
        ),
    };
    let (signing, verifying) = (signing.expect("a key"), verifying.expect("a key"));
    let mut header = Header::new(same);
    header.kid = Some(KEY_ID.into());
    let mut validation = Validation::new(same);
    validation.leeway = 0;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    Some(Peer::new(
        name,
        move || {
            IS_AWS_LC.store(is_aws_lc, Ordering::Relaxed);
            jsonwebtoken::encode(&header, &All::new(), &signing).expect("a token")
        },
        move |token| {
            IS_AWS_LC.store(is_aws_lc, Ordering::Relaxed);
            let token = jsonwebtoken::decode::<All>(token, &verifying, &validation).ok()?;
            Some(token.claims.into_access())
        },
    ))
}

/// Its keys are not checked before they verify.
pub(crate) fn load(document: &str) -> usize {
    let set: JwkSet = serde_json::from_str(document).expect("a JWK Set");
    let keys = set.keys.iter().map(DecodingKey::from_jwk);
    let keys: Vec<DecodingKey> = keys.collect::<Result<_, _>>().expect("keys");
    keys.len()
}
