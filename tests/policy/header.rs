//! `max_size`, `algorithms`, `typ`, `cty`, and the errors for a malformed header or signature segment.

use jwt_ring::{Algorithm, Claims, SigningKey, Verifier};
use serde_json::Value;

use super::support::{encode, errors, forge, forge_segments};
use super::{Expected, HEADER, check_token, key, lenient};

/// The private key of RFC 8037 A.1.
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

const NOT_BASE64URL: &str = "is not base64url without padding";

fn not_allowed(found: Algorithm) -> Expected {
    Err(errors::algorithm_not_allowed(found))
}

fn typ_mismatch(expected: &[&str]) -> Expected {
    Err(errors::typ_mismatch(expected))
}

fn malformed(reason: &str) -> Expected {
    Err(errors::malformed_header(reason))
}

/// Verifies a token, and returns `Ok` or the error as `Debug` writes it.
fn verify(verifier: &Verifier, token: &str, key: &SigningKey) -> Expected {
    let found = verifier.verify::<Claims<Value>>(token, &key.verifying_key());
    found.map(drop).map_err(|error| errors::text(&error))
}

#[track_caller]
fn check_header(verifier: &Verifier, header: &str, expected: Expected) {
    check_token(verifier, header, "{}", expected);
}

#[test]
fn a_token_may_be_as_long_as_max_size() {
    let padded = |bytes: usize| {
        let start = r#"{"x":""#;
        let padding = "x".repeat(bytes - start.len() - 2);
        forge(&key(), HEADER, format!(r#"{start}{padding}"}}"#))
    };
    let short = padded(100);
    let length = short.len();
    let found = |verifier: &Verifier, token: &str| verify(verifier, token, &key());
    assert_eq!(found(&lenient().max_size(length), &short), Ok(()));
    let expected = Err(errors::too_large(length - 1, length));
    assert_eq!(found(&lenient().max_size(length - 1), &short), expected);
    // The default is 64 KiB.
    let (longest, longer) = (padded(49_103), padded(49_104));
    assert_eq!((longest.len(), longer.len()), (65_536, 65_537));
    assert_eq!(found(&lenient(), &longest), Ok(()));
    let expected = Err(errors::too_large(65_536, 65_537));
    assert_eq!(found(&lenient(), &longer), expected);
    assert_eq!(found(&lenient().max_size(65_537), &longer), Ok(()));
}

#[test]
fn algorithms_adds_when_called_again_and_an_empty_list_allows_none() {
    use Algorithm::{ES256, HS256, HS384};
    for (verifier, expected) in [
        (lenient(), Ok(())),
        (lenient().algorithms([HS256]), Ok(())),
        (lenient().algorithms([ES256, HS256]), Ok(())),
        (lenient().algorithms([ES256]), not_allowed(HS256)),
        (lenient().algorithms([HS384]), not_allowed(HS256)),
        (lenient().algorithms([]), not_allowed(HS256)),
        (lenient().algorithms([]).algorithms([HS256]), Ok(())),
        (lenient().algorithms([HS256]).algorithms([]), Ok(())),
        (lenient().algorithms([HS256]).algorithms([ES256]), Ok(())),
        (lenient().algorithms([ES256]).algorithms([HS256]), Ok(())),
        (
            lenient().algorithms([ES256]).algorithms([HS384]),
            not_allowed(HS256),
        ),
    ] {
        check_header(&verifier, HEADER, expected);
    }
    // An algorithm that is allowed is still compared with that of the key.
    let mismatch = Err(errors::algorithm_mismatch(HS256, HS384));
    let verifier = lenient().algorithms([HS384]);
    check_header(&verifier, r#"{"alg":"HS384"}"#, mismatch);
}

#[test]
fn algorithms_compares_eddsa_and_ed25519_by_name() {
    use Algorithm::{Ed25519, EdDSA};
    for of_key in [EdDSA, Ed25519] {
        let key = SigningKey::from_jwk(of_key, ED25519).expect("a key");
        for of_token in [EdDSA, Ed25519] {
            let token = forge(&key, format!(r#"{{"alg":"{of_token}"}}"#), "{}");
            let found = verify(&lenient(), &token, &key);
            assert_eq!(found, Ok(()), "{of_key} {of_token}");
            for allowed in [
                &[][..],
                &[EdDSA],
                &[Ed25519],
                &[EdDSA, Ed25519],
                &[Algorithm::ES256],
            ] {
                let verifier = lenient().algorithms(allowed.iter().copied());
                let expected = match allowed.contains(&of_token) {
                    true => Ok(()),
                    false => not_allowed(of_token),
                };
                let found = verify(&verifier, &token, &key);
                assert_eq!(found, expected, "{of_key} {of_token} {allowed:?}");
            }
        }
        let token = forge(&key, r#"{"alg":"ES256"}"#, "{}");
        let mismatch = errors::algorithm_mismatch(of_key, Algorithm::ES256);
        assert_eq!(verify(&lenient(), &token, &key), Err(mismatch));
    }
}

#[test]
fn an_expected_typ_must_be_present_and_equal() {
    let access = || lenient().typ("at+jwt");
    let two = || access().typ("JWT");
    for (verifier, typ, expected) in [
        (lenient(), "", Ok(())),
        (lenient(), r#","typ":"JWT""#, Ok(())),
        (lenient(), r#","typ":"jwt""#, Ok(())),
        (lenient(), r#","typ":"application/jwt""#, Ok(())),
        (lenient(), r#","typ":"at+jwt""#, typ_mismatch(&[])),
        (lenient(), r#","typ":"""#, typ_mismatch(&[])),
        (access(), "", typ_mismatch(&["at+jwt"])),
        (access(), r#","typ":"JWT""#, typ_mismatch(&["at+jwt"])),
        (access(), r#","typ":"at+jwt""#, Ok(())),
        (access(), r#","typ":"application/AT+JWT""#, Ok(())),
        (two(), r#","typ":"jwt""#, Ok(())),
        (two(), r#","typ":"at+jwt""#, Ok(())),
        (
            two(),
            r#","typ":"dpop+jwt""#,
            typ_mismatch(&["at+jwt", "JWT"]),
        ),
        // Expecting even the usual `typ` requires it.
        (lenient().typ("JWT"), "", typ_mismatch(&["JWT"])),
        (lenient().typ("JWT"), r#","typ":"JWT""#, Ok(())),
    ] {
        check_header(&verifier, &format!(r#"{{"alg":"HS256"{typ}}}"#), expected);
    }
}

#[test]
fn a_cty_that_is_jwt_is_a_nested_token() {
    let nested = || Err(errors::nested_token());
    let not_a_string = || malformed("has a `cty` that is not a string");
    for (cty, expected) in [
        (r#""JWT""#, nested()),
        (r#""jwt""#, nested()),
        (r#""Jwt""#, nested()),
        (r#""\u004aWT""#, nested()),
        (r#""application/jwt""#, nested()),
        (r#""APPLICATION/JWT""#, nested()),
        (r#""json""#, Ok(())),
        (r#""application/json""#, Ok(())),
        (r#""text/jwt""#, Ok(())),
        (r#""at+jwt""#, Ok(())),
        (r#""JWT ""#, Ok(())),
        (r#""""#, Ok(())),
        ("7", not_a_string()),
        ("null", not_a_string()),
        (r#"["JWT"]"#, not_a_string()),
        (r#"{"JWT":1}"#, not_a_string()),
    ] {
        check_header(
            &lenient(),
            &format!(r#"{{"alg":"HS256","cty":{cty}}}"#),
            expected,
        );
    }
    // `cty` does not stand in for `typ`, nor the other way round.
    let header = r#"{"alg":"HS256","typ":"JWT","cty":"JWT"}"#;
    check_header(&lenient(), header, nested());
    check_header(&lenient().typ("JWT"), header, nested());
}

/// What a nested token holds is a token, and no JSON (RFC 7519 §5.2).
#[test]
fn a_nested_token_is_reported_as_that_and_not_as_malformed() {
    let inner = forge(&key(), HEADER, "{}");
    check_token(
        &lenient(),
        r#"{"alg":"HS256","cty":"JWT"}"#,
        &inner,
        Err(errors::nested_token()),
    );
    let not_json = Err(errors::malformed_payload("is not valid JSON"));
    check_token(&lenient(), HEADER, &inner, not_json);
}

#[test]
fn a_header_parameter_that_is_not_a_string_is_named() {
    for value in ["7", "null", "true", r#"["HS256"]"#, r#"{"HS256":1}"#] {
        for (parameter, header) in [
            ("alg", format!(r#"{{"alg":{value}}}"#)),
            ("typ", format!(r#"{{"alg":"HS256","typ":{value}}}"#)),
            ("kid", format!(r#"{{"alg":"HS256","kid":{value}}}"#)),
            ("cty", format!(r#"{{"alg":"HS256","cty":{value}}}"#)),
        ] {
            let reason = format!("has an `{parameter}` that is not a string");
            let reason = match parameter {
                "alg" => reason,
                _ => reason.replace(" an ", " a "),
            };
            check_header(&lenient(), &header, malformed(&reason));
        }
    }
    check_header(&lenient(), "{}", malformed("has no `alg`"));
    check_header(
        &lenient(),
        r#"{"alg":"HS256","typ":"JWT","kid":"","cty":""}"#,
        Ok(()),
    );
}

#[test]
fn crit_is_rejected_and_b64_other_than_true() {
    let extension = |name| Err(errors::unsupported_extension(name));
    for (members, expected) in [
        (r#""crit":["exp"]"#, extension("crit")),
        (r#""crit":[]"#, extension("crit")),
        (r#""crit":null"#, extension("crit")),
        (r#""\u0063rit":["exp"]"#, extension("crit")),
        (r#""b64":false"#, extension("b64")),
        (r#""b64":null"#, extension("b64")),
        (r#""b64":"true""#, extension("b64")),
        (r#""b64":false,"crit":["b64"]"#, extension("crit")),
        (r#""b64":true,"crit":["b64"]"#, extension("crit")),
        (r#""b64":true"#, Ok(())),
        (r#""Crit":["exp"]"#, Ok(())),
    ] {
        check_header(
            &lenient(),
            &format!(r#"{{"alg":"HS256",{members}}}"#),
            expected,
        );
    }
}

#[test]
fn white_space_after_a_token_is_named() {
    let token = forge(&key(), HEADER, "{}");
    let found = |token: &str| verify(&lenient(), token, &key());
    let malformed_signature = |reason| Err(errors::malformed_signature(reason));
    assert_eq!(found(&token), Ok(()));
    for space in ["\n", "\r\n", "\r", " ", "\t", "  \n"] {
        let with_space = format!("{token}{space}");
        let white_space = "has white space at its end: trim the token";
        assert_eq!(
            found(&with_space),
            malformed_signature(white_space),
            "{space:?}"
        );
        assert_eq!(found(with_space.trim_end()), Ok(()));
    }
    let (signing_input, signature) = token.rsplit_once('.').expect("segments");
    let (start, end) = signature.split_at(20);
    // The last character of 32 bytes holds 4 bits: the next letter in the alphabet differs in the
    // unused ones.
    let last = signature.chars().last().expect("a character");
    let unused = char::from(last as u8 + 1);
    let rest = signature.strip_suffix(last).expect("a character");
    for signature in [
        format!("{signature}="),
        format!("{start} {end}"),
        format!("{start}\n{end}"),
        format!("{signature}\u{a0}"),
        format!("{start}+{end}"),
        format!("{rest}{unused}"),
        format!("{signature}AA"),
    ] {
        let token = format!("{signing_input}.{signature}");
        assert_eq!(
            found(&token),
            malformed_signature(NOT_BASE64URL),
            "{signature:?}"
        );
    }
    for signature in ["", "AA", &encode([0; 2_000]), &format!("{signature}A")] {
        let token = format!("{signing_input}.{signature}");
        let expected = Err(errors::invalid_signature());
        assert_eq!(found(&token), expected, "{signature:?}");
    }
    // White space before the token is in the header segment.
    assert_eq!(found(&format!("\n{token}")), malformed(NOT_BASE64URL));
    // And before the payload, in that segment.
    let spaced = forge_segments(&key(), &encode(HEADER), &format!(" {}", encode("{}")));
    assert_eq!(
        found(&spaced),
        Err(errors::malformed_payload(NOT_BASE64URL))
    );
}

#[test]
fn white_space_before_a_signature_is_not_reported_as_at_its_end() {
    let token = forge(&key(), HEADER, "{}");
    let (signing_input, signature) = token.rsplit_once('.').expect("segments");
    let found = verify(
        &lenient(),
        &format!("{signing_input}.\n{signature}"),
        &key(),
    );
    assert_eq!(found, Err(errors::malformed_signature(NOT_BASE64URL)));
}
