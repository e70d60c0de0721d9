//! Random bytes of the operating system.

use super::backend::rand::{SecureRandom, SystemRandom};
use crate::base64url;

/// Makes an identifier of 128 random bits, in base64url. `None` if the operating system returns no
/// random bytes.
pub(crate) fn random_id() -> Option<String> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(base64url::encode(&bytes))
}
