//! How the issuer is read from a payload whose signature was not checked.

use jwt_ring::{Claim, Issuers, Verifier};
use serde_json::json;

use crate::support::{NOW, encode, errors, forge, forge_segments};
use crate::{A, B, Counted, HEADER, error, issuers, key, token, unknown, verifier, verify};

/// Returns the issuer of the claims, or the error, which is that of `select` too.
#[track_caller]
fn select(payload: &str) -> String {
    let token = forge(&key(1), HEADER, payload);
    let issuers = issuers();
    match (issuers.select(&token), verify(&issuers, &token)) {
        (Ok(_), Ok(claims)) => claims.issuer.expect("an issuer"),
        (Err(found), verified) => {
            let found = errors::text(&found);
            assert_eq!(error(verified), found, "{payload}");
            found
        }
        (Ok(_), Err(found)) => panic!("{payload}: {found}"),
    }
}

fn payload(members: &str) -> String {
    format!(r#"{{{members},"exp":{}}}"#, NOW + 60)
}

#[test]
fn the_issuer_must_be_present() {
    let missing = errors::missing(Claim::Issuer);
    assert_eq!(select(&payload(r#""iss":"https://a.example""#)), A);
    for members in [
        r#""sub":"1""#,
        r#""ISS":"https://a.example""#,
        r#""iss ":"https://a.example""#,
        // Not at the top level.
        r#""act":{"iss":"https://a.example"}"#,
        r#""act":[{"iss":"https://a.example"}]"#,
    ] {
        assert_eq!(select(&payload(members)), missing, "{members}");
    }
    assert_eq!(select("{}"), missing);
}

#[test]
fn the_issuer_must_be_a_string() {
    for value in [
        "7",
        "null",
        "true",
        "{}",
        r#"["https://a.example"]"#,
        r#"{"iss":"https://a.example"}"#,
    ] {
        let members = format!(r#""iss":{value}"#);
        let expected = errors::wrong_type(Claim::Issuer);
        assert_eq!(select(&payload(&members)), expected, "{value}");
    }
}

/// The issuer is read before a verifier is known that treats `null` as missing.
#[test]
fn an_issuer_that_is_null_has_a_wrong_type_for_each_verifier() {
    let token = forge(&key(1), HEADER, payload(r#""iss":null"#));
    let lenient = verifier().null_as_missing();
    let issuers = Issuers::new().trust(A, lenient.clone(), key(1).verifying_key());
    let rejected = verify(&issuers, &token);
    assert_eq!(error(rejected), errors::wrong_type(Claim::Issuer));
    let rejected = lenient
        .issuer(A)
        .verify::<serde_json::Value>(&token, &key(1).verifying_key());
    assert_eq!(error(rejected), errors::missing(Claim::Issuer));
}

#[test]
fn the_issuer_is_read_once_however_it_is_written() {
    let duplicate = errors::malformed_payload("has two members of the same name");
    for escaped in [
        r#""iss":"\u0068ttps://a.example""#,
        r#""\u0069ss":"https://a.example""#,
        r#""i\u0073\u0073":"https:\/\/a.example""#,
    ] {
        assert_eq!(select(&payload(escaped)), A, "{escaped}");
        for first in [A, B] {
            let twice = format!(r#""iss":"{first}",{escaped}"#);
            assert_eq!(select(&payload(&twice)), duplicate, "{twice}");
            let twice = format!(r#"{escaped},"iss":"{first}""#);
            assert_eq!(select(&payload(&twice)), duplicate, "{twice}");
        }
    }
    // The value with a backslash is not that with an escape.
    let other = payload(r#""iss":"\\u0068ttps://a.example""#);
    assert_eq!(select(&other), unknown());
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for other in [
        "",
        "https://a.example/",
        "https://A.example",
        "HTTPS://a.example",
        "https://a.example:443",
        "https://a.exampl",
        "https://a.example\u{0}",
        " https://a.example",
        "https://a.example.evil.example",
        "https://\u{430}.example",
    ] {
        let payload = json!({ "iss": other, "exp": NOW + 60 }).to_string();
        assert_eq!(select(&payload), unknown(), "{other:?}");
    }
}

#[test]
fn a_payload_that_is_malformed_is_rejected_with_any_issuer() {
    for (payload, reason) in [
        ("", "is not valid JSON"),
        (r#"{"iss":"https://a.example""#, "is not valid JSON"),
        (r#"{"iss":"https://a.example",}"#, "is not valid JSON"),
        (r#"{"iss":"https://a.example"}{}"#, "is not valid JSON"),
        (r#"["iss","https://a.example"]"#, "is not a JSON object"),
        (r#""iss""#, "is not a JSON object"),
        (
            r#"{"iss":"https://a.example","sub":1,"sub":1}"#,
            "has two members of the same name",
        ),
        (
            r#"{"iss":"https://a.example","sub":"\ud800"}"#,
            "has an escape for half of a surrogate pair",
        ),
    ] {
        let expected = errors::malformed_payload(reason);
        assert_eq!(select(payload), expected, "{payload}");
    }
    let payload = r#"{"iss":"https://a.example"}"#;
    let issuers = issuers();
    for (segment, reason) in [
        (
            format!("{}=", encode(payload)),
            "is not base64url without padding",
        ),
        (encode(b"{\"iss\":\"\xff\"}"), "is not valid UTF-8"),
    ] {
        let token = forge_segments(&key(1), &encode(HEADER), &segment);
        let expected = errors::malformed_payload(reason);
        assert_eq!(error(verify(&issuers, &token)), expected);
    }
}

#[test]
fn size_segments_and_issuer_are_checked_before_the_header() {
    let valid = token(A, 1);
    let issuers = issuers().max_size(valid.len());
    verify(&issuers, &valid).expect("a valid token");
    let issuers = issuers.max_size(valid.len() - 1);
    let too_large = errors::too_large(valid.len() - 1, valid.len());
    assert_eq!(error(verify(&issuers, &valid)), too_large);
    // Before its segments are counted.
    let dots = ".".repeat(valid.len());
    assert_eq!(error(verify(&issuers, &dots)), too_large);
    for (token, found) in [("", 1), ("a.b", 2), ("a.b.c.d", 4), ("a.b.c.d.e", 5)] {
        let rejected = verify(&issuers, token);
        assert_eq!(error(rejected), errors::segments(found), "{token}");
    }
    // The issuer before the header.
    let malformed = |issuer: &str| {
        let payload = json!({ "iss": issuer, "exp": NOW + 60 });
        forge(&key(1), "{", payload.to_string())
    };
    let issuers = issuers.max_size(1000);
    let expected = errors::malformed_header("is not valid JSON");
    assert_eq!(error(verify(&issuers, &malformed(A))), expected);
    assert_eq!(error(verify(&issuers, &malformed("other"))), unknown());
}

#[test]
fn the_default_limit_is_64_kib_and_the_verifier_has_its_own() {
    let padded = |length: usize| {
        // Base64url has four characters for three bytes.
        let mut sub = length * 3 / 4;
        loop {
            let payload = json!({ "iss": A, "exp": NOW + 60, "sub": "x".repeat(sub) });
            let token = forge(&key(1), HEADER, payload.to_string());
            match token.len() {
                found if found <= length => return token,
                _ => sub -= 1,
            }
        }
    };
    let limit = 64 * 1024;
    let longest = padded(limit);
    let longer = padded(limit + 4);
    assert!(longest.len() <= limit && longer.len() > limit);
    verify(&issuers(), &longest).expect("a token of at most 64 KiB");
    let expected = errors::too_large(limit, longer.len());
    assert_eq!(error(verify(&issuers(), &longer)), expected);

    let keys = Counted::new(&key(1));
    let trust = |verifier: Verifier| Issuers::new().trust(A, verifier, keys.clone());
    let issuers = trust(verifier()).max_size(usize::MAX);
    issuers.select(&longer).expect("a trusted issuer");
    assert_eq!(error(verify(&issuers, &longer)), expected);
    let issuers = trust(verifier().max_size(usize::MAX)).max_size(usize::MAX);
    verify(&issuers, &longer).expect("a valid token");
}
