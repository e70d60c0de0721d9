//! Names: duplicates, escapes, case, and those with a meaning for serde_json.

use super::documents::in_both;
use crate::case::{Case, Rule, choice, must};

/// Parsers must reject duplicates, or use the last.
const UNIQUE_PARAMETERS: Rule = choice(&["RFC 7515 §4", "RFC 7493 §2.3"]);
const UNIQUE_CLAIMS: Rule = choice(&["RFC 7519 §4", "RFC 7493 §2.3"]);
/// The last of the duplicates is also rejected.
const LAST_PARAMETER: Rule = must(&["RFC 7515 §4"]);
const LAST_CLAIM: Rule = must(&["RFC 7519 §4"]);
const NESTED: Rule = choice(&[
    "RFC 8259 §4",
    "jwt-ring: duplicates within claims are the caller's",
]);
const COMPARED: Rule = must(&["RFC 8259 §8.3", "RFC 7519 §7.3", "RFC 7515 §5.3"]);
const PRIVATE: Rule = choice(&["jwt-ring: no name in a payload is one that serde_json reserves"]);

pub(crate) fn cases() -> Vec<Case> {
    [
        different(),
        twice(),
        decisive(),
        many(),
        escaped(),
        private(),
    ]
    .concat()
}

/// Names that differ, and those of nested objects.
fn different() -> Vec<Case> {
    let both = [
        ("case", "Names differ in their case", r#""a":1,"A":1"#),
        (
            "normalization",
            "Names differ in their normalization",
            "\"é\":1,\"e\u{301}\":1",
        ),
        ("space", "Names differ in a space", r#""a":1,"a ":1"#),
        ("nul", "Names differ in U+0000", r#""a":1,"a\u0000":1"#),
        ("empty", "A name is empty", r#""":1"#),
    ];
    let mut cases = Vec::new();
    for (slug, about, members) in both {
        let case = COMPARED.accept(
            format!("name-{slug}-header"),
            format!("{about}, in the header."),
        );
        cases.push(case.parameters(members));
        let case = COMPARED.accept(
            format!("name-{slug}-payload"),
            format!("{about}, in the payload."),
        );
        cases.push(case.header(r#"{"alg":"HS256"}"#).claims(members));
    }
    cases.extend([
        NESTED
            .accept(
                "duplicate-nested-payload",
                "A nested object of the payload has a name twice.",
            )
            .claims(r#""a":{"b":1,"b":2}"#),
        NESTED
            .accept(
                "duplicate-nested-header",
                "A nested object of the header has a name twice.",
            )
            .parameters(r#""a":{"b":1,"b":2}"#),
        NESTED
            .accept(
                "duplicate-within-cnf",
                "The `cnf` of a token that is not bound has a name twice.",
            )
            .claims(r#""cnf":{"jkt":"a","jkt":"b"}"#),
        COMPARED
            .accept("name-nested", "A nested object has the name of a claim.")
            .claims(r#""a":{"exp":1,"nbf":1900000000}"#),
    ]);
    cases
}

/// Any name twice.
fn twice() -> Vec<Case> {
    let rows = [
        ("same", "has a name twice", r#""a":1,"a":1"#),
        (
            "other-value",
            "has a name twice with other values",
            r#""a":1,"a":2"#,
        ),
        (
            "apart",
            "has a name twice with others between",
            r#""a":1,"b":1,"c":1,"a":1"#,
        ),
        (
            "three-times",
            "has a name three times",
            r#""a":1,"a":1,"a":1"#,
        ),
        ("empty", "has the empty name twice", r#""":1,"":1"#),
        (
            "escaped",
            "has a name twice, the second time escaped",
            r#""a":1,"\u0061":1"#,
        ),
        (
            "escaped-first",
            "has a name twice, the first time escaped",
            r#""\u0061":1,"a":1"#,
        ),
        (
            "escaped-twice",
            "has a name twice, escaped in two ways",
            r#""\n":1,"\u000a":1"#,
        ),
        (
            "slash",
            "has a name twice, with an escaped slash and a bare one",
            r#""\/":1,"/":1"#,
        ),
        (
            "not-ascii",
            "has a name twice that is not ASCII, once escaped",
            "\"é\":1,\"\\u00e9\":1",
        ),
        (
            "pair",
            "has a name twice, once as a surrogate pair",
            "\"😀\":1,\"\\uD83D\\uDE00\":1",
        ),
    ];
    let mut cases = Vec::new();
    for (slug, about, members) in rows {
        let slug = format!("duplicate-{slug}");
        let [in_header, _] = in_both(
            UNIQUE_PARAMETERS,
            &slug,
            about,
            "name-case-header",
            |member| format!("{{{member},{members}}}").into_bytes(),
        );
        let [_, in_payload] = in_both(UNIQUE_CLAIMS, &slug, about, "name-case-payload", |member| {
            format!("{{{member},{members}}}").into_bytes()
        });
        cases.extend([in_header, in_payload]);
    }
    cases.extend(registered());
    cases
}

/// Of the registered claims, `aud` is not compared, and `cnf` not read.
const UNREAD: Rule = choice(&[
    "jwt-ring: an audience need not be compared",
    "RFC 7519 §4.1.3",
    "RFC 7800 §3.1",
]);

/// Registered names twice, with the same value.
fn registered() -> Vec<Case> {
    let claims = [
        ("iss", r#""a""#),
        ("sub", r#""a""#),
        ("aud", r#""a""#),
        ("nbf", "0"),
        ("iat", "0"),
        ("jti", r#""a""#),
        ("cnf", "{}"),
    ];
    let parameters = [("kid", r#""hs256""#), ("typ", r#""JWT""#)];
    let optional = [("cty", r#""a""#), ("jku", r#""a""#)];
    let member = |(name, value): &(&str, &str)| format!(r#""{name}":{value}"#);
    let all_claims = claims.each_ref().map(member).join(",");
    let all_parameters = parameters.each_ref().map(member).join(",");
    let any_audience =
        |case: Case| case.policy(|policy| policy.audience_mode = Some("not compared"));
    let mut cases = vec![
        any_audience(UNREAD.accept(
            "registered-claims",
            "Each registered claim is present once.",
        ))
        .claims(&all_claims),
        COMPARED
            .accept("registered-parameters", "`kid` and `typ` are present once.")
            .parameters(&all_parameters),
    ];
    cases.extend(claims.iter().map(|claim| {
        let (slug, about) = twice_of(claim.0);
        let case = UNIQUE_CLAIMS.reject("malformed_payload", slug, about);
        let case = any_audience(case).claims(format!("{all_claims},{}", member(claim)));
        case.twin("registered-claims")
    }));
    let once = optional.each_ref().map(member).join(",");
    cases.extend(parameters.iter().chain(&optional).map(|parameter| {
        let (slug, about) = twice_of(parameter.0);
        let case = UNIQUE_PARAMETERS.reject("malformed_header", slug, about);
        let case = case.parameters(format!("{all_parameters},{once},{}", member(parameter)));
        case.twin("registered-parameters")
    }));
    cases
}

fn twice_of(name: &str) -> (String, String) {
    (
        format!("duplicate-{name}"),
        format!("`{name}` is present twice."),
    )
}

/// Duplicates of which the first or the last decides.
fn decisive() -> Vec<Case> {
    vec![
        UNIQUE_CLAIMS
            .reject(
                "malformed_payload",
                "duplicate-exp-first-past",
                "The first `exp` is past.",
            )
            .payload(r#"{"exp":1,"exp":1800000900}"#)
            .twin("name-nested"),
        LAST_CLAIM
            .reject(
                "malformed_payload",
                "duplicate-exp-last-past",
                "The last `exp` is past.",
            )
            .payload(r#"{"exp":1800000900,"exp":1}"#)
            .twin("name-nested"),
        LAST_CLAIM
            .reject(
                "malformed_payload",
                "duplicate-exp-escaped-past",
                "The last `exp` is past, and escaped.",
            )
            .payload(r#"{"exp":1800000900,"\u0065xp":1}"#)
            .twin("name-nested"),
        LAST_CLAIM
            .reject(
                "malformed_payload",
                "duplicate-iss-last-other",
                "The last `iss` is another issuer.",
            )
            .claims(r#""iss":"https://issuer.example","iss":"https://other.example""#)
            .policy(|policy| policy.issuer = vec!["https://issuer.example"])
            .twin("escaped-iss"),
        LAST_CLAIM
            .reject(
                "malformed_payload",
                "duplicate-aud-last-other",
                "The last `aud` is another audience.",
            )
            .claims(r#""aud":"https://api.example","aud":"https://other.example""#)
            .policy(|policy| policy.audience = vec!["https://api.example"])
            .twin("escaped-aud"),
        UNIQUE_PARAMETERS
            .reject(
                "malformed_header",
                "duplicate-alg-first-none",
                "The first `alg` is `none`.",
            )
            .header(r#"{"alg":"none","alg":"HS256"}"#)
            .twin("object"),
        LAST_PARAMETER
            .reject(
                "malformed_header",
                "duplicate-alg-last-none",
                "The last `alg` is `none`.",
            )
            .header(r#"{"alg":"HS256","alg":"none"}"#)
            .twin("object"),
        LAST_PARAMETER
            .reject(
                "malformed_header",
                "duplicate-crit",
                "`crit` is present twice.",
            )
            .parameters(r#""crit":["exp"],"crit":["exp"]"#)
            .twin("object"),
    ]
}

/// Duplicates among many members, for which a reader may use another table.
fn many() -> Vec<Case> {
    let members = |count: usize, last: &str| {
        let names = (0..count).map(|n| format!(r#""n{n}":0"#));
        names
            .chain([format!(r#""{last}":0"#)])
            .collect::<Vec<_>>()
            .join(",")
    };
    let mut cases = Vec::new();
    for count in [16, 200] {
        let about = format!("The payload has {count} members and one more.");
        let slug = format!("many-{count}");
        cases.push(COMPARED.accept(&slug, about).claims(members(count, "a")));
        for (which, n) in [("first", 0), ("middle", count / 2 - 2), ("last", count - 1)] {
            let about = format!("The payload has {count} members and the {which} one again.");
            let case =
                UNIQUE_CLAIMS.reject("malformed_payload", format!("many-{count}-{which}"), about);
            cases.push(case.claims(members(count, &format!("n{n}"))).twin(&slug));
        }
    }
    cases
}

/// Names and values that are compared after their escapes are resolved.
fn escaped() -> Vec<Case> {
    vec![
        COMPARED
            .accept("escaped-alg", "`alg` and its value are escaped.")
            .header(r#"{"\u0061lg":"HS\u00325\u0036"}"#),
        COMPARED
            .accept("escaped-exp", "`exp` is escaped.")
            .payload(r#"{"\u0065\u0078\u0070":1800000900}"#),
        COMPARED
            .reject("expired", "escaped-exp-past", "`exp` is escaped, and past.")
            .payload(r#"{"\u0065xp":1}"#)
            .twin("escaped-exp"),
        COMPARED
            .reject(
                "not_yet_valid",
                "escaped-nbf",
                "`nbf` is escaped, and in the future.",
            )
            .claims(r#""n\u0062f":1900000000"#)
            .twin("escaped-exp"),
        COMPARED
            .accept("escaped-iss", "The value of `iss` is escaped.")
            .claims(r#""iss":"https:\/\/\u0069ssuer.example""#)
            .policy(|policy| policy.issuer = vec!["https://issuer.example"]),
        COMPARED
            .accept("escaped-short", "The value of `iss` has all short escapes.")
            .claims(r#""iss":"\"\\\/\b\f\n\r\t""#)
            .policy(|policy| policy.issuer = vec!["\"\\/\u{8}\u{c}\n\r\t"]),
        COMPARED
            .accept("escaped-aud", "An element of `aud` is escaped.")
            .claims(r#""aud":["https:\/\/api.exampl\u0065"]"#)
            .policy(|policy| policy.audience = vec!["https://api.example"]),
        COMPARED
            .accept("escaped-kid", "The value of `kid` is escaped.")
            .parameters(r#""\u006bid":"\u0068s256""#),
        COMPARED
            .accept("escaped-typ", "The value of `typ` is escaped.")
            .parameters(r#""t\u0079p":"at\u002bjwt""#)
            .policy(|policy| policy.typ = vec!["at+jwt"]),
        COMPARED
            .reject(
                "unsupported_extension",
                "escaped-crit",
                "`crit` is escaped.",
            )
            .parameters(r#""\u0063rit":["a"],"a":1"#)
            .twin("escaped-kid"),
        COMPARED
            .reject(
                "nested_token",
                "escaped-cty",
                "The value of `cty` is escaped.",
            )
            .parameters(r#""cty":"J\u0057T""#)
            .twin("escaped-kid"),
    ]
}

fn private() -> Vec<Case> {
    let rows = [
        ("number", "A claim", r#""$serde_json::private::Number":"1""#),
        (
            "escaped",
            "An escaped claim",
            r#""\u0024serde_json::private::Number":"1""#,
        ),
        (
            "nested",
            "A member of a claim",
            r#""a":{"$serde_json::private::Number":"1"}"#,
        ),
    ];
    let mut cases = vec![
        PRIVATE
            .accept(
                "private-similar",
                "Names are similar to those that serde_json reserves.",
            )
            .claims(r#""$serde_json::private":1,"serde_json::private::Number":2"#),
        PRIVATE
            .accept(
                "private-value",
                "A string is a name that serde_json reserves.",
            )
            .claims(r#""a":"$serde_json::private::Number""#),
        PRIVATE
            .accept(
                "private-header",
                "A header parameter has a name that serde_json reserves.",
            )
            .parameters(r#""$serde_json::private::Number":"1""#),
    ];
    cases.extend(rows.map(|(slug, what, members)| {
        let about = format!("{what} has a name that serde_json reserves.");
        let case = PRIVATE.reject("malformed_payload", format!("private-{slug}"), about);
        case.claims(members).twin("private-similar")
    }));
    cases
}
