//! The public half of a key, of whichever family.

use super::{ecdsa, ed25519, hmac, rsa};

/// What a key verifies with. An HMAC key has no public half and stands here all the same.
pub(super) enum Public {
    Hmac(hmac::Key),
    Rsa(rsa::VerifyingKey),
    Ecdsa(ecdsa::VerifyingKey),
    Ed25519(ed25519::VerifyingKey),
}
