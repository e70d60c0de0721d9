//! `typ` and `cty`.

use crate::case::{Case, Rule, choice, must};

const MEDIA_TYPE: Rule = must(&["RFC 7515 §4.1.9", "RFC 7519 §5.1", "RFC 8725bis §3.11"]);
const EXPLICIT: Rule = must(&["RFC 8725bis §3.11", "RFC 8725bis §3.12"]);
const UNEXPECTED: Rule = choice(&[
    "jwt-ring: `typ` is absent or `JWT` unless one is expected",
    "RFC 8725bis §3.11",
]);
const TYPES: Rule = choice(&["jwt-ring: `typ` and `cty` are strings", "RFC 7515 §4.1.9"]);
const CLAIMS: Rule = must(&["RFC 7519 §7.2"]);
/// The application decides what it does with `cty`.
const CONTENT_TYPE: Rule = choice(&[
    "jwt-ring: `cty` is compared with `JWT` only",
    "RFC 7515 §4.1.10",
]);
const NESTED: Rule = must(&["RFC 7519 §7.2", "RFC 7519 §5.2"]);
/// Step 8 of RFC 7519 §7.2 names `JWT` only.
const NESTED_TYPE: Rule = choice(&[
    "jwt-ring: `cty` is compared by the rules of media types",
    "RFC 7519 §5.2",
]);
const NESTED_TOKEN: Rule = choice(&["jwt-ring: nested tokens are not supported", "RFC 7519 §5.2"]);
const CASE: Rule = must(&["RFC 7515 §5.3", "RFC 7515 §4"]);

pub(crate) fn cases() -> Vec<Case> {
    [default(), expected(), wrong_types(), content_type()].concat()
}

fn typ(case: Case, typ: &str) -> Case {
    case.parameters(format!(r#""typ":"{typ}""#))
}

/// No `typ` is expected.
fn default() -> Vec<Case> {
    let accepted = [
        ("typ-jwt", "`typ` is `JWT`.", "JWT"),
        ("typ-jwt-lower-case", "`typ` is in lower case.", "jwt"),
        (
            "typ-jwt-prefix",
            "`typ` has the prefix of media types.",
            "application/jwt",
        ),
        (
            "typ-jwt-prefix-upper-case",
            "`typ` has the prefix in upper case.",
            "APPLICATION/JWT",
        ),
    ];
    let rejected = [
        (
            "typ-access-token",
            "`typ` is the type of access tokens.",
            "at+jwt",
        ),
        (
            "typ-access-token-prefix",
            "`typ` is the type of access tokens with its prefix.",
            "application/at+jwt",
        ),
        ("typ-jose", "`typ` is the type of any JWS.", "JOSE"),
        ("typ-empty", "`typ` is empty.", ""),
        ("typ-cut", "`typ` is the start of `JWT`.", "JW"),
        ("typ-longer", "`typ` begins with `JWT`.", "JWTS"),
        ("typ-space", "`typ` ends with a space.", "JWT "),
        (
            "typ-other-tree",
            "`typ` is `jwt` in another tree.",
            "text/jwt",
        ),
        (
            "typ-two-slashes",
            "`typ` has the prefix and another slash.",
            "application/a/jwt",
        ),
        ("typ-prefix-only", "`typ` is the prefix.", "application/"),
        (
            "typ-parameter",
            "`typ` has a parameter of media types.",
            "JWT; charset=utf-8",
        ),
    ];
    let mut cases = vec![
        MEDIA_TYPE
            .accept("typ-absent", "`typ` is absent.")
            .parameters(r#""kid":"hs256""#),
        CASE.accept(
            "typ-name-upper-case",
            "`TYP` is a parameter that is not known.",
        )
        .parameters(r#""TYP":"at+jwt""#),
    ];
    cases.extend(accepted.map(|(slug, about, value)| typ(MEDIA_TYPE.accept(slug, about), value)));
    cases.extend(rejected.map(|(slug, about, value)| {
        typ(UNEXPECTED.reject("typ_mismatch", slug, about), value).twin("typ-jwt")
    }));
    cases
}

/// `at+jwt` is expected.
fn expected() -> Vec<Case> {
    let expect = |case: Case| case.policy(|policy| policy.typ = vec!["at+jwt"]);
    let accepted = [
        ("expected", "`typ` is the expected one.", "at+jwt"),
        (
            "expected-upper-case",
            "`typ` is the expected one in upper case.",
            "AT+JWT",
        ),
        (
            "expected-prefix",
            "`typ` is the expected one with its prefix.",
            "application/at+jwt",
        ),
    ];
    let rejected = [
        (
            "expected-jwt",
            "A `typ` is expected, and the parameter is `JWT`.",
            "JWT",
        ),
        (
            "expected-other",
            "A `typ` is expected, and the parameter is another one.",
            "logout+jwt",
        ),
        (
            "expected-empty",
            "A `typ` is expected, and the parameter is empty.",
            "",
        ),
        (
            "expected-longer",
            "A `typ` is expected, and the parameter begins with it.",
            "at+jwt+a",
        ),
        (
            "expected-shorter",
            "A `typ` is expected, and the parameter is its end.",
            "t+jwt",
        ),
        (
            "expected-other-tree",
            "A `typ` is expected, and the parameter is in another tree.",
            "text/at+jwt",
        ),
        (
            "expected-list",
            "A `typ` is expected, and the parameter is a list that has it.",
            "JWT,at+jwt",
        ),
    ];
    let mut cases = vec![
        EXPLICIT
            .reject(
                "typ_mismatch",
                "typ-expected-absent",
                "A `typ` is expected, and the parameter is absent.",
            )
            .parameters(r#""kid":"hs256""#)
            .policy(|policy| policy.typ = vec!["at+jwt"])
            .twin("typ-expected"),
        typ(
            MEDIA_TYPE.accept(
                "typ-expected-with-prefix",
                "The expected `typ` has its prefix.",
            ),
            "at+jwt",
        )
        .policy(|policy| policy.typ = vec!["application/at+jwt"]),
        typ(
            EXPLICIT.accept("typ-expected-tree", "A `typ` of another tree is expected."),
            "example/at+jwt",
        )
        .policy(|policy| policy.typ = vec!["example/at+jwt"]),
        typ(
            EXPLICIT.reject(
                "typ_mismatch",
                "typ-expected-tree-prefix",
                "A `typ` of another tree is expected, and the parameter has the prefix.",
            ),
            "application/example/at+jwt",
        )
        .policy(|policy| policy.typ = vec!["example/at+jwt"])
        .twin("typ-expected-tree"),
        typ(
            EXPLICIT.accept(
                "typ-expected-second",
                "Two are expected, and `typ` is the second.",
            ),
            "JWT",
        )
        .policy(|policy| policy.typ = vec!["at+jwt", "JWT"]),
        typ(
            EXPLICIT.reject(
                "typ_mismatch",
                "typ-expected-neither",
                "Two are expected, and `typ` is neither.",
            ),
            "logout+jwt",
        )
        .policy(|policy| policy.typ = vec!["at+jwt", "JWT"])
        .twin("typ-expected-second"),
    ];
    cases.extend(accepted.map(|(slug, about, value)| {
        expect(typ(MEDIA_TYPE.accept(format!("typ-{slug}"), about), value))
    }));
    cases.extend(rejected.map(|(slug, about, value)| {
        let case = EXPLICIT.reject("typ_mismatch", format!("typ-{slug}"), about);
        expect(typ(case, value)).twin("typ-expected")
    }));
    cases
}

fn wrong_types() -> Vec<Case> {
    let values = [
        ("number", "a number", "5"),
        ("null", "`null`", "null"),
        ("array", "an array", r#"["JWT"]"#),
        ("object", "an object", "{}"),
        ("false", "`false`", "false"),
    ];
    let names = [(TYPES, "typ", "typ-jwt"), (TYPES, "cty", "cty-json")];
    let cases = names.map(|(rule, name, twin)| {
        values.map(|(slug, what, value)| {
            let (slug, about) = (format!("{name}-{slug}"), format!("`{name}` is {what}."));
            let case = rule.reject("malformed_header", slug, about);
            case.parameters(format!(r#""{name}":{value}"#)).twin(twin)
        })
    });
    cases.concat()
}

fn content_type() -> Vec<Case> {
    let cty = |case: Case, cty: &str| case.parameters(format!(r#""cty":"{cty}""#));
    let accepted = [
        ("cty-json", "`cty` is `json`.", "json"),
        ("cty-empty", "`cty` is empty.", ""),
        ("cty-longer", "`cty` begins with `JWT`.", "JWTS"),
        (
            "cty-other-tree",
            "`cty` is `jwt` in another tree.",
            "text/jwt",
        ),
    ];
    let rejected = [
        (
            NESTED,
            "cty-jwt",
            "`cty` is `JWT`, and the payload is an object.",
            "JWT",
        ),
        (
            NESTED_TYPE,
            "cty-jwt-lower-case",
            "`cty` is `JWT` in lower case.",
            "jwt",
        ),
        (
            NESTED_TYPE,
            "cty-jwt-prefix",
            "`cty` is `JWT` with the prefix of media types.",
            "application/jwt",
        ),
    ];
    let mut cases = vec![
        NESTED_TOKEN
            .reject(
                "nested_token",
                "cty-nested",
                "`cty` is `JWT`, and the payload is a valid token.",
            )
            .parameters(r#""cty":"JWT""#)
            .payload(inner())
            .twin("cty-json"),
        CLAIMS
            .reject(
                "malformed_payload",
                "nested-without-cty",
                "The payload is a valid token, and there is no `cty`.",
            )
            .payload(inner())
            .twin("cty-json"),
    ];
    cases.extend(accepted.map(|(slug, about, value)| cty(CONTENT_TYPE.accept(slug, about), value)));
    cases.extend(rejected.map(|(rule, slug, about, value)| {
        cty(rule.reject("nested_token", slug, about), value).twin("cty-json")
    }));
    cases
}

/// Returns a valid token.
fn inner() -> String {
    CONTENT_TYPE.accept("inner", "The inner token.").token()
}
