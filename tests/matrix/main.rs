//! Every rule under every algorithm. Each rejected token has a valid twin that differs in that one
//! thing. The cases are generated; `hostile` has those written by hand.

#[path = "../support/mod.rs"]
mod support;

mod claims;
mod encoding;
mod header;
mod signatures;

use std::sync::LazyLock;

use jwt_ring::{Algorithm, Claims, SigningKey, Verifier, VerifyingKey};
use serde::de::DeserializeOwned;
use serde_json::Value;
use support::{ALGORITHMS, NOW, clock, errors, forge, signing_key};

/// One key of each algorithm, made once.
static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| ALGORITHMS.map(signing_key).into());

/// A key with a verifier for its tokens.
struct Maker<'k> {
    key: &'k SigningKey,
    public: VerifyingKey,
    verifier: Verifier,
}

impl Maker<'_> {
    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// Returns a header with further parameters.
    fn header(&self, members: &str) -> String {
        format!(r#"{{"alg":"{}"{members}}}"#, self.algorithm())
    }

    fn with_header(&self, json: impl AsRef<[u8]>) -> String {
        forge(self.key, json, payload(""))
    }

    fn with_payload(&self, json: impl AsRef<[u8]>) -> String {
        forge(self.key, self.header(""), json)
    }

    fn good(&self) -> String {
        self.with_payload(payload(""))
    }

    #[track_caller]
    fn accepts(&self, token: &str) {
        if let Err(error) = self.verifier.verify::<Claims<Value>>(token, &self.public) {
            panic!("{}: {error:?}: {token}", self.algorithm());
        }
    }

    /// Checks the error, with types that read all members, some members, and none.
    #[track_caller]
    fn rejects(&self, token: &str, expected: &str) {
        self.rejects_for::<Value>(token, expected);
        self.rejects_for::<Claims<Value>>(token, expected);
        self.rejects_for::<Claims>(token, expected);
        self.rejects_for::<()>(token, expected);
    }

    #[track_caller]
    fn rejects_for<C: DeserializeOwned>(&self, token: &str, expected: &str) {
        let result = self.verifier.verify::<C>(token, &self.public);
        let error = result.map(drop).expect_err("a token to reject");
        let message = format!("{}: {token}", self.algorithm());
        assert_eq!(errors::text(&error), expected, "{message}");
    }
}

/// Returns a payload with further members.
fn payload(members: &str) -> String {
    format!(r#"{{"exp":{}{members}}}"#, NOW + 1)
}

/// Runs the checks of one rule under every algorithm.
fn under_every_algorithm(check: impl Fn(&Maker<'_>)) {
    for key in &*KEYS {
        let maker = Maker {
            key,
            public: key.verifying_key(),
            verifier: Verifier::new().clock(clock()),
        };
        maker.accepts(&maker.good());
        check(&maker);
    }
}
