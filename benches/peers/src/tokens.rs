//! The tokens, which are the same for all implementations.

use jwt_ring::Signer;

use crate::claims::{self, Payload};
use crate::{Algorithm, keys};

pub(crate) struct Tokens {
    pub(crate) valid: String,
    /// Like the valid one, but an hour older.
    pub(crate) expired: String,
    /// The valid one with another signature.
    pub(crate) forged: String,
}

impl Tokens {
    pub(crate) fn new<P: Payload>(algorithm: Algorithm) -> Self {
        let signer = Signer::new(keys::signing_key(algorithm));
        let sign = |now| signer.sign(&P::whole(now)).expect("a token");
        let valid = sign(claims::now());
        Self {
            expired: sign(claims::now() - 3_600),
            forged: forge(&valid),
            valid,
        }
    }

    /// Returns the length of the valid token and of its payload, for titles.
    pub(crate) fn size(&self) -> String {
        let payload = self.valid.split('.').nth(1).expect("a payload");
        let payload = keys::decode(payload).len();
        format!("{} bytes, payload {payload}", self.valid.len())
    }
}

/// Changes the first character of the signature.
fn forge(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').expect("a token");
    let (first, rest) = signature.split_at(1);
    let first = if first == "A" { "B" } else { "A" };
    format!("{message}.{first}{rest}")
}
