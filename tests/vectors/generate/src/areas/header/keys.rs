//! Parameters that name or hold a key: `kid`, `jwk`, `jku`, `x5u`, `x5c`, `x5t`.

use crate::case::{Case, Rule, choice, must};
use crate::sign::key;

const KID: Rule = must(&["RFC 7515 §4.1.4"]);
/// A verifier need not understand `kid`.
const KID_TYPE: Rule = choice(&["jwt-ring: `kid` is a string", "RFC 7515 §4.1.4"]);
/// The header is not authenticated, so its keys must not be trusted.
const BROUGHT: Rule = must(&["RFC 7515 §10.3", "RFC 8725bis §3.8", "RFC 8725bis §3.10"]);
const NOT_READ: Rule = choice(&[
    "jwt-ring: keys in the header are not read",
    "RFC 8725bis §3.10",
]);

pub(crate) fn cases() -> Vec<Case> {
    [key_ids(), brought(), not_read()].concat()
}

fn key_ids() -> Vec<Case> {
    let mut cases = vec![
        KID.accept("kid", "`kid` is the same as in the key.")
            .header(r#"{"alg":"HS256","typ":"JWT","kid":"hs256" }"#),
    ];
    let values = [
        ("number", "a number", "256"),
        ("null", "`null`", "null"),
        ("array", "an array of the key's", r#"["hs256"]"#),
        ("object", "an object", r#"{"hs256":1}"#),
        ("true", "`true`", "true"),
    ];
    cases.extend(values.map(|(slug, what, value)| {
        let (slug, about) = (format!("kid-{slug}"), format!("`kid` is {what}."));
        let case = KID_TYPE.reject("malformed_header", slug, about);
        case.parameters(format!(r#""kid":{value}"#)).twin("kid")
    }));
    cases
}

/// The header holds the key of an attacker, who signed.
fn brought() -> Vec<Case> {
    let mut cases = Vec::new();
    for (algorithm, own, other) in [
        ("ES256", "es256", "es256-other"),
        ("EdDSA", "ed25519", "ed25519-other"),
        ("RS256", "rsa", "rsa-other"),
        ("HS256", "hs256", "hs256-other"),
    ] {
        let mut jwk = key(other).public();
        jwk.kid = Some(own.into());
        let header = format!(
            r#"{{"alg":"{algorithm}","kid":"{own}","jwk":{}}}"#,
            jwk.json()
        );
        let sign = |case: Case, signer| {
            let case = case.header(&header).sign(signer, algorithm).keys(&[own]);
            case.policy(|policy| policy.algorithms = vec![algorithm])
        };
        let name = algorithm.to_lowercase();
        let slug = format!("jwk-{name}-ignored");
        let about = format!("`jwk` is another key of {algorithm}, which did not sign.");
        cases.push(sign(NOT_READ.accept(&slug, about), own));
        let about = format!("`jwk` is another key of {algorithm}, which signed.");
        let case = BROUGHT.reject("invalid_signature", format!("jwk-{name}"), about);
        cases.push(sign(case, other).twin(slug));
    }
    cases
}

fn not_read() -> Vec<Case> {
    let rows = [
        (
            "jku",
            "`jku` is a URL.",
            r#""jku":"https://attacker.example/jwks.json""#,
        ),
        (
            "jku-local",
            "`jku` is a URL of this host.",
            r#""jku":"http://127.0.0.1/jwks.json""#,
        ),
        (
            "x5u",
            "`x5u` is a URL.",
            r#""x5u":"https://attacker.example/cert.pem""#,
        ),
        ("x5c", "`x5c` is not a certificate.", r#""x5c":["AAAA"]"#),
        (
            "x5t",
            "`x5t` is the hash of another certificate.",
            r#""x5t":"AAAAAAAAAAAAAAAAAAAAAAAAAAA""#,
        ),
        (
            "x5t-s256",
            "`x5t#S256` is not a hash.",
            r##""x5t#S256":"a""##,
        ),
        ("jwk-number", "`jwk` is a number.", r#""jwk":5"#),
        ("jku-null", "`jku` is `null`.", r#""jku":null"#),
        ("x5c-true", "`x5c` is `true`.", r#""x5c":true"#),
    ];
    let cases =
        rows.map(|(slug, about, parameters)| NOT_READ.accept(slug, about).parameters(parameters));
    cases.into()
}
