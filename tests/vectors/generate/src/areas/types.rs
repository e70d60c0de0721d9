//! The types of the registered claims.

use crate::case::{Case, Rule, choice, must};

const TYPED: &str = "jwt-ring: a registered claim that is present has its type";
const EXP: Rule = must(&["RFC 7519 §2", "RFC 7519 §4.1.4"]);
const NBF: Rule = must(&["RFC 7519 §2", "RFC 7519 §4.1.5"]);
const IAT: Rule = must(&["RFC 7519 §2", "RFC 7519 §4.1.6"]);
/// No section states that a verifier reads a claim which its policy does not name.
const IAT_UNREAD: Rule = choice(&[TYPED, "RFC 7519 §2", "RFC 7519 §4.1.6"]);
const RANGE: Rule = choice(&[
    "jwt-ring: a NumericDate is in the range of 64-bit seconds",
    "RFC 8259 §6",
]);
const ISS: Rule = must(&["RFC 7519 §2", "RFC 7519 §4.1.1"]);
const SUB: Rule = must(&["RFC 7519 §2", "RFC 7519 §4.1.2"]);
const ISS_UNREAD: Rule = choice(&[TYPED, "RFC 7519 §2", "RFC 7519 §4.1.1"]);
const SUB_UNREAD: Rule = choice(&[TYPED, "RFC 7519 §2", "RFC 7519 §4.1.2"]);
const JTI: Rule = must(&["RFC 7519 §4.1.7"]);
const JTI_UNREAD: Rule = choice(&[TYPED, "RFC 7519 §4.1.7"]);
const AUD: Rule = must(&["RFC 7519 §4.1.3"]);
/// The other elements of `aud`, and all if `aud` is not compared.
const AUD_UNREAD: Rule = choice(&[TYPED, "RFC 7519 §4.1.3"]);
const NOT_COMPARED: Rule = choice(&[
    "jwt-ring: an audience need not be compared",
    "RFC 7519 §4.1.3",
]);
const NULL: Rule = choice(&["jwt-ring: a verifier may treat `null` as an absent claim"]);
const PROFILE: Rule = choice(&["jwt-ring: a claim that is required has its type"]);

pub(crate) fn cases() -> Vec<Case> {
    [
        dates(),
        strings(),
        audiences(),
        expected(),
        nulls(),
        required(),
    ]
    .concat()
}

/// A slug, what a value is, and the value.
type Value = (&'static str, &'static str, &'static str);

/// A case with one claim, in a payload that need not have `exp`.
fn one(case: Case, claim: &str, value: &str) -> Case {
    case.payload(format!(r#"{{"{claim}":{value}}}"#))
        .policy(|policy| policy.allow_missing_expiration = true)
}

fn dates() -> Vec<Case> {
    let values: [Value; 8] = [
        ("string", "a number in a string", r#""1800000000""#),
        ("empty-string", "the empty string", r#""""#),
        (
            "date-string",
            "a date of ISO 8601",
            r#""2027-01-15T08:00:00Z""#,
        ),
        ("null", "`null`", "null"),
        ("true", "`true`", "true"),
        ("false", "`false`", "false"),
        ("array", "an array of a number", "[1800000000]"),
        ("object", "an object", "{}"),
    ];
    let beyond: [Value; 5] = [
        ("above-range", "2^63", "9223372036854775808"),
        ("below-range", "-2^63 - 1", "-9223372036854775809"),
        ("exponent-above-range", "10^300", "1e300"),
        ("above-f64", "greater than a double", "1e400"),
        (
            "huge-exponent",
            "a number with an exponent of 20 digits",
            "1e99999999999999999999",
        ),
    ];
    let mut cases = Vec::new();
    for (valid, typ, claim, good) in [
        (EXP, EXP, "exp", "1800000001"),
        (NBF, NBF, "nbf", "1800000000"),
        (IAT, IAT_UNREAD, "iat", "1800000000"),
    ] {
        let twin = format!("{claim}-number");
        let case = valid.accept(&twin, format!("`{claim}` is a number."));
        cases.push(one(case, claim, good));
        let rows = values.iter().map(|row| (typ, row));
        for (rule, (slug, what, value)) in rows.chain(beyond.iter().map(|row| (RANGE, row))) {
            let about = format!("`{claim}` is {what}.");
            let case = rule.reject("wrong_type", format!("{claim}-{slug}"), about);
            cases.push(one(case, claim, value).twin(&twin));
        }
    }
    cases
}

fn strings() -> Vec<Case> {
    let values: [Value; 6] = [
        ("number", "a number", "7"),
        ("null", "`null`", "null"),
        ("true", "`true`", "true"),
        ("array", "an array of a string", r#"["a"]"#),
        ("empty-array", "an empty array", "[]"),
        ("object", "an object", r#"{"a":"a"}"#),
    ];
    let mut cases = Vec::new();
    for (valid, rule, claim) in [
        (ISS, ISS_UNREAD, "iss"),
        (SUB, SUB_UNREAD, "sub"),
        (JTI, JTI_UNREAD, "jti"),
    ] {
        let twin = format!("{claim}-string");
        let case = valid.accept(&twin, format!("`{claim}` is a string."));
        cases.push(one(case, claim, r#""a""#));
        for (slug, what, value) in values {
            let about = format!("`{claim}` is {what}.");
            let case = rule.reject("wrong_type", format!("{claim}-{slug}"), about);
            cases.push(one(case, claim, value).twin(&twin));
        }
    }
    cases
}

/// `aud`, of which `a` is expected.
fn audiences() -> Vec<Case> {
    let expect = |case: Case| case.policy(|policy| policy.audience = vec!["a"]);
    let values: [Value; 12] = [
        ("number", "a number", "7"),
        ("null", "`null`", "null"),
        ("true", "`true`", "true"),
        ("object", "an object", r#"{"a":"a"}"#),
        (
            "object-like-array",
            "an object with the members of an array",
            r#"{"0":"a","length":1}"#,
        ),
        ("array-of-number", "an array of a number", "[7]"),
        (
            "number-after",
            "an array with a number after the expected one",
            r#"["a",7]"#,
        ),
        (
            "number-before",
            "an array with a number before the expected one",
            r#"[7,"a"]"#,
        ),
        (
            "null-after",
            "an array with `null` after the expected one",
            r#"["a",null]"#,
        ),
        (
            "true-after",
            "an array with `true` after the expected one",
            r#"["a",true]"#,
        ),
        (
            "object-after",
            "an array with an object after the expected one",
            r#"["a",{}]"#,
        ),
        ("nested", "an array of an array", r#"[["a"]]"#),
    ];
    let mut cases = vec![
        expect(one(
            AUD.accept("aud-string", "`aud` is a string."),
            "aud",
            r#""a""#,
        )),
        expect(one(
            AUD.accept("aud-array", "`aud` is an array of strings."),
            "aud",
            r#"["a","b"]"#,
        )),
    ];
    for (slug, what, value) in values {
        let about = format!("`aud` is {what}.");
        let is_beside = slug.ends_with("-after") || slug.ends_with("-before");
        let rule = if is_beside { AUD_UNREAD } else { AUD };
        let case = rule.reject("wrong_type", format!("aud-{slug}"), about);
        let twin = if value.starts_with('[') {
            "aud-array"
        } else {
            "aud-string"
        };
        cases.push(expect(one(case, "aud", value)).twin(twin));
    }
    cases.extend([
        one(
            NOT_COMPARED.accept("aud-not-compared", "`aud` is a string, and not compared."),
            "aud",
            r#""a""#,
        )
        .policy(|policy| policy.audience_mode = Some("not compared")),
        one(
            AUD_UNREAD.reject(
                "wrong_type",
                "aud-not-compared-number",
                "`aud` is a number, and not compared.",
            ),
            "aud",
            "7",
        )
        .policy(|policy| policy.audience_mode = Some("not compared"))
        .twin("aud-not-compared"),
        one(
            AUD_UNREAD.reject(
                "wrong_type",
                "aud-not-compared-nested",
                "`aud` is an array of an array, and not compared.",
            ),
            "aud",
            r#"[["a"]]"#,
        )
        .policy(|policy| policy.audience_mode = Some("not compared"))
        .twin("aud-not-compared"),
    ]);
    cases
}

/// Claims that are expected, as an element or a member of another type.
fn expected() -> Vec<Case> {
    let issuer = |case: Case| case.policy(|policy| policy.issuer = vec!["a"]);
    let subject = |case: Case| case.policy(|policy| policy.subject = vec!["a", "7"]);
    vec![
        issuer(one(
            ISS.accept("iss-expected", "`iss` is expected, and a string."),
            "iss",
            r#""a""#,
        )),
        issuer(one(
            ISS.reject(
                "wrong_type",
                "iss-expected-array",
                "`iss` is an array of the expected one.",
            ),
            "iss",
            r#"["a"]"#,
        ))
        .twin("iss-expected"),
        issuer(one(
            ISS.reject(
                "wrong_type",
                "iss-expected-object",
                "`iss` is an object with the expected one.",
            ),
            "iss",
            r#"{"a":1}"#,
        ))
        .twin("iss-expected"),
        subject(one(
            SUB.accept("sub-expected", "`sub` is expected, and a string."),
            "sub",
            r#""7""#,
        )),
        subject(one(
            SUB.reject(
                "wrong_type",
                "sub-expected-number",
                "`sub` is the expected one as a number.",
            ),
            "sub",
            "7",
        ))
        .twin("sub-expected"),
        subject(one(
            SUB.reject(
                "wrong_type",
                "sub-expected-array",
                "`sub` is an array of the expected one.",
            ),
            "sub",
            r#"["a"]"#,
        ))
        .twin("sub-expected"),
    ]
}

/// A verifier that treats `null` as missing.
fn nulls() -> Vec<Case> {
    let tolerate = |case: Case| case.policy(|policy| policy.null_as_missing = true);
    let mut cases = Vec::new();
    for claim in ["exp", "nbf", "iat", "iss", "aud", "sub", "jti"] {
        let slug = format!("null-{claim}");
        let about = format!("`{claim}` is `null`, which is an absent claim.");
        cases.push(tolerate(one(NULL.accept(&slug, about), claim, "null")));
        let about = format!("`{claim}` is required, and `null`, which is an absent claim.");
        let case = NULL.reject("missing", format!("null-{claim}-required"), about);
        let case = case.policy(|policy| policy.required = vec![claim]);
        cases.push(tolerate(one(case, claim, "null")).twin(slug));
    }
    cases.extend([
        tolerate(NULL.reject(
            "missing",
            "null-exp-by-default",
            "`exp` is `null`, which is an absent claim.",
        ))
        .payload(r#"{"exp":null}"#)
        .twin("null-exp"),
        tolerate(one(
            NULL.reject(
                "missing",
                "null-iss-expected",
                "An issuer is expected, and `iss` is `null`.",
            ),
            "iss",
            "null",
        ))
        .policy(|policy| policy.issuer = vec!["null"])
        .twin("null-iss"),
        tolerate(one(
            NULL.reject(
                "missing",
                "null-aud-expected",
                "An audience is expected, and `aud` is `null`.",
            ),
            "aud",
            "null",
        ))
        .policy(|policy| policy.audience = vec!["null"])
        .twin("null-aud"),
        tolerate(one(
            NULL.reject(
                "wrong_type",
                "null-in-aud",
                "`aud` has the element `null`, which is not an absent claim.",
            ),
            "aud",
            "[null]",
        ))
        .twin("null-aud"),
        tolerate(one(
            NULL.reject(
                "wrong_type",
                "null-other",
                "`null` is an absent claim, and `false` is not.",
            ),
            "iss",
            "false",
        ))
        .twin("null-iss"),
        NULL.accept("null-unknown", "A claim that is not known is `null`.")
            .claims(r#""nonce":null,"name":null"#),
    ]);
    cases
}

/// Claims of profiles have types only if they are required.
fn required() -> Vec<Case> {
    let rows = [
        ("nonce", "7", r#""a""#),
        ("client_id", r#"["a"]"#, r#""a""#),
        ("auth_time", r#""1799999999""#, "1799999999"),
        ("cnf", r#""a""#, "{}"),
    ];
    let mut cases = Vec::new();
    for (claim, bad, good) in rows {
        let name = claim.replace('_', "-");
        let require = |case: Case| case.policy(|policy| policy.required = vec![claim]);
        let twin = format!("required-{name}");
        let case = PROFILE.accept(&twin, format!("`{claim}` is required, and has its type."));
        cases.push(require(one(case, claim, good)));
        let about = format!("`{claim}` is required, and has a wrong type.");
        let case = PROFILE.reject("wrong_type", format!("required-{name}-wrong"), about);
        cases.push(require(one(case, claim, bad)).twin(twin));
    }
    cases
}
