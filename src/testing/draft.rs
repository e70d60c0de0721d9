//! Tokens before they are signed, and signing what no signer of this library signs.

use serde_json::{Map, Value};

use super::issuer::{Issuer, sign};
use crate::base64url;
use crate::key::{SigningKey, sha256};

/// A valid token, to be changed and signed.
#[derive(Clone)]
pub(super) struct Draft<'a> {
    pub(super) issuer: &'a Issuer,
    /// The key of the issuer or, for a proof, that of the client.
    pub(super) key: &'a SigningKey,
    pub(super) header: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
}

impl<'a> Draft<'a> {
    pub(super) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    pub(super) fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Replaces the key, and keeps `alg` and `kid`.
    pub(super) fn key(mut self, key: &'a SigningKey) -> Self {
        self.key = key;
        self
    }

    pub(super) fn header_text(&self) -> String {
        Value::from(self.header.clone()).to_string()
    }

    pub(super) fn claims_text(&self) -> String {
        Value::from(self.claims.clone()).to_string()
    }

    pub(super) fn sign(&self) -> String {
        self.sign_text(&self.header_text(), self.claims_text())
    }

    /// Signs any bytes as header and payload.
    pub(super) fn sign_text(&self, header: &str, payload: impl AsRef<[u8]>) -> String {
        self.sign_segments(
            &base64url::encode(header.as_bytes()),
            &base64url::encode(payload.as_ref()),
        )
    }

    /// Signs any texts as segments.
    pub(super) fn sign_segments(&self, header: &str, payload: &str) -> String {
        let input = format!("{header}.{payload}");
        let signature = base64url::encode(&sign(self.key, input.as_bytes()));
        format!("{input}.{signature}")
    }

    /// Makes a token of which the signature is an HMAC with SHA-256 by any secret, such as the text of a
    /// public key, which a `SigningKey` rejects.
    pub(super) fn hmac(self, secret: &[u8]) -> String {
        let input = self.header("alg", "HS256").signing_input();
        let signature = base64url::encode(&hmac_sha256(secret, input.as_bytes()));
        format!("{input}.{signature}")
    }

    pub(super) fn signing_input(&self) -> String {
        let [header, payload] =
            [self.header_text(), self.claims_text()].map(|text| base64url::encode(text.as_bytes()));
        format!("{header}.{payload}")
    }
}

/// Returns the three segments of a token.
pub(super) fn segments(token: &str) -> [&str; 3] {
    let (input, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let (header, payload) = input.split_once('.').unwrap_or((input, ""));
    [header, payload, signature]
}

/// Computes an HMAC (RFC 2104) by any secret.
fn hmac_sha256(secret: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut key = match secret.len() > BLOCK {
        true => sha256(secret).to_vec(),
        false => secret.to_vec(),
    };
    key.resize(BLOCK, 0);
    let padded = |pad: u8| key.iter().map(move |byte| byte ^ pad).collect::<Vec<u8>>();
    let inner = sha256(&[&padded(0x36), message].concat());
    sha256(&[&padded(0x5c)[..], &inner].concat())
}

#[cfg(test)]
mod tests {
    use super::hmac_sha256;
    use crate::{Algorithm, VerifyingKey};

    #[test]
    fn an_hmac_is_that_of_the_backend() {
        for length in [32, 63, 64, 65, 200] {
            let (secret, message) = (vec![7; length], b"header.payload");
            let key = VerifyingKey::from_secret(Algorithm::HS256, &secret).expect("a key");
            let result = key.verify(message, &hmac_sha256(&secret, message));
            assert_eq!(result, Ok(()), "{length}");
        }
    }
}
