//! Names: duplicates, private names of serde_json, and escapes.

use jwt_ring::{Claims, Verifier};

use super::structures::{DUPLICATE_NAMES, PRIVATE_NAMES};
use super::support::forge;
use super::{
    DUPLICATE_NAME, PRIVATE_NAME, around, check_document, check_value, header, key, payload,
};

#[test]
fn duplicate_names_are_rejected_at_the_top_level() {
    for (name, object) in DUPLICATE_NAMES {
        check_document(name, object, Err(DUPLICATE_NAME));
        check_value(name, object, Ok(()));
        let text = around(r#"{"alg":"HS256","#, &object[1..], "");
        assert_eq!(header(&text), Err(DUPLICATE_NAME), "{name}");
    }
    let text = br#"{"alg":"HS256","\u0061lg":"HS256"}"#;
    assert_eq!(header(text), Err(DUPLICATE_NAME));
}

/// The first names are compared without a table, later ones with one.
#[test]
fn duplicate_names_are_found_among_any_number() {
    for count in [1, 2, 15, 16, 17, 18, 100, 1_000] {
        let member = |n| format!(r#""n{n}":{n}"#);
        let members: Vec<String> = (0..count).map(member).collect();
        let unique = format!("{{{}}}", members.join(","));
        assert_eq!(payload(unique.as_bytes()), Ok(()), "{count}");
        for n in [0, count / 2, count - 1] {
            for name in [format!("n{n}"), format!(r"\u006e{n}")] {
                let text = format!(r#"{{{},"{name}":0}}"#, members.join(","));
                let result = payload(text.as_bytes());
                assert_eq!(result, Err(DUPLICATE_NAME), "{n} of {count}");
                let text = format!(r#"{{"{name}":0,{}}}"#, members.join(","));
                let result = payload(text.as_bytes());
                assert_eq!(result, Err(DUPLICATE_NAME), "{n} of {count}");
            }
        }
    }
}

#[test]
fn private_names_are_rejected_in_payloads_at_any_depth() {
    for (name, object) in PRIVATE_NAMES {
        check_document(name, object, Err(PRIVATE_NAME));
        for (before, after) in [
            (r#"{"a":"#, "}"),
            (r#"{"a":["#, "]}"),
            (r#"{"a":{"b":[[{"c":"#, "}]]}}"),
        ] {
            let text = around(before, object, after);
            assert_eq!(payload(&text), Err(PRIVATE_NAME), "{name}: {before}");
            let text = around(r#"{"alg":"HS256","#, &text[1..], "");
            assert_eq!(header(&text), Ok(()), "{name}: {before}");
        }
    }
    // As a string it has no meaning.
    let text = br#"{"a":["$serde_json::private::Number"]}"#;
    assert_eq!(payload(text), Ok(()));
}

/// Names are found and values are read with their escapes resolved.
#[test]
fn known_names_are_found_with_escapes() {
    let verifier = Verifier::new().issuer("a/b😀");
    let keys = key().verifying_key();
    for payload in [
        r#"{"iss":"a/b😀","exp":4000000000}"#,
        r#"{"\u0069ss":"a\/b\ud83d\ude00","e\u0078p":4e9}"#,
        r#"{"\u0069\u0073\u0073":"\u0061/b\uD83D\uDE00","\u0065\u0078\u0070":4000000000}"#,
    ] {
        let token = forge(&key(), r#"{"\u0061lg":"HS\u0032\u0035\u0036"}"#, payload);
        let token = verifier.verify::<Claims>(&token, &keys).expect(payload);
        assert_eq!(token.claims().issuer.as_deref(), Some("a/b😀"));
    }
    let token = forge(&key(), r#"{"alg":"HS256"}"#, r#"{"\u0069ss":"a"}"#);
    let error = verifier
        .verify::<Claims>(&token, &keys)
        .expect_err("no exp");
    assert_eq!(format!("{error:?}"), "Missing(Expiration)");
}
