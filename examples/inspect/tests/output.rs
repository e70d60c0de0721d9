//! Arguments, dates, and what reaches the terminal.

use std::time::Duration;

use jwt_ring::{Algorithm, KeySet, NumericDate, VerifyingKey};
use serde_json::json;

use super::{NOW, expecting, inspect_signed, options, payload, text, with};
use crate::checks::inspect;
use crate::dates::{distance, rfc3339};
use crate::report::lines;
use crate::terminal::{printable, render};

#[test]
fn escape_sequences_do_not_reach_the_terminal() {
    let hostile = "\u{1b}[2J\u{1b}]0;title\u{7}\r\u{9b}31m\u{7f}\u{202e}\u{200b}";
    let mut payload = with("sub", json!(hostile));
    payload[hostile] = json!(1);
    payload["name"] = json!("Zo\u{eb} \u{5f20}");
    let inspection = inspect_signed(&payload);
    assert!(inspection.is_accepted());
    let text = text(&inspection);
    let control = |character: char| character != '\n' && character.is_control();
    assert!(!text.contains(control), "{text:?}");
    assert!(!text.contains(['\u{202e}', '\u{200b}']), "{text:?}");
    assert!(text.contains("Zo\u{eb} \u{5f20}"), "{text:?}");
    assert_eq!(printable("a\u{1b}[0m\n\"b\"\\"), "a\\u{1b}[0m\\n\"b\"\\");
}

#[test]
fn colours_are_of_the_program_alone() {
    let inspection = inspect_signed(&payload());
    assert!(render(&lines(&inspection, NOW), true).contains("\u{1b}[32mAccepted\u{1b}[0m\n"));
    assert!(!text(&inspection).contains('\u{1b}'));
}

#[test]
fn dates_are_in_words() {
    for (seconds, words) in [
        (0, "now"),
        (1, "in 1 second"),
        (-59, "59 seconds ago"),
        (300, "in 5 minutes"),
        (-7_200, "2 hours ago"),
        (7_199, "in 119 minutes"),
        (-172_800, "2 days ago"),
        (63_072_000, "in 2 years"),
    ] {
        let at = NumericDate::from_seconds(NOW.seconds() + seconds);
        assert_eq!(distance(at, NOW), words);
    }
    let end = NumericDate::from_seconds(i64::MAX);
    assert_eq!(distance(end, NOW), "in 292471208620 years");
    assert_eq!(rfc3339(end), "9223372036854775807 seconds since 1970");
    assert_eq!(
        rfc3339(NOW.saturating_sub(Duration::from_secs(1))),
        "2026-12-01T23:59:59Z"
    );
}

#[test]
fn wrong_options_are_reported_without_repeating_them() {
    for (arguments, message) in [
        (
            &["eyJ.secret.token"][..],
            "expected an option, found another argument",
        ),
        (&["--issuer"], "expected a value after --issuer, found none"),
        (
            &["--pem", "key.pem"],
            "expected --jwks alone, or --pem with --alg",
        ),
        (
            &["--alg", "ES256"],
            "expected --jwks alone, or --pem with --alg",
        ),
        (
            &["--jwks", "a", "--pem", "b", "--alg", "ES256"],
            "expected --jwks alone, or --pem with --alg",
        ),
    ] {
        let error = options(arguments).unwrap_err();
        assert!(error.starts_with(message), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
    assert!(options(&["--pem", "key.pem", "--alg", "ES256"]).is_ok());
    assert!(options(&["--jwks", "keys.json"]).is_ok());
}

#[test]
fn keys_are_loaded_from_files() {
    let pem = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/keys/es256.public.pem"
    );
    let (keys, _) = options(&["--pem", pem, "--alg", "ES256"])
        .unwrap()
        .keys()
        .unwrap();
    let token = include_str!("../token.jwt");
    let policy = expecting().policy;
    assert!(
        inspect(token, keys.as_deref(), &policy, NOW)
            .unwrap()
            .is_accepted()
    );

    let error = options(&["--pem", pem, "--alg", "RS256"])
        .unwrap()
        .keys()
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .contains("es256.public.pem: expected an RSA public key"),
        "{error}"
    );

    let jwk = VerifyingKey::from_pem(Algorithm::ES256, std::fs::read(pem).unwrap()).unwrap();
    let mut set = serde_json::to_value(KeySet::from_iter([jwk.with_id("2026-11")])).unwrap();
    set["keys"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "kty": "unknown" }));
    let jwks = std::env::temp_dir().join(format!("inspect-{}.json", std::process::id()));
    std::fs::write(&jwks, set.to_string()).unwrap();
    let loaded = options(&["--jwks", jwks.to_str().unwrap()]).unwrap().keys();
    std::fs::remove_file(&jwks).unwrap();
    let (keys, ignored) = loaded.unwrap();
    assert!(
        inspect(token, keys.as_deref(), &policy, NOW)
            .unwrap()
            .is_accepted()
    );
    assert!(
        ignored[0].starts_with("key 1 of the set is left out: expected a JWK"),
        "{ignored:?}"
    );
}
