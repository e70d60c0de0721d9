//! `aud`: one of several, the only one, not compared, or not expected.

use crate::case::{Case, Rule, choice, must};

const AUD: Rule = must(&["RFC 7519 §4.1.3", "RFC 8725bis §3.9"]);
const COMPARED: Rule = must(&["RFC 7519 §2", "RFC 7519 §4.1.3"]);
const SOLE: Rule = choice(&[
    "jwt-ring: a sole audience is the only one",
    "RFC 7519 §4.1.3",
]);
const NOT_COMPARED: Rule = choice(&[
    "jwt-ring: an audience need not be compared",
    "RFC 7519 §4.1.3",
]);

const API: &str = "https://api.example";

pub(super) fn cases() -> Vec<Case> {
    [any_of(), two(), unexpected(), sole(), not_compared()].concat()
}

/// Sets `aud` to a JSON value, in which `@` is the expected one.
fn aud(case: Case, value: &str) -> Case {
    case.claims(format!(r#""aud":{}"#, value.replace('@', API)))
}

fn any_of() -> Vec<Case> {
    let expect = |case: Case| case.policy(|policy| policy.audience = vec![API]);
    let accepted = [
        ("string", "`aud` is the expected one.", r#""@""#),
        (
            "array",
            "`aud` is an array of the expected one.",
            r#"["@"]"#,
        ),
        (
            "first",
            "The expected one is the first of `aud`.",
            r#"["@","https://other.example"]"#,
        ),
        (
            "last",
            "The expected one is the last of `aud`.",
            r#"["https://other.example","https://two.example","@"]"#,
        ),
        (
            "twice",
            "The expected one is twice in `aud`.",
            r#"["@","@"]"#,
        ),
        ("space", "`aud` is an array with space.", r#"[ "a" , "@" ]"#),
    ];
    let rejected = [
        (
            AUD,
            "other",
            "`aud` is another one.",
            r#""https://other.example""#,
            "string",
        ),
        (
            AUD,
            "others",
            "`aud` is an array of others.",
            r#"["https://other.example","https://two.example"]"#,
            "first",
        ),
        (AUD, "empty", "`aud` is empty.", r#""""#, "string"),
        (
            AUD,
            "empty-array",
            "`aud` is an empty array.",
            "[]",
            "array",
        ),
        (
            AUD,
            "empty-element",
            "`aud` is an array of the empty string.",
            r#"[""]"#,
            "array",
        ),
        (
            AUD,
            "part",
            "`aud` is a part of the expected one.",
            r#""https://api""#,
            "string",
        ),
        (
            AUD,
            "longer",
            "`aud` begins with the expected one.",
            r#""@.attacker.example""#,
            "string",
        ),
        (
            AUD,
            "within",
            "The expected one is a part of `aud`.",
            r#""https://attacker.example/@""#,
            "string",
        ),
        (
            AUD,
            "longer-in-array",
            "An element of `aud` begins with the expected one.",
            r#"["@.attacker.example"]"#,
            "array",
        ),
        (
            AUD,
            "list",
            "`aud` is a list with the expected one, in a string.",
            r#""@ https://other.example""#,
            "string",
        ),
        (
            AUD,
            "array-in-string",
            "`aud` is an array of the expected one, in a string.",
            r#""[\"@\"]""#,
            "array",
        ),
        (AUD, "asterisk", "`aud` is an asterisk.", r#""*""#, "string"),
        (
            COMPARED,
            "upper-case",
            "`aud` is the expected one with its host in upper case.",
            r#""https://API.example""#,
            "string",
        ),
        (
            COMPARED,
            "slash",
            "`aud` is the expected one with a slash at its end.",
            r#""@/""#,
            "string",
        ),
        (
            COMPARED,
            "space-at-end",
            "`aud` is the expected one with a space at its end.",
            r#""@ ""#,
            "string",
        ),
    ];
    let mut cases = vec![
        expect(AUD.reject(
            "missing",
            "aud-missing",
            "An audience is expected, and there is none.",
        ))
        .twin("aud-string"),
    ];
    cases.extend(
        accepted.map(|(slug, about, value)| {
            expect(aud(AUD.accept(format!("aud-{slug}"), about), value))
        }),
    );
    cases.extend(rejected.map(|(rule, slug, about, value, twin)| {
        let case = rule.reject("mismatch", format!("aud-{slug}"), about);
        expect(aud(case, value)).twin(format!("aud-{twin}"))
    }));
    cases
}

/// Either of two is expected.
fn two() -> Vec<Case> {
    let expect =
        |case: Case| case.policy(|policy| policy.audience = vec![API, "https://two.example"]);
    vec![
        expect(aud(
            AUD.accept("aud-second", "Two are expected, and `aud` is the second."),
            r#""https://two.example""#,
        )),
        expect(aud(
            AUD.accept("aud-both", "Two are expected, and `aud` has both."),
            r#"["@","https://two.example"]"#,
        )),
        expect(aud(
            AUD.accept(
                "aud-one-of-both",
                "Two are expected, and `aud` has one and another.",
            ),
            r#"["a","https://two.example"]"#,
        )),
        expect(aud(
            AUD.reject(
                "mismatch",
                "aud-neither",
                "Two are expected, and `aud` has neither.",
            ),
            r#"["a","b"]"#,
        ))
        .twin("aud-one-of-both"),
    ]
}

/// The verifier has no audience, and so is not among those of the token.
fn unexpected() -> Vec<Case> {
    let rows = [
        (
            "unexpected-string",
            "No audience is expected, and `aud` is a string.",
            r#""@""#,
        ),
        (
            "unexpected-array",
            "No audience is expected, and `aud` is an array.",
            r#"["@"]"#,
        ),
        (
            "unexpected-empty",
            "No audience is expected, and `aud` is empty.",
            r#""""#,
        ),
        (
            "unexpected-empty-array",
            "No audience is expected, and `aud` is an empty array.",
            "[]",
        ),
    ];
    let mut cases = vec![
        AUD.accept("aud-absent", "No audience is expected, and there is none.")
            .claims(r#""sub":"aud""#),
        aud(
            AUD.reject(
                "unexpected_audience",
                "aud-required",
                "`aud` is required, and none expected.",
            ),
            r#""@""#,
        )
        .policy(|policy| policy.required = vec!["aud"])
        .twin("aud-not-compared-required"),
    ];
    cases.extend(rows.map(|(slug, about, value)| {
        let case = AUD.reject("unexpected_audience", format!("aud-{slug}"), about);
        aud(case, value).twin("aud-absent")
    }));
    cases
}

fn sole() -> Vec<Case> {
    let expect = |case: Case| {
        case.policy(|policy| {
            policy.audience = vec![API];
            policy.audience_mode = Some("sole");
        })
    };
    let rejected = [
        (
            "other-array",
            "A sole audience is expected, and `aud` is an array of another one.",
            r#"["https://other.example"]"#,
        ),
        (
            "other",
            "A sole audience is expected, and `aud` is another one.",
            r#""https://other.example""#,
        ),
        (
            "empty-array",
            "A sole audience is expected, and `aud` is an empty array.",
            "[]",
        ),
        (
            "and-other",
            "A sole audience is expected, and `aud` has another one after it.",
            r#"["@","https://other.example"]"#,
        ),
        (
            "after-other",
            "A sole audience is expected, and `aud` has another one before it.",
            r#"["https://other.example","@"]"#,
        ),
        (
            "twice",
            "A sole audience is expected, and `aud` has it twice.",
            r#"["@","@"]"#,
        ),
        (
            "and-empty",
            "A sole audience is expected, and `aud` has the empty string after it.",
            r#"["@",""]"#,
        ),
    ];
    let mut cases = vec![
        expect(aud(
            SOLE.accept(
                "aud-sole-string",
                "A sole audience is expected, and `aud` is a string.",
            ),
            r#""@""#,
        )),
        expect(aud(
            SOLE.accept(
                "aud-sole-array",
                "A sole audience is expected, and `aud` is an array of it.",
            ),
            r#"["@"]"#,
        )),
        expect(SOLE.reject(
            "missing",
            "aud-sole-missing",
            "A sole audience is expected, and there is none.",
        ))
        .twin("aud-sole-string"),
    ];
    cases.extend(rejected.map(|(slug, about, value)| {
        let case = SOLE.reject("mismatch", format!("aud-sole-{slug}"), about);
        expect(aud(case, value)).twin("aud-sole-array")
    }));
    cases
}

fn not_compared() -> Vec<Case> {
    let any = |case: Case| case.policy(|policy| policy.audience_mode = Some("not compared"));
    vec![
        any(NOT_COMPARED.accept(
            "aud-not-compared-absent",
            "`aud` is not compared, and absent.",
        )),
        any(aud(
            NOT_COMPARED.accept(
                "aud-not-compared-string",
                "`aud` is not compared, and a string.",
            ),
            r#""a""#,
        )),
        any(aud(
            NOT_COMPARED.accept(
                "aud-not-compared-array",
                "`aud` is not compared, and an array.",
            ),
            r#"["a","b"]"#,
        )),
        any(aud(
            NOT_COMPARED.accept(
                "aud-not-compared-empty",
                "`aud` is not compared, and an empty array.",
            ),
            "[]",
        )),
        any(aud(
            NOT_COMPARED.accept(
                "aud-not-compared-required",
                "`aud` is not compared, and required.",
            ),
            r#""a""#,
        ))
        .policy(|policy| policy.required = vec!["aud"]),
        any(NOT_COMPARED.reject(
            "missing",
            "aud-not-compared-missing",
            "`aud` is not compared, and required, and absent.",
        ))
        .policy(|policy| policy.required = vec!["aud"])
        .twin("aud-not-compared-required"),
    ]
}
