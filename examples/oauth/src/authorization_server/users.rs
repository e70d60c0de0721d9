//! The users and their passwords.

use std::collections::HashMap;
use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier, RECOMMENDED_SALT_LEN};
use ring::rand::{SecureRandom, SystemRandom};

/// The users by their names, with hashes of their passwords by Argon2id.
pub struct Users {
    passwords: HashMap<String, PasswordHash>,
    /// Checked instead of the password of an unknown user.
    no_user: PasswordHash,
}

impl Users {
    /// Adds a user, or replaces the password of one.
    ///
    /// # Panics
    ///
    /// Panics if there is no memory or no random bytes.
    pub fn add(&mut self, name: &str, password: &str) {
        self.passwords.insert(name.into(), hash(password));
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.passwords.contains_key(name)
    }

    /// Returns whether this is the password of the user.
    ///
    /// Each call needs a core for some 20 milliseconds, and 19 MiB.
    pub(super) fn is_password(&self, name: &str, password: &str) -> bool {
        let verified = Argon2::default().verify_password(password.as_bytes(), self.hash_of(name));
        verified.is_ok() && self.contains(name)
    }

    /// Returns the hash of an unknown user, too: it takes as long to check, so that the time does not
    /// reveal which users exist.
    fn hash_of(&self, name: &str) -> &PasswordHash {
        self.passwords.get(name).unwrap_or(&self.no_user)
    }
}

fn hash(password: &str) -> PasswordHash {
    let mut salt = [0; RECOMMENDED_SALT_LEN];
    SystemRandom::new().fill(&mut salt).expect("random bytes");
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hash.expect("19 MiB of memory")
}

impl Default for Users {
    fn default() -> Self {
        Self {
            passwords: HashMap::new(),
            no_user: hash(""),
        }
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Users").field(&self.passwords.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_those_of_their_users() {
        let mut users = Users::default();
        users.add("alice", "wonderland");
        users.add("bob", "비밀");
        assert!(users.is_password("alice", "wonderland"));
        assert!(users.is_password("bob", "비밀"));
        for (name, password) in [("alice", "비밀"), ("alice", ""), ("bob", "비"), ("", "")] {
            assert!(!users.is_password(name, password), "{name}");
        }
        users.add("alice", "looking-glass");
        assert!(!users.is_password("alice", "wonderland"));
        assert!(users.is_password("alice", "looking-glass"));
    }

    #[test]
    fn the_hash_of_an_unknown_user_takes_as_long() {
        let mut users = Users::default();
        users.add("alice", "wonderland");
        let parameters = |name: &str| {
            let hash = users.hash_of(name).to_string();
            hash.split('$').take(4).collect::<Vec<_>>().join("$")
        };
        assert_eq!(parameters("alice"), "$argon2id$v=19$m=19456,t=2,p=1");
        assert_eq!(parameters("unknown"), parameters("alice"));
        assert!(
            !users.is_password("unknown", ""),
            "the password of that hash"
        );
    }
}
