//! The header parameters but `alg`.

use crate::case::{Case, Rule, must, should};

const CRITICAL: Rule = must(&["RFC 7515 §4.1.11"]);
const TYP: Rule = should(&["RFC 8725bis §3.11"]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        CRITICAL
            .accept("no-crit", "The header has no `crit`.")
            .parameters(r#""http://example.com/a":1"#),
        CRITICAL
            .reject(
                "unsupported_extension",
                "crit-unknown",
                "`crit` lists an extension that is not known.",
            )
            .parameters(r#""crit":["http://example.com/a"],"http://example.com/a":1"#)
            .twin("no-crit"),
        TYP.accept("typ-expected", "`typ` is the expected one.")
            .parameters(r#""typ":"at+jwt""#)
            .policy(|policy| policy.typ = vec!["at+jwt"]),
    ]
}
