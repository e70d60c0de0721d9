use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use jsonwebtoken::crypto::{CryptoProvider, KeyUtils, aws_lc, rust_crypto};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};

use crate::claims::{self, AUDIENCE, ISSUER, Payload};
use crate::keys::KEY_ID;
use crate::peer::Peer;
use crate::{Algorithm, keys};

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

pub(crate) fn on_aws_lc<P: Payload>(algorithm: Algorithm) -> Option<Peer> {
    peer::<P>("jsonwebtoken, aws_lc_rs", true, algorithm)
}

pub(crate) fn on_rust_crypto<P: Payload>(algorithm: Algorithm) -> Option<Peer> {
    peer::<P>("jsonwebtoken, rust_crypto", false, algorithm)
}

fn peer<P: Payload>(name: &'static str, is_aws_lc: bool, algorithm: Algorithm) -> Option<Peer> {
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
    let peer = Peer::new(name, move || {
        IS_AWS_LC.store(is_aws_lc, Ordering::Relaxed);
        let claims = P::whole(claims::now());
        jsonwebtoken::encode(&header, &claims, &signing).expect("a token")
    });
    let policy = validation.clone();
    let peer = peer.own(move |token, see| {
        IS_AWS_LC.store(is_aws_lc, Ordering::Relaxed);
        if let Ok(token) = jsonwebtoken::decode::<P::Whole>(token, &verifying, &policy) {
            see(&token.claims);
        }
    });
    if algorithm != Algorithm::HS256 {
        return Some(peer);
    }
    let keys: HashMap<String, DecodingKey> = keys::ten_secrets()
        .map(|(id, secret)| (id, DecodingKey::from_secret(&secret)))
        .collect();
    Some(peer.with_ten_keys(move |token, see| {
        IS_AWS_LC.store(is_aws_lc, Ordering::Relaxed);
        let header = jsonwebtoken::decode_header(token).ok();
        let key = header.and_then(|header| keys.get(&header.kid?));
        let token = key.map(|key| jsonwebtoken::decode::<P::Whole>(token, key, &validation));
        if let Some(Ok(token)) = token {
            see(&token.claims);
        }
    }))
}

/// Its keys are not checked before they verify.
pub(crate) fn load(document: &str) -> usize {
    let set: JwkSet = serde_json::from_str(document).expect("a JWK Set");
    let keys = set.keys.iter().map(DecodingKey::from_jwk);
    let keys: Vec<DecodingKey> = keys.collect::<Result<_, _>>().expect("keys");
    keys.len()
}
