//! Each hostile or wrong token beside the valid one.

mod output;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{Algorithm, NumericDate, Signer, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use crate::checks::{CheckResult, Inspection, inspect};
use crate::options::Options;
use crate::report::lines;
use crate::terminal::render;

const NOW: NumericDate = NumericDate::from_seconds(1_796_169_600);

fn payload() -> Value {
    json!({
        "iss": "https://issuer.example",
        "aud": "https://api.example",
        "sub": "user-42",
        "iat": 1_796_169_600 - 7_200,
        "exp": 1_796_169_600 + 300,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut payload = payload();
    payload[name] = value;
    payload
}

fn options(arguments: &[&str]) -> Result<Options, String> {
    Options::parse(arguments.iter().map(|one| (*one).to_owned()))
}

fn expecting() -> Options {
    let parties = [
        "--issuer",
        "https://issuer.example",
        "--audience",
        "https://api.example",
    ];
    options(&parties).unwrap()
}

/// Signs a payload by the signer, and inspects what `change` makes of it.
fn inspect_changed(payload: &Value, change: impl Fn(String) -> String) -> Inspection {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let keys = key.verifying_key();
    let jwt = change(Signer::new(key).sign(payload).unwrap());
    inspect(&jwt, Some(&keys), &expecting().policy, NOW).unwrap()
}

fn inspect_signed(payload: &Value) -> Inspection {
    inspect_changed(payload, |jwt| jwt)
}

/// Returns the names and codes of the checks that failed.
fn failed(inspection: &Inspection) -> Vec<(&'static str, &'static str)> {
    let checks = inspection.checks.iter();
    checks
        .filter_map(|check| match &check.result {
            CheckResult::Failed(error) => Some((check.name, error.code())),
            _ => None,
        })
        .collect()
}

fn not_checked(inspection: &Inspection) -> Vec<&'static str> {
    let checks = inspection.checks.iter();
    checks
        .filter(|check| matches!(check.result, CheckResult::NotChecked(_)))
        .map(|check| check.name)
        .collect()
}

fn text(inspection: &Inspection) -> String {
    render(&lines(inspection, NOW), false)
}

#[test]
fn a_valid_token_passes_all_checks() {
    let inspection = inspect_signed(&payload());
    assert!(inspection.is_accepted());
    assert_eq!(
        (failed(&inspection), not_checked(&inspection)),
        (vec![], vec![])
    );
    let text = text(&inspection);
    for part in [
        r#"  alg: "ES256""#,
        r#"  sub: "user-42""#,
        "  exp: 1796169900  (2026-12-02T00:05:00Z, in 5 minutes)",
        "  iat: 1796162400  (2026-12-01T22:00:00Z, 2 hours ago)",
        "  ok           signature  valid",
        "\nAccepted\n",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn all_failed_checks_are_shown_not_the_first_alone() {
    let mut payload = with("exp", json!(1_796_169_600 - 60));
    payload["nbf"] = json!(1_796_169_600 + 60);
    payload["iss"] = json!("https://other.example");
    payload["aud"] = json!(["https://other.example"]);
    let inspection = inspect_signed(&payload);
    assert!(!inspection.is_accepted());
    let expected = [
        ("exp", "expired"),
        ("nbf", "not_yet_valid"),
        ("iss", "mismatch"),
        ("aud", "mismatch"),
    ];
    assert_eq!(failed(&inspection), expected);
}

#[test]
fn each_claim_is_checked_as_the_verifier_does() {
    for (name, value, codes) in [
        ("exp", json!(1_796_169_600), vec![("exp", "expired")]),
        ("exp", json!(1_796_169_601), vec![]),
        ("nbf", json!(1_796_169_601), vec![("nbf", "not_yet_valid")]),
        ("nbf", json!(1_796_169_600), vec![]),
        ("aud", json!(["https://api.example", "another"]), vec![]),
        ("aud", json!([]), vec![("aud", "mismatch")]),
        ("sub", json!(""), vec![]),
    ] {
        let inspection = inspect_signed(&with(name, value.clone()));
        assert_eq!(failed(&inspection), codes, "{name} {value}");
        assert_eq!(inspection.is_accepted(), codes.is_empty(), "{name} {value}");
    }
    let mut payload = payload();
    payload.as_object_mut().unwrap().remove("exp");
    assert_eq!(failed(&inspect_signed(&payload)), [("exp", "missing")]);
}

/// Signs a text as it stands, which a `Signer` checks.
fn inspect_raw(header: &str, payload: &str) -> Inspection {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let [header, payload] = [header, payload].map(|text| URL_SAFE_NO_PAD.encode(text));
    let signature = key.sign(format!("{header}.{payload}").as_bytes()).unwrap();
    let jwt = format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode(signature));
    inspect(&jwt, Some(&key.verifying_key()), &expecting().policy, NOW).unwrap()
}

#[test]
fn the_failed_checks_agree_with_the_verifier() {
    let valid = payload().to_string();
    let es256 = r#"{"alg":"ES256"}"#;
    let mut tokens = vec![(es256.into(), valid.clone())];
    for name in ["exp", "nbf", "iat", "iss", "aud", "sub", "jti"] {
        for value in [
            json!(null),
            json!("text"),
            json!(1.5),
            json!(4e9),
            json!(["x"]),
            json!({}),
        ] {
            tokens.push((es256.into(), with(name, value).to_string()));
        }
    }
    for header in [
        r#"{"alg":"ES256","typ":"at+jwt"}"#,
        r#"{"alg":"ES256","typ":7}"#,
        r#"{"alg":"ES256","cty":"JWT"}"#,
        r#"{"alg":"ES256","crit":["exp"]}"#,
        r#"{"alg":"ES384"}"#,
        r#"{"alg":"none"}"#,
        "[]",
    ] {
        tokens.push((header.to_owned(), valid.clone()));
    }
    let duplicate = valid.replace('{', r#"{"sub":"user-1","#);
    let (large, array) = (valid.replace('{', r#"{"x":1e999,"#), format!("[{valid}]"));
    for payload in [
        duplicate,
        large,
        array,
        valid.replace('}', ",}"),
        "{}".into(),
    ] {
        tokens.push((es256.to_owned(), payload));
    }
    let mut accepted = 0;
    for (header, payload) in tokens {
        let inspection = inspect_raw(&header, &payload);
        let failed = failed(&inspection);
        match inspection.result.as_ref().unwrap() {
            Ok(()) => {
                accepted += 1;
                assert_eq!(failed, [], "{header} {payload}");
            }
            Err(error) => {
                let mut codes = failed.iter().map(|(_, code)| *code);
                assert!(
                    codes.any(|code| code == error.code()),
                    "{failed:?} {error} {payload}"
                );
            }
        }
    }
    // The valid one, and valid claims of other values.
    assert_eq!(accepted, 7);
}

#[test]
fn an_expired_token_has_a_remedy() {
    let text = text(&inspect_signed(&with("exp", json!(1_796_169_600 - 7_200))));
    assert!(text.contains("2 hours ago"), "{text}");
    assert!(
        text.contains("failed       exp        the token has expired (expired)"),
        "{text}"
    );
    assert!(text.contains("  obtain a new token"), "{text}");
    assert!(
        text.contains("Rejected: the token has expired (expired)"),
        "{text}"
    );
}

#[test]
fn an_invalid_signature_does_not_hide_the_other_checks() {
    let swap = |jwt: String| {
        let other = Signer::new(SigningKey::generate(Algorithm::ES256).unwrap());
        let forged = other.sign(&payload()).unwrap();
        let signature = forged.rsplit_once('.').unwrap().1;
        format!("{}.{signature}", jwt.rsplit_once('.').unwrap().0)
    };
    let inspection = inspect_changed(&with("sub", json!("user-1")), swap);
    assert_eq!(failed(&inspection), [("signature", "invalid_signature")]);
    assert_eq!(inspection.checks.len(), 11);

    let inspection = inspect_changed(&with("exp", json!(0)), swap);
    let expected = [("signature", "invalid_signature"), ("exp", "expired")];
    assert_eq!(failed(&inspection), expected);
}

#[test]
fn without_a_key_the_signature_is_not_checked_and_nothing_is_accepted() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let jwt = Signer::new(key).sign(&payload()).unwrap();
    let inspection = inspect(&jwt, None, &expecting().policy, NOW).unwrap();
    assert!(!inspection.is_accepted());
    assert_eq!(not_checked(&inspection), ["signature"]);
    assert_eq!(failed(&inspection), []);
    assert!(text(&inspection).contains("\nNot verified: "));
}

#[test]
fn without_an_expected_issuer_or_audience_the_output_names_the_option() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let keys = key.verifying_key();
    let jwt = Signer::new(key).sign(&payload()).unwrap();
    let none = options(&[]).unwrap();
    let inspection = inspect(&jwt, Some(&keys), &none.policy, NOW).unwrap();
    assert_eq!(not_checked(&inspection), ["iss"]);
    assert_eq!(failed(&inspection), [("aud", "unexpected_audience")]);
    let text = text(&inspection);
    assert!(
        text.contains("--issuer") && text.contains("give --audience"),
        "{text}"
    );
}

#[test]
fn the_typ_of_an_access_token_is_expected_by_name() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let keys = key.verifying_key();
    let jwt = Signer::new(key).typ("at+jwt").sign(&payload()).unwrap();
    let mut options = expecting();
    let inspection = inspect(&jwt, Some(&keys), &options.policy, NOW).unwrap();
    assert_eq!(failed(&inspection), [("typ, cty", "typ_mismatch")]);
    options.policy.typ = Some("at+jwt".into());
    let inspection = inspect(&jwt, Some(&keys), &options.policy, NOW).unwrap();
    assert_eq!(failed(&inspection), []);
    assert!(inspection.is_accepted());
}

#[test]
fn garbage_is_reported() {
    for (token, codes) in [
        (
            "",
            vec![("format", "segments"), ("payload", "malformed_payload")],
        ),
        (
            "no token",
            vec![("format", "segments"), ("payload", "malformed_payload")],
        ),
        (
            "a.b.c",
            vec![
                ("format", "malformed_header"),
                ("payload", "malformed_payload"),
            ],
        ),
    ] {
        let inspection = inspect(token, None, &expecting().policy, NOW).unwrap();
        assert_eq!(failed(&inspection), codes, "{token}");
        assert!(text(&inspection).contains("not a JSON object"), "{token}");
    }
}

#[test]
fn an_unsecured_token_is_shown_and_rejected() {
    // {"alg":"none"}, {"sub":"user-42"}
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyLTQyIn0.";
    let key = SigningKey::generate(Algorithm::ES256)
        .unwrap()
        .verifying_key();
    let none = options(&[]).unwrap();
    let inspection = inspect(token, Some(&key), &none.policy, NOW).unwrap();
    assert_eq!(not_checked(&inspection), ["signature", "iss"]);
    let expected = [("format", "unsupported_algorithm"), ("exp", "missing")];
    assert_eq!(failed(&inspection), expected);
    assert!(text(&inspection).contains(r#"sub: "user-42""#));
}

#[test]
fn the_token_beside_the_program_is_valid_and_ends_with_a_newline() {
    let input = include_str!("token.jwt");
    assert!(input.ends_with('\n'));
    let pem = include_str!("../keys/es256.public.pem");
    let key = VerifyingKey::from_pem(Algorithm::ES256, pem).unwrap();
    let policy = expecting().policy;
    for input in [input, &input.replace('\n', "\r\n"), &format!(" {input}")] {
        let inspection = inspect(input, Some(&key), &policy, NOW).unwrap();
        assert!(inspection.is_accepted(), "{input:?}");
    }
}
