//! `VerifyError`.

use jwt_ring::{
    Algorithm, Claim, Claims, Issuers, SigningKey, Unverified, Verifier, VerifyError, VerifyingKey,
};
use serde_json::{Value, json};

use super::support::{NOW, forge};
use super::{HEADER, MINUTE, check, key, verifier, verify, with_header, with_payload};

#[test]
fn messages_and_codes_of_verify_error_before_the_signature() {
    let hs256 = forge(&key(), HEADER, "{}");
    let header = |members: &str| with_header(&format!(r#"{{"alg":"HS256",{members}}}"#));
    let es256 = SigningKey::generate(Algorithm::ES256).expect("a key");
    let mismatch = verifier().verify::<Claims>(&hs256, &es256.verifying_key());
    let issued = forge(&key(), HEADER, r#"{"iss":"https://issuer.example"}"#);
    let unknown = Issuers::<VerifyingKey>::new().verify::<Claims>(&issued);
    check(&[
        (
            verify(&verifier().max_size(2), "abc"),
            "too_large",
            "expected a token of at most 2 bytes, found 3",
        ),
        (
            verify(&verifier(), "a.b"),
            "segments",
            "expected a token of three segments between dots, found 2",
        ),
        (
            verify(&verifier(), "a.b.c.d.e"),
            "segments",
            "expected a token of three segments between dots, found 5 (an encrypted token, a JWE)",
        ),
        (
            unknown.expect_err("no issuer is trusted"),
            "unknown_issuer",
            "expected an `iss` that `Issuers::trust` was given, found another",
        ),
        (
            with_header(r#"{"alg":7}"#),
            "malformed_header",
            "the token's header has an `alg` that is not a string",
        ),
        (
            header(r#""typ":7"#),
            "malformed_header",
            "the token's header has a `typ` that is not a string",
        ),
        (
            header(r#""kid":7"#),
            "malformed_header",
            "the token's header has a `kid` that is not a string",
        ),
        (
            header(r#""crit":["exp"]"#),
            "unsupported_extension",
            "the token's header has the parameter `crit`, which is not supported",
        ),
        (
            with_header(r#"{"alg":"none"}"#),
            "unsupported_algorithm",
            "the token's `alg` is not a supported signature algorithm",
        ),
        (
            verify(&verifier().algorithms([Algorithm::ES256]), &hs256),
            "algorithm_not_allowed",
            "expected an `alg` that `Verifier::algorithms` lists, found HS256",
        ),
        (
            mismatch.expect_err("another algorithm"),
            "algorithm_mismatch",
            "expected a token signed with ES256, found one that names HS256",
        ),
        (
            verify(&verifier(), &format!("{hs256}\n")),
            "malformed_signature",
            "the token's signature has white space at its end: trim the token",
        ),
        (
            verify(&verifier(), &format!("{hs256}=")),
            "malformed_signature",
            "the token's signature is not base64url without padding",
        ),
        (
            verify(&verifier(), &format!("{hs256}A")),
            "invalid_signature",
            "the signature is invalid",
        ),
    ]);
}

#[test]
fn messages_and_codes_of_verify_error_after_the_signature() {
    let header = |verifier: Verifier, header: &str| verify(&verifier, &forge(&key(), header, "{}"));
    let at_jwt = r#"{"alg":"HS256","typ":"at+jwt"}"#;
    check(&[
        (
            header(verifier(), at_jwt),
            "typ_mismatch",
            "expected `typ` to be absent or \"JWT\", found another value: set the expected one with \
             `Verifier::typ`",
        ),
        (
            header(verifier().typ("a").typ("b\n"), at_jwt),
            "typ_mismatch",
            "expected `typ` to be \"a\" or \"b\\n\", found another value or none",
        ),
        (
            with_header(r#"{"alg":"HS256","cty":"JWT"}"#),
            "nested_token",
            "the token's `cty` is `JWT`: nested tokens are not supported",
        ),
        (
            verify(&verifier(), &forge(&key(), HEADER, "[]")),
            "malformed_payload",
            "the token's payload is not a JSON object",
        ),
        (
            with_payload(&verifier(), &json!({ "exp": "soon" })),
            "wrong_type",
            "expected the claim `exp` to be a number of seconds since 1970, found another type",
        ),
        (
            with_payload(&verifier(), &json!({ "iss": 7 })),
            "wrong_type",
            "expected the claim `iss` to be a string, found another type",
        ),
        (
            with_payload(&verifier(), &json!({ "aud": 7 })),
            "wrong_type",
            "expected the claim `aud` to be a string or an array of strings, found another type",
        ),
        (
            with_payload(
                &verifier().require(Claim::Confirmation),
                &json!({ "cnf": 7 }),
            ),
            "wrong_type",
            "expected the claim `cnf` to be an object, found another type",
        ),
        (
            with_payload(&verifier().require(Claim::Amr), &json!({ "amr": "pwd" })),
            "wrong_type",
            "expected the claim `amr` to be an array of strings, found another type",
        ),
        (
            with_payload(
                &verifier().require(Claim::Groups),
                &json!({ "groups": "a" }),
            ),
            "wrong_type",
            "expected the claim `groups` to be an array, found another type",
        ),
        (
            with_payload(&verifier().require(Claim::JwtId), &json!({})),
            "missing",
            "expected the claim `jti`, found none",
        ),
        (
            with_payload(&verifier(), &json!({ "aud": "a" })),
            "unexpected_audience",
            "expected no claim `aud`, found one: set your audience with \
             `Verifier::audience`",
        ),
        (
            with_payload(&verifier().issuer("a"), &json!({ "iss": "b" })),
            "mismatch",
            "expected the claim `iss` to be \"a\", found another value",
        ),
        (
            with_payload(
                &verifier().audience("a").audience("b"),
                &json!({ "aud": [] }),
            ),
            "mismatch",
            "expected the claim `aud` to be \"a\" or \"b\", found another value",
        ),
    ]);
}

#[test]
fn messages_and_codes_of_verify_error_for_times() {
    let aged = || verifier().max_age(MINUTE);
    check(&[
        (
            with_payload(&verifier(), &json!({ "exp": NOW })),
            "expired",
            "the token has expired",
        ),
        (
            with_payload(&verifier(), &json!({ "nbf": NOW + 1 })),
            "not_yet_valid",
            "the token is not valid yet",
        ),
        (
            with_payload(&aged(), &json!({ "iat": NOW + 1 })),
            "issued_in_future",
            "the token was issued in the future: is a clock wrong?",
        ),
        (
            with_payload(&aged(), &json!({ "iat": NOW - 61 })),
            "too_old",
            "the time in the claim `iat` is longer ago than `max_age`",
        ),
        (
            with_payload(
                &verifier().max_lifetime(MINUTE),
                &json!({ "iat": NOW, "exp": NOW + 61 }),
            ),
            "lifetime_too_long",
            "the token's lifetime is longer than `max_lifetime`",
        ),
    ]);
}

#[test]
fn messages_and_codes_of_verify_error_for_the_callers_type() {
    #[derive(Debug, serde::Deserialize)]
    struct App {
        #[expect(dead_code, reason = "read to see that it is present")]
        role: u8,
    }

    fn fit<C: serde::de::DeserializeOwned>(payload: &Value) -> VerifyError {
        let token = forge(&key(), HEADER, payload.to_string());
        let found = verifier().verify::<C>(&token, &key().verifying_key());
        found.map(drop).expect_err("a token that does not fit")
    }

    let long = "n".repeat(100);
    let cut = "n".repeat(64);
    check(&[
        (
            fit::<Claims<App>>(&json!({})),
            "custom_claims",
            "the payload's member \"role\" is missing, and the expected type requires it",
        ),
        (
            fit::<Claims<App>>(&json!({ "role": "admin" })),
            "custom_claims",
            "the payload's member \"role\" does not fit the expected type",
        ),
        (
            fit::<std::collections::BTreeMap<String, u8>>(&json!({ "a\nb": "c" })),
            "custom_claims",
            "the payload's member \"a\\nb\" does not fit the expected type",
        ),
        (
            fit::<std::collections::BTreeMap<String, u8>>(&json!({ &long: "c" })),
            "custom_claims",
            &format!("the payload's member {cut:?} does not fit the expected type"),
        ),
        (
            fit::<Vec<u8>>(&json!({})),
            "custom_claims",
            "the payload does not fit the expected type",
        ),
        (
            fit::<()>(&json!({})),
            "custom_claims",
            "the payload does not fit `()`: name `Claims` for a token without custom claims",
        ),
    ]);
}

/// The profiles have no variants of their own: their claims are a `Claim`.
#[test]
#[cfg(feature = "oauth")]
fn messages_and_codes_of_verify_error_for_profiles() {
    use jwt_ring::oauth::access_token;

    let payload = json!({
        "iss": "a", "aud": "b", "sub": "c", "client_id": "d", "iat": NOW, "exp": NOW + 1,
        "jti": "e", "cnf": { "jkt": "f" },
    });
    let header = r#"{"alg":"HS256","typ":"at+jwt"}"#;
    let token = forge(&key(), header, payload.to_string());
    let keys = key().verifying_key();
    let verifier = access_token::Verifier::new("a", "b")
        .map_verifier(|verifier| verifier.clock(crate::support::clock()));
    let unproven = verifier.verify_bound::<Claims>(&token, &keys, |_| false);
    check(&[
        (
            verifier.verify::<Claims>(&token, &keys).expect_err("cnf"),
            "unexpected",
            "expected no claim `cnf`, found one",
        ),
        (
            unproven.expect_err("another key"),
            "mismatch",
            "the claim `cnf` does not have the expected value",
        ),
    ]);
}

#[test]
fn verify_errors_are_compared_with_their_fields() {
    let missing = || with_payload(&verifier().issuer("a"), &json!({}));
    assert_eq!(missing(), VerifyError::Missing(Claim::Issuer));
    assert_ne!(missing(), VerifyError::Missing(Claim::Subject));
    let mismatch = |issuer| with_payload(&verifier().issuer(issuer), &json!({ "iss": "b" }));
    assert_eq!(mismatch("a"), mismatch("a").clone());
    assert_ne!(mismatch("a"), mismatch("c"));
}

/// Reading a token before it is verified fails with the same errors.
#[test]
fn errors_of_unverified_are_those_of_a_verification() {
    for token in [
        "a.b".to_owned(),
        forge(&key(), r#"{"alg":7}"#, "{}"),
        forge(&key(), r#"{"alg":"HS256","crit":[]}"#, "{}"),
        forge(&key(), r#"{"alg":"none"}"#, "{}"),
    ] {
        let error = Unverified::parse(&token).expect_err("a malformed token");
        assert_eq!(error, verify(&verifier(), &token));
    }
}
