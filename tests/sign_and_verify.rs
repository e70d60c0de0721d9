//! Round trips of every algorithm, and the tokens that they produce.

mod support;

use std::borrow::Cow;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, Header, KeyLookupError, KeySet, Keys, KnownHeader, NumericDate, Signature,
    Signer, SigningKey, SystemClock, Token, Unsigned, Unverified, Verifier, VerifyError,
    VerifyingKey,
};
use serde_json::{Value, json};
use support::{ALGORITHMS, NOW, clock, decode, pem_body, rsa_key, signing_key};

fn claims() -> Claims<Value> {
    Claims::new(&clock(), Duration::from_secs(900))
        .issuer("https://issuer.example")
        .audience("https://api.example")
        .audience("https://files.example")
        .subject("user-42")
        .jwt_id("1")
        .not_before(NumericDate::from_seconds(NOW))
        // Sorted, so that the text does not depend on the order that serde_json keeps.
        .custom(json!({ "deep": [[{ "a": null }]], "role": "admin", "ключ": "값" }))
}

fn verifier() -> Verifier {
    Verifier::new()
        .issuer("https://issuer.example")
        .audience("https://api.example")
        .subject("user-42")
        .clock(clock())
}

#[test]
fn every_algorithm_verifies_what_it_signed() {
    for algorithm in ALGORITHMS {
        let key = signing_key(algorithm).with_id("kid");
        let public = key.verifying_key();
        let jwt = Signer::new(key).sign(&claims()).expect("a token");
        let token: Token<Claims<Value>> = verifier().verify(&jwt, &public).expect("a good token");
        assert_eq!(*token.claims(), claims(), "{algorithm}");
        assert_eq!(token.header(), &Header::new(algorithm).with_key_id("kid"));
        assert_eq!(token.into_claims(), claims());
    }
}

#[test]
fn a_key_verifies_exactly_the_bytes_that_it_signed() {
    for algorithm in ALGORITHMS {
        let key = signing_key(algorithm);
        let signature = key.sign(b"message").expect("a signature");
        let public = key.verifying_key();
        let verify = |message: &[u8]| public.verify(message, signature.as_ref());
        verify(b"message").expect("its own signature");
        let error = verify(b"massage").expect_err("another message");
        assert_eq!(error.code(), "invalid_signature", "{algorithm}");
    }
}

#[test]
fn another_key_does_not_verify() {
    let others = ALGORITHMS.map(|other| match other.name().get(..2) {
        Some("RS" | "PS") => rsa_key(other, "rsa3072.pkcs8.pem").verifying_key(),
        _ => signing_key(other).verifying_key(),
    });
    for algorithm in ALGORITHMS {
        let jwt = Signer::new(signing_key(algorithm))
            .sign(&claims())
            .expect("a token");
        for other in &others {
            let error = verifier()
                .verify::<Claims<Value>>(&jwt, other)
                .expect_err("another key");
            let is_ed25519 = |one| matches!(one, Algorithm::EdDSA | Algorithm::Ed25519);
            let both_ed25519 = is_ed25519(algorithm) && is_ed25519(other.algorithm());
            let expected = match other.algorithm() == algorithm || both_ed25519 {
                true => "invalid_signature",
                false => "algorithm_mismatch",
            };
            assert_eq!(error.code(), expected, "{algorithm} by {other:?}");
        }
    }
}

/// One RSA key can serve six algorithms, but a loaded key serves one.
#[test]
fn the_algorithm_is_that_of_the_key() {
    for (algorithm, other) in [
        (Algorithm::RS256, Algorithm::RS384),
        (Algorithm::RS256, Algorithm::PS256),
        (Algorithm::PS512, Algorithm::RS512),
        (Algorithm::PS256, Algorithm::PS384),
    ] {
        let key = signing_key(algorithm);
        let other = signing_key(other).verifying_key();
        let own = format!(r#"{{"alg":"{algorithm}"}}"#);
        let expected = format!(r#"{{"alg":"{}"}}"#, other.algorithm());
        let payload = format!(r#"{{"exp":{}}}"#, NOW + 1);
        let verify = |header: &str| {
            let jwt = support::forge(&key, header, &payload);
            let verifier = Verifier::new().clock(clock());
            verifier
                .verify::<Claims<Value>>(&jwt, &other)
                .expect_err("another algorithm")
                .code()
        };
        assert_eq!(verify(&own), "algorithm_mismatch");
        assert_eq!(verify(&expected), "invalid_signature");
    }
}

#[test]
fn a_token_holds_the_header_of_the_signer_and_the_claims() {
    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let parts = |signer: &Signer| {
        let jwt = signer.sign(&claims()).expect("a token");
        let mut segments = jwt.split('.').map(decode);
        let mut text = || String::from_utf8(segments.next().expect("a segment")).expect("text");
        (text(), text())
    };
    let signer = Signer::new(key);
    let (header, payload) = parts(&signer);
    assert_eq!(header, r#"{"alg":"HS256","typ":"JWT"}"#);
    assert_eq!(
        payload,
        "{\"iss\":\"https://issuer.example\",\"sub\":\"user-42\",\
         \"aud\":[\"https://api.example\",\"https://files.example\"],\
         \"exp\":1795436100,\"nbf\":1795435200,\"iat\":1795435200,\"jti\":\"1\",\
         \"deep\":[[{\"a\":null}]],\"role\":\"admin\",\"ключ\":\"값\"}"
    );

    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let signer = Signer::new(key.with_id("a \"kid\"")).typ("at+jwt");
    assert_eq!(
        parts(&signer).0,
        r#"{"alg":"HS256","typ":"at+jwt","kid":"a \"kid\""}"#
    );
    assert_eq!(signer.key().id(), Some("a \"kid\""));
}

#[test]
fn a_signature_of_a_remote_signer_completes_a_token() {
    for algorithm in ALGORITHMS {
        let key = signing_key(algorithm);
        let header = Header::new(algorithm)
            .with_key_id("arn")
            .with_parameter("nonce", 7);
        let unsigned = Unsigned::new(&header, &claims()).expect("an unsigned token");
        let signature = key.sign(unsigned.signing_input()).expect("a signature");
        assert_eq!(signature.algorithm(), algorithm);
        let raw = signature.as_ref().to_vec();
        let jwt = unsigned.with_signature(&signature).expect("a token");
        let token: Token<Claims<Value>> = verifier()
            .verify(&jwt, &key.verifying_key())
            .expect("a token");
        assert_eq!(token.header().parameter("nonce"), Some(json!(7)));

        let bytes = Signature::from_bytes(algorithm, raw.clone()).expect("a signature");
        assert_eq!(bytes.as_ref(), raw);
        let again = Unsigned::new(&header, &claims()).expect("an unsigned token");
        assert_eq!(again.with_signature(&bytes), Ok(jwt));
        let long = Signature::from_bytes(algorithm, [&raw[..], &[0; 1024]].concat());
        assert_eq!(long.expect_err("too long").code(), "signature_length");
    }
}

#[test]
fn an_unverified_token_is_read_without_a_key_and_a_clock() {
    let signer = Signer::new(signing_key(Algorithm::ES384).with_id("kid"));
    let jwt = signer.sign(&claims()).expect("a token");
    let unverified = Unverified::parse(&jwt).expect("a token");
    assert_eq!(unverified.key_id(), Some("kid"));
    assert_eq!(unverified.header().algorithm(), Algorithm::ES384);
    let seen: Value = unverified.claims().expect("claims");
    assert_eq!(seen, serde_json::to_value(claims()).expect("JSON"));
    assert!(!format!("{unverified:?}").contains("user-42"));

    for (jwt, code) in [
        ("", "segments"),
        ("a.b", "segments"),
        ("e30.e30.", "malformed_header"),
        ("eyJhbGciOiJub25lIn0.e30.", "unsupported_algorithm"),
    ] {
        assert_eq!(
            Unverified::parse(jwt)
                .expect_err("a malformed token")
                .code(),
            code,
            "{jwt}"
        );
    }
    let unverified = Unverified::parse("eyJhbGciOiJIUzI1NiJ9.W10.").expect("a header");
    assert_eq!(
        unverified.claims::<Value>().expect_err("an array").code(),
        "malformed_payload"
    );
}

#[test]
fn a_generated_secret_is_as_long_as_the_hash() {
    for (algorithm, length) in [
        (Algorithm::HS256, 32),
        (Algorithm::HS384, 48),
        (Algorithm::HS512, 64),
    ] {
        let key = SigningKey::generate(algorithm).expect("a key");
        let secret = key.secret_bytes().expect("its secret");
        assert_eq!(secret.len(), length);
        let same = VerifyingKey::from_secret(algorithm, secret).expect("a key");
        let jwt = Signer::new(key).sign(&claims()).expect("a token");
        verifier()
            .verify::<Claims<Value>>(&jwt, &same)
            .expect("a good token");
    }
}

/// *ring* signs with at most 4096 bits, so openssl made the token.
#[test]
fn a_signature_of_the_longest_rsa_key_is_verified() {
    let token = include_str!("rsa8192.rs512.jwt");
    let der = pem_body("rsa8192.spki.pem");
    let keys = VerifyingKey::from_der(Algorithm::RS512, der).expect("a key");
    let verifier = Verifier::new();
    let verified = verifier.verify::<Claims>(token.trim_end(), &keys);
    assert_eq!(
        verified.expect("valid").claims().subject.as_deref(),
        Some("user-42")
    );
    let mut forged = token.trim_end().to_owned();
    let changed = if forged.ends_with('A') { "Q" } else { "A" };
    forged.replace_range(forged.len() - 1.., changed);
    let error = verifier
        .verify::<Claims>(&forged, &keys)
        .expect_err("forged");
    assert_eq!(error, VerifyError::InvalidSignature);
}

/// A header with an ID of 9,000 bytes exceeds the limit, so the key has no known headers.
#[test]
fn an_empty_header_is_rejected_for_every_length_of_the_key_id() {
    for id in ["k".into(), "k".repeat(9_000)] {
        let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
        let key = key.with_id(id);
        let keys = key.verifying_key();
        let set: KeySet = [keys.clone()].into_iter().collect();
        let token = support::forge_segments(&key, "", &support::encode(r#"{"exp":9000000000}"#));
        for verifier in [Verifier::new(), Verifier::new().typ("at+jwt")] {
            for keys in [&keys as &dyn Keys, &set] {
                let error = verifier
                    .verify::<Claims>(&token, keys)
                    .expect_err("no header");
                assert_eq!(
                    format!("{error:?}"),
                    r#"MalformedHeader { reason: "is not valid JSON" }"#
                );
            }
        }
    }
}

/// `Keys` may return a known header; it counts only for the segment that it was made of.
#[test]
fn a_known_header_of_another_segment_is_not_used() {
    struct Wrong {
        key: VerifyingKey,
        other: VerifyingKey,
        segment: String,
    }

    impl Keys for Wrong {
        fn key(&self, _: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
            Ok(Cow::Borrowed(&self.key))
        }

        fn known_header(&self, _: &str) -> Option<&KnownHeader> {
            self.other.known_header(&self.segment)
        }
    }

    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let other = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let claims = Claims::new(&SystemClock, Duration::from_secs(60));
    let other_token = Signer::new(other)
        .typ("at+jwt")
        .sign(&claims)
        .expect("a token");
    let other = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let segment = other_token.split('.').next().expect("a header").to_owned();
    let wrong = Wrong {
        key: key.verifying_key(),
        other: other.verifying_key(),
        segment,
    };
    assert!(wrong.known_header("").is_some());
    let token = Signer::new(key).sign(&claims).expect("a token");
    let verified = Verifier::new()
        .verify::<Claims>(&token, &wrong)
        .expect("valid");
    assert_eq!(verified.header().typ(), Some("JWT"));
    let crit = r#"{"alg":"HS256","crit":["x"]}"#;
    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let token = support::forge(&key, crit, r#"{"exp":9000000000}"#);
    let error = Verifier::new()
        .verify::<Claims>(&token, &wrong)
        .expect_err("crit");
    assert_eq!(error.code(), "unsupported_extension");
}

#[test]
fn headers_are_equal_if_all_their_parameters_are() {
    let header = || Header::new(Algorithm::HS256).with_key_id("a");
    assert_eq!(header(), header());
    for other in [
        Header::new(Algorithm::HS384).with_key_id("a"),
        header().with_key_id("b"),
        header().with_typ("at+jwt"),
        header().with_parameter("nonce", 1),
    ] {
        assert_ne!(header(), other);
    }
}

#[test]
fn debug_output_of_a_signer_shows_its_key_and_header() {
    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let debug = format!("{:?}", Signer::new(key.with_id("2026-11")));
    for part in ["Signer", "HS256", "2026-11", "JWT"] {
        assert!(debug.contains(part), "{debug}");
    }
}
