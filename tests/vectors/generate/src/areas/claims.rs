//! The values of `iss`, `aud`, `sub`, and which claims must be present.

mod audience;
mod presence;

use crate::case::{Case, Rule, choice, must};

const ISS: Rule = must(&["RFC 7519 §4.1.1", "RFC 8725bis §3.8"]);
const SUB: Rule = must(&["RFC 7519 §4.1.2", "RFC 8725bis §3.8"]);
/// StringOrURI values are compared as strings, without transformations.
const COMPARED: Rule = must(&["RFC 7519 §2", "RFC 7519 §7.3"]);
/// No issuer, subject or id is expected.
const ANY: Rule = choice(&["RFC 7519 §4.1.1", "RFC 7519 §4.1.2", "RFC 7519 §4.1.7"]);
const NO_URI: Rule = choice(&[
    "jwt-ring: whether a StringOrURI is a URI is not checked",
    "RFC 7519 §2",
]);
const IGNORED: Rule = must(&["RFC 7519 §4"]);
const PROFILE: Rule = choice(&["jwt-ring: claims of profiles that are not checked have any type"]);
const CASE: Rule = must(&["RFC 7519 §7.3", "RFC 7519 §4"]);

const ISSUER: &str = "https://issuer.example";

pub(crate) fn cases() -> Vec<Case> {
    [
        issuers(),
        subjects(),
        audience::cases(),
        presence::cases(),
        others(),
    ]
    .concat()
}

fn issuers() -> Vec<Case> {
    let expect = |case: Case| case.policy(|policy| policy.issuer = vec![ISSUER]);
    let iss = |case: Case, iss: &str| case.claims(format!(r#""iss":"{iss}""#));
    let two =
        |case: Case| case.policy(|policy| policy.issuer = vec![ISSUER, "https://two.example"]);
    let mut cases = vec![
        expect(iss(
            ISS.accept("iss-expected", "`iss` is the expected one."),
            ISSUER,
        )),
        iss(
            ANY.accept("iss-any", "No issuer is expected."),
            "https://other.example",
        ),
        expect(ISS.reject(
            "missing",
            "iss-missing",
            "An issuer is expected, and there is none.",
        ))
        .twin("iss-expected"),
        expect(ISS.reject(
            "missing",
            "iss-in-header",
            "An issuer is expected, and the header has it.",
        ))
        .header(format!(
            r#"{{"alg":"HS256","typ":"JWT","kid":"hs256","iss":"{ISSUER}"}}"#
        ))
        .twin("iss-expected"),
        expect(ISS.reject(
            "missing",
            "iss-nested",
            "An issuer is expected, and a claim has it.",
        ))
        .claims(format!(r#""a":{{"iss":"{ISSUER}"}}"#))
        .twin("iss-expected"),
        two(iss(
            ISS.accept("iss-second", "Two are expected, and `iss` is the second."),
            "https://two.example",
        )),
        two(iss(
            ISS.reject(
                "mismatch",
                "iss-neither",
                "Two are expected, and `iss` is neither.",
            ),
            "https://three.example",
        ))
        .twin("iss-second"),
        two(iss(
            ISS.reject(
                "mismatch",
                "iss-both",
                "Two are expected, and `iss` is both, with a space.",
            ),
            "https://issuer.example https://two.example",
        ))
        .twin("iss-second"),
    ];
    let others = [
        (ISS, "other", "another one", "https://other.example"),
        (ISS, "empty", "empty", ""),
        (ISS, "part", "a part of the expected one", "https://issuer"),
        (
            ISS,
            "longer",
            "longer than the expected one",
            "https://issuer.example.attacker.example",
        ),
        (
            ISS,
            "within",
            "a text with the expected one",
            "https://attacker.example/https://issuer.example",
        ),
        (
            ISS,
            "list",
            "a list with the expected one",
            "https://issuer.example,https://attacker.example",
        ),
        (
            COMPARED,
            "upper-case",
            "the expected one with its host in upper case",
            "https://ISSUER.example",
        ),
        (
            COMPARED,
            "slash",
            "the expected one with a slash at its end",
            "https://issuer.example/",
        ),
        (
            COMPARED,
            "port",
            "the expected one with the port of its scheme",
            "https://issuer.example:443",
        ),
        (
            COMPARED,
            "scheme",
            "the expected one with another scheme",
            "http://issuer.example",
        ),
        (
            COMPARED,
            "percent",
            "the expected one with a letter percent-encoded",
            "https://%69ssuer.example",
        ),
        (
            COMPARED,
            "space",
            "the expected one with a space at its end",
            "https://issuer.example ",
        ),
        (
            COMPARED,
            "line-feed",
            "the expected one with a line feed at its end",
            r"https://issuer.example\n",
        ),
        (
            COMPARED,
            "nul",
            "the expected one and more after U+0000",
            r"https://issuer.example\u0000.attacker.example",
        ),
    ];
    cases.extend(others.map(|(rule, slug, what, value)| {
        let case = rule.reject(
            "mismatch",
            format!("iss-{slug}"),
            format!("`iss` is {what}."),
        );
        expect(iss(case, value)).twin("iss-expected")
    }));
    cases.extend([
        iss(
            NO_URI.accept(
                "iss-no-uri",
                "The expected issuer has a colon, and is not a URI.",
            ),
            "a b: c",
        )
        .policy(|policy| policy.issuer = vec!["a b: c"]),
        iss(
            COMPARED.accept("iss-not-ascii", "The expected issuer is not ASCII."),
            r"\u00e9",
        )
        .policy(|policy| policy.issuer = vec!["é"]),
        iss(
            COMPARED.reject(
                "mismatch",
                "iss-normalization",
                "`iss` is the expected one in another normalization.",
            ),
            r"e\u0301",
        )
        .policy(|policy| policy.issuer = vec!["é"])
        .twin("iss-not-ascii"),
    ]);
    cases
}

fn subjects() -> Vec<Case> {
    let sub = |case: Case, sub: &str| case.claims(format!(r#""sub":"{sub}""#));
    let expect = |case: Case| case.policy(|policy| policy.subject = vec!["user-42"]);
    let two = |case: Case| case.policy(|policy| policy.subject = vec!["user-42", "user-43"]);
    vec![
        expect(sub(
            SUB.accept("sub-expected", "`sub` is the expected one."),
            "user-42",
        )),
        sub(ANY.accept("sub-any", "No subject is expected."), "user-43"),
        sub(
            ANY.accept("sub-empty", "No subject is expected, and `sub` is empty."),
            "",
        ),
        expect(SUB.reject(
            "missing",
            "sub-missing",
            "A subject is expected, and there is none.",
        ))
        .twin("sub-expected"),
        expect(sub(
            SUB.reject("mismatch", "sub-other", "`sub` is another one."),
            "user-43",
        ))
        .twin("sub-expected"),
        expect(sub(
            SUB.reject(
                "mismatch",
                "sub-longer",
                "`sub` begins with the expected one.",
            ),
            "user-420",
        ))
        .twin("sub-expected"),
        expect(sub(
            COMPARED.reject(
                "mismatch",
                "sub-upper-case",
                "`sub` is the expected one in upper case.",
            ),
            "USER-42",
        ))
        .twin("sub-expected"),
        two(sub(
            SUB.accept("sub-second", "Two are expected, and `sub` is the second."),
            "user-43",
        )),
        two(sub(
            SUB.reject(
                "mismatch",
                "sub-neither",
                "Two are expected, and `sub` is neither.",
            ),
            "user-44",
        ))
        .twin("sub-second"),
    ]
}

/// Claims that are not known, and names that are similar to those of known claims.
fn others() -> Vec<Case> {
    vec![
        IGNORED
            .accept("unknown", "A claim is not known.")
            .claims(r#""http://example.com/is_root":true"#),
        IGNORED
            .accept(
                "unknown-object",
                "A claim that is not known has members like those of a header.",
            )
            .claims(r#""a":{"alg":"none","crit":["a"]}"#),
        IGNORED
            .accept("parameters", "Claims have the names of header parameters.")
            .claims(r#""alg":"none","crit":["a"],"typ":"at+jwt","b64":false"#),
        PROFILE
            .accept(
                "profile",
                "Claims of profiles that are not checked have any type.",
            )
            .claims(r#""cnf":"a","auth_time":"b","scope":{},"events":[]"#),
        PROFILE
            .accept(
                "profile-nonce",
                "The `nonce` of OpenID Connect is a number.",
            )
            .claims(r#""nonce":7"#),
        ANY.accept("jti", "`jti` has any value.")
            .claims(r#""jti":"""#),
        CASE.accept("upper-case", "Names of claims in upper case are not known.")
            .claims(r#""EXP":1,"NBF":1900000000,"ISS":7,"AUD":"a""#),
        CASE.reject("missing", "exp-upper-case", "`EXP` is not `exp`.")
            .payload(r#"{"sub":"user-42","EXP":1800000900}"#)
            .twin("exp-present"),
        CASE.reject("missing", "exp-space", "`exp` with a space is not `exp`.")
            .payload(r#"{"sub":"user-42","exp ":1800000900}"#)
            .twin("exp-present"),
        CASE.reject(
            "missing",
            "exp-nested",
            "`exp` within a claim is not `exp`.",
        )
        .payload(r#"{"sub":"user-42","a":{"exp":1800000900}}"#)
        .twin("exp-present"),
        CASE.reject(
            "missing",
            "exp-in-header",
            "`exp` in the header is not `exp`.",
        )
        .header(r#"{"alg":"HS256","typ":"JWT","kid":"hs256","exp":1800000900}"#)
        .payload(r#"{"sub":"user-42"}"#)
        .twin("exp-present"),
    ]
}
