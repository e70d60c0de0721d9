//! The values of `iss`, `aud`, `sub`, and which claims must be present.

use crate::case::{Case, Rule, must};

const ISS: Rule = must(&["RFC 7519 §4.1.1", "RFC 8725bis §3.8"]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        ISS.accept("iss-expected", "`iss` is the expected one.")
            .claims(r#""iss":"https://issuer.example""#)
            .policy(|policy| policy.issuer = vec!["https://issuer.example"]),
        ISS.reject("mismatch", "iss-other", "`iss` is another one.")
            .claims(r#""iss":"https://other.example""#)
            .policy(|policy| policy.issuer = vec!["https://issuer.example"])
            .twin("iss-expected"),
        ISS.reject(
            "missing",
            "iss-missing",
            "An issuer is expected, and there is none.",
        )
        .policy(|policy| policy.issuer = vec!["https://issuer.example"])
        .twin("iss-expected"),
    ]
}
