//! Claims that must be present.

use crate::case::{Case, Rule, choice};

const REQUIRED: Rule = choice(&[
    "jwt-ring: a claim that is required must be present",
    "RFC 7519 §4",
]);
const EXP: Rule = choice(&[
    "jwt-ring: `exp` is required unless the verifier allows its absence",
    "RFC 7519 §4.1.4",
]);

pub(super) fn cases() -> Vec<Case> {
    let mut cases = expiration();
    for (claim, value, other) in [
        ("iss", r#""a""#, "ISS"),
        ("sub", r#""""#, "Sub"),
        ("nbf", "0", "nbf "),
        ("iat", "0", "_iat"),
        ("jti", r#""a""#, "JTI"),
        ("nonce", r#""""#, "Nonce"),
        ("client_id", r#""a""#, "clientId"),
        ("auth_time", "1799999999", "authTime"),
        ("cnf", "{}", "CNF"),
    ] {
        let name = claim.replace('_', "-");
        let require = |case: Case| case.policy(|policy| policy.required = vec![claim]);
        let slug = format!("required-{name}");
        let case = REQUIRED.accept(&slug, format!("`{claim}` is required, and present."));
        cases.push(require(case).claims(format!(r#""{claim}":{value}"#)));
        let about = format!("`{claim}` is required, and absent; `{other}` is another claim.");
        let case = REQUIRED.reject("missing", format!("missing-{name}"), about);
        cases.push(
            require(case)
                .claims(format!(r#""{other}":{value}"#))
                .twin(slug),
        );
    }
    cases.extend([
        REQUIRED
            .accept("required-two", "Two claims are required, and present.")
            .claims(r#""sub":"a","jti":"b""#)
            .policy(|policy| policy.required = vec!["sub", "jti"]),
        REQUIRED
            .reject(
                "missing",
                "missing-second",
                "Two claims are required, and the second absent.",
            )
            .claims(r#""sub":"a""#)
            .policy(|policy| policy.required = vec!["sub", "jti"])
            .twin("required-two"),
    ]);
    cases
}

fn expiration() -> Vec<Case> {
    let allow = |case: Case| case.policy(|policy| policy.allow_missing_expiration = true);
    vec![
        EXP.accept("exp-present", "`exp` is present.")
            .payload(r#"{"sub":"user-42","exp":1800000900}"#),
        EXP.reject("missing", "exp-missing", "`exp` is absent.")
            .payload(r#"{"sub":"user-42"}"#)
            .twin("exp-present"),
        EXP.reject(
            "missing",
            "exp-missing-empty",
            "The payload is an empty object.",
        )
        .payload("{}")
        .twin("exp-present"),
        allow(EXP.accept("exp-absent", "`exp` is absent, which is allowed."))
            .payload(r#"{"sub":"user-42"}"#),
        allow(EXP.accept(
            "exp-absent-empty",
            "`exp` may be absent, and the payload is an empty object.",
        ))
        .payload("{}"),
        allow(EXP.accept(
            "exp-allowed-present",
            "`exp` may be absent, and is present.",
        ))
        .payload(r#"{"sub":"user-42","exp":1800000900}"#),
        allow(EXP.reject(
            "expired",
            "exp-allowed-past",
            "`exp` may be absent, and is past.",
        ))
        .payload(r#"{"sub":"user-42","exp":1799999999}"#)
        .twin("exp-allowed-present"),
        allow(EXP.reject(
            "missing",
            "exp-required",
            "`exp` may be absent by one option, and is required by another.",
        ))
        .payload(r#"{"sub":"user-42"}"#)
        .policy(|policy| policy.required = vec!["exp"])
        .twin("exp-absent"),
    ]
}
