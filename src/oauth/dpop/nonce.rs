//! Nonces that the server chooses for proofs.

use std::time::Duration;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::KeyError;
use crate::key::SigningKey;
use crate::numeric_date::NumericDate;

/// Makes and checks the nonces of DPoP proofs (RFC 9449 §8, §9), without storing them.
///
/// A nonce is a time and its HMAC. Servers that share the secret accept each other's nonces.
#[derive(Debug)]
pub struct Nonces {
    key: SigningKey,
    lifetime: Duration,
}

/// The length of the time in a nonce.
const TIME: usize = 8;
/// The length of the HMAC in a nonce.
const HMAC: usize = 32;
/// Separates these HMACs from others by the same secret.
const CONTEXT: &[u8] = b"DPoP-Nonce";

impl Nonces {
    /// Makes nonces by a random secret of at least 32 bytes.
    ///
    /// # Errors
    ///
    /// Those of [`SigningKey::from_secret`](crate::SigningKey::from_secret).
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Ok(Self {
            key: SigningKey::from_secret(Algorithm::HS256, secret)?,
            lifetime: Duration::from_secs(300),
        })
    }

    /// Sets how long a nonce is accepted. Default: 5 minutes.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Makes a nonce. `None` if the backend fails, which HMAC does not.
    pub(super) fn make(&self, now: NumericDate) -> Option<String> {
        let time = now.seconds().to_be_bytes();
        let hmac = self.key.sign(&signed(time)).ok()?;
        Some(base64url::encode(&[&time, hmac.as_ref()].concat()))
    }

    pub(super) fn is_current(&self, nonce: &str, now: NumericDate) -> bool {
        let mut buffer = [0; TIME + HMAC];
        let Some(bytes) = base64url::decode_slice(nonce, &mut buffer) else {
            return false;
        };
        let Some((time, hmac)) = bytes.split_first_chunk::<TIME>() else {
            return false;
        };
        let at = NumericDate::from_seconds(i64::from_be_bytes(*time));
        let is_ours = self
            .key
            .verifying_key()
            .verify(&signed(*time), hmac)
            .is_ok();
        // In the future by the clock of another server.
        is_ours && now < at.saturating_add(self.lifetime) && at <= now.saturating_add(self.lifetime)
    }
}

fn signed(time: [u8; TIME]) -> Vec<u8> {
    [CONTEXT, &time].concat()
}
