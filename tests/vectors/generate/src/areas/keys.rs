//! The keys of a set: which are valid, and for what.

use crate::case::{Case, Rule, must};
use crate::sign::key;

const RSA: Rule = must(&["RFC 7518 §6.3.1"]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        RSA.accept("rsa", "The key is an RSA key.")
            .header(r#"{"alg":"RS256","kid":"rsa"}"#)
            .sign("rsa", "RS256")
            .key_set(format!(r#"{{"keys":[{}]}}"#, key("rsa").public().json()))
            .policy(|policy| policy.algorithms = vec!["RS256"]),
    ]
}
