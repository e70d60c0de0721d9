//! The users and their passwords.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;

use ring::pbkdf2;

use crate::store::random;

/// PBKDF2 iterations. Use more in production.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(10_000).expect("not zero");

/// A salted hash of a password.
struct Password {
    salt: String,
    hash: [u8; 32],
}

impl Password {
    fn new(password: &str) -> Self {
        let (salt, mut hash) = (random(), [0; 32]);
        let (algorithm, password) = (pbkdf2::PBKDF2_HMAC_SHA256, password.as_bytes());
        pbkdf2::derive(algorithm, ITERATIONS, salt.as_bytes(), password, &mut hash);
        Self { salt, hash }
    }

    fn is(&self, presented: &str) -> bool {
        let (algorithm, presented) = (pbkdf2::PBKDF2_HMAC_SHA256, presented.as_bytes());
        let salt = self.salt.as_bytes();
        pbkdf2::verify(algorithm, ITERATIONS, salt, presented, &self.hash).is_ok()
    }
}

/// The users by their names.
pub struct Users {
    passwords: HashMap<String, Password>,
    /// Checked instead of the password of an unknown user.
    no_user: Password,
}

impl Users {
    /// Adds a user, or replaces the password of one.
    pub fn add(&mut self, name: &str, password: &str) {
        self.passwords.insert(name.into(), Password::new(password));
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.passwords.contains_key(name)
    }

    /// Returns whether this is the password of the user. Takes as long for an unknown user, so that the
    /// time does not reveal which users exist.
    pub(super) fn is_password(&self, name: &str, password: &str) -> bool {
        let user = self.passwords.get(name);
        let is_password = user.unwrap_or(&self.no_user).is(password);
        is_password && user.is_some()
    }
}

impl Default for Users {
    fn default() -> Self {
        Self {
            passwords: HashMap::new(),
            no_user: Password::new(""),
        }
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Users").field(&self.passwords.len()).finish()
    }
}
