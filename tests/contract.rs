//! What must not change without somebody meaning it: auto traits, sizes, sentences, codes.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Audience, Claim, Claims, Clock, FixedClock, Header, IgnoredKey, KeyError, KeySet,
    Keys, NumericDate, SignError, Signature, Signer, SigningKey, SystemClock, Token,
    UnknownAlgorithm, Unsigned, Unverified, Verifier, VerifyError, VerifyingKey,
};

#[test]
fn everything_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Algorithm>();
    shared::<Audience>();
    shared::<Claims>();
    shared::<FixedClock>();
    shared::<Header>();
    shared::<IgnoredKey>();
    shared::<KeyError>();
    shared::<KeySet>();
    shared::<Box<dyn Keys>>();
    shared::<NumericDate>();
    shared::<SignError>();
    shared::<Signature>();
    shared::<Signer>();
    shared::<SigningKey>();
    shared::<SystemClock>();
    shared::<Token>();
    shared::<Unsigned>();
    shared::<Unverified<'_>>();
    shared::<Verifier>();
    shared::<VerifyError>();
    shared::<VerifyingKey>();
}

#[test]
fn policies_evidence_and_public_keys_can_be_cloned() {
    fn cloned<T: Clone>() {}
    cloned::<FixedClock>();
    cloned::<KeySet>();
    cloned::<Token>();
    cloned::<Verifier>();
    cloned::<VerifyingKey>();
}

#[test]
fn what_is_moved_often_is_small() {
    assert!(size_of::<NumericDate>() <= 16);
    assert!(size_of::<VerifyError>() <= 40);
    assert!(size_of::<SignError>() <= 32);
    assert!(size_of::<KeyError>() <= 56);
    assert!(size_of::<VerifyingKey>() <= 32);
}

fn date() -> NumericDate {
    NumericDate::from_seconds(0)
}

#[test]
fn sentences_and_codes_of_verify_error() {
    let cases = [
        (
            VerifyError::TooLarge { limit: 2, found: 3 },
            "too_large",
            "expected a token of at most 2 bytes, found 3",
        ),
        (
            VerifyError::Segments { found: 2 },
            "segments",
            "expected a token of three segments between dots, found 2",
        ),
        (
            VerifyError::Segments { found: 5 },
            "segments",
            "expected a token of three segments between dots, found 5 \
             (it is an encrypted token, a JWE)",
        ),
        (
            VerifyError::MalformedHeader { reason: "is wrong" },
            "malformed_header",
            "the token's header is wrong",
        ),
        (
            VerifyError::UnsupportedExtension { member: "crit" },
            "unsupported_extension",
            "the token's header holds `crit`, and no such extension is supported",
        ),
        (
            VerifyError::UnsupportedAlgorithm,
            "unsupported_algorithm",
            "the token's `alg` is not a signature algorithm that is known here",
        ),
        (
            VerifyError::UnknownKey,
            "unknown_key",
            "no key is known for the token's `kid` and `alg`",
        ),
        (
            VerifyError::AmbiguousKey,
            "ambiguous_key",
            "several keys could have signed the token, and its `kid` does not tell which",
        ),
        (
            VerifyError::KeysUnavailable("down".into()),
            "keys_unavailable",
            "the keys to verify with could not be had",
        ),
        (
            VerifyError::AlgorithmMismatch {
                expected: Algorithm::RS256,
                found: Algorithm::HS256,
            },
            "algorithm_mismatch",
            "expected a token signed with RS256, found one that says HS256",
        ),
        (
            VerifyError::InvalidSignature,
            "invalid_signature",
            "the signature does not hold",
        ),
        (
            VerifyError::MalformedPayload { reason: "is wrong" },
            "malformed_payload",
            "the token's payload is wrong",
        ),
        (
            VerifyError::WrongType(Claim::Expiration),
            "wrong_type",
            "the claim `exp` has a value of a type that it cannot have",
        ),
        (
            VerifyError::CustomClaims {
                member: Some("a\nb".into()),
                problem: "is wrong",
            },
            "custom_claims",
            "the payload's member \"a\\nb\" is wrong",
        ),
        (
            VerifyError::CustomClaims {
                member: None,
                problem: "is wrong",
            },
            "custom_claims",
            "the payload is wrong",
        ),
        (
            VerifyError::TokenType,
            "token_type",
            "the token's `typ` is not the one expected: \
             without `Verifier::token_type` only a plain JWT is",
        ),
        (
            VerifyError::Missing(Claim::JwtId),
            "missing",
            "the claim `jti` is expected, and missing",
        ),
        (
            VerifyError::Expired {
                at: date(),
                now: date(),
            },
            "expired",
            "the token has expired",
        ),
        (
            VerifyError::NotYetValid {
                at: date(),
                now: date(),
            },
            "not_yet_valid",
            "the token is not valid yet",
        ),
        (
            VerifyError::TooOld {
                issued_at: date(),
                now: date(),
            },
            "too_old",
            "the token was issued longer ago than is accepted",
        ),
        (
            VerifyError::Mismatch(Claim::Issuer),
            "mismatch",
            "the claim `iss` does not have a value that is expected",
        ),
        (
            VerifyError::UnexpectedAudience,
            "unexpected_audience",
            "the token is for an audience, and none is expected: \
             name yours with `Verifier::audience`",
        ),
    ];
    for (error, code, sentence) in cases {
        assert_eq!((error.code(), &*error.to_string()), (code, sentence));
        assert_eq!(error.source().is_some(), code == "keys_unavailable");
    }
}

#[test]
fn sentences_and_codes_of_sign_error() {
    let cases = [
        (
            SignError::Payload("why".into()),
            "payload",
            "the payload cannot be written: why",
        ),
        (
            SignError::ReservedMember("crit".into()),
            "reserved_member",
            "expected header members of your own, found \"crit\", which is not for you to write",
        ),
        (
            SignError::SignatureLength {
                algorithm: Algorithm::ES256,
                expected: 64,
                found: 71,
            },
            "signature_length",
            "expected a signature of 64 bytes for ES256, found 71: \
             one in DER goes through `Signature::from_der`",
        ),
        (
            SignError::MalformedDer(Algorithm::ES256),
            "malformed_der",
            "expected an ECDSA signature for ES256 in DER, found other bytes",
        ),
        (
            SignError::Failed,
            "failed",
            "the signature could not be made: the operating system gave no random bytes",
        ),
    ];
    for (error, code, sentence) in cases {
        assert_eq!((error.code(), &*error.to_string()), (code, sentence));
    }
}

/// The sentences stand in the tables of `keys.rs`, beside what provokes them; here are the codes.
#[test]
fn codes_of_key_error() {
    let (algorithm, min, max, found) = (Algorithm::HS256, 1, 3, 2);
    let cases = [
        (KeyError::NoPem, "no_pem"),
        (KeyError::SeveralPem { found }, "several_pem"),
        (KeyError::Encrypted, "encrypted"),
        (
            KeyError::Malformed {
                encoding: "a JWK",
                reason: "is wrong",
            },
            "malformed",
        ),
        (
            KeyError::WrongKind {
                found: "a".into(),
                wanted: "b".into(),
            },
            "wrong_kind",
        ),
        (KeyError::RsaSize { found, min, max }, "rsa_size"),
        (
            KeyError::ShortSecret {
                algorithm,
                found,
                min,
            },
            "short_secret",
        ),
        (
            KeyError::SecretIsKeyText { found: "a JWK" },
            "secret_is_key_text",
        ),
        (KeyError::MissingPublicKey, "missing_public_key"),
        (KeyError::CompressedPoint, "compressed_point"),
        (KeyError::Invalid { expected: "a key" }, "invalid"),
        (
            KeyError::WrongUse {
                expected: "for signing",
            },
            "wrong_use",
        ),
        (
            KeyError::WrongAlgorithm {
                expected: algorithm,
            },
            "wrong_algorithm",
        ),
        (KeyError::Unsupported { member: "kty" }, "unsupported"),
        (KeyError::SymmetricInSet, "symmetric_in_set"),
        (KeyError::NoPublicHalf, "no_public_half"),
        (KeyError::CannotGenerate(algorithm), "cannot_generate"),
        (KeyError::NotExportable, "not_exportable"),
        (KeyError::NoRandomness, "no_randomness"),
    ];
    for (error, code) in cases {
        assert_eq!(error.code(), code);
        let sentence = error.to_string();
        assert!(!sentence.starts_with(char::is_uppercase) || sentence.starts_with("RSA"));
        assert!(!sentence.ends_with('.'), "{sentence}");
    }
}

#[test]
fn names_of_algorithms_and_claims() {
    for name in [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
        "ES384", "EdDSA",
    ] {
        let algorithm: Algorithm = name.parse().expect("an algorithm");
        assert_eq!(algorithm.to_string(), name);
        let json = format!("{name:?}");
        assert_eq!(serde_json::to_string(&algorithm).ok().as_ref(), Some(&json));
        assert_eq!(
            serde_json::from_str::<Algorithm>(&json).ok(),
            Some(algorithm)
        );
    }
    assert_eq!("Ed25519".parse(), Ok(Algorithm::EdDSA));
    assert_eq!(
        serde_json::from_str::<Algorithm>(r#""Ed25519""#).ok(),
        Some(Algorithm::EdDSA)
    );
    for name in [
        "none", "None", "NONE", "hs256", "HS256 ", "", "ES512", "ES256K", "Ed448",
    ] {
        assert_eq!(name.parse::<Algorithm>().ok(), None, "{name}");
        assert!(
            serde_json::from_str::<Algorithm>(&format!("{name:?}")).is_err(),
            "{name}"
        );
    }
    assert_eq!(
        "none"
            .parse::<Algorithm>()
            .map_err(|error: UnknownAlgorithm| error.to_string()),
        Err(
            "expected one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, \
             ES256, ES384 and EdDSA, found another name"
                .into()
        )
    );
    let claims = [
        (Claim::Issuer, "iss"),
        (Claim::Subject, "sub"),
        (Claim::Audience, "aud"),
        (Claim::Expiration, "exp"),
        (Claim::NotBefore, "nbf"),
        (Claim::IssuedAt, "iat"),
        (Claim::JwtId, "jti"),
    ];
    for (claim, name) in claims {
        assert_eq!((claim.name(), claim.to_string()), (name, name.to_owned()));
    }
}

#[test]
fn a_shared_clock_is_a_clock() {
    let fixed = FixedClock::at(date());
    let shared: Arc<dyn Clock> = Arc::new(fixed.clone());
    fixed.advance(Duration::from_secs(1));
    assert_eq!(shared.now(), NumericDate::from_seconds(1));
    let claims = Claims::new(&shared, Duration::ZERO);
    assert_eq!(claims.issued_at, Some(NumericDate::from_seconds(1)));
    let _verifier = Verifier::new().clock(shared);
}

#[test]
fn dates_print_convert_and_stop_at_the_ends() {
    use std::time::{SystemTime, UNIX_EPOCH};
    use time::macros::datetime;

    let date = NumericDate::from(datetime!(2026-11-23 12:00:00.5 UTC));
    assert_eq!(
        (date.seconds(), date.nanoseconds()),
        (1_795_435_200, 500_000_000)
    );
    assert_eq!(date.to_string(), "2026-11-23 12:00:00.500000000 UTC");
    assert_eq!(date.to_utc(), Some(datetime!(2026-11-23 12:00:00.5 UTC)));
    assert_eq!(date, NumericDate::from(datetime!(2026-11-23 14:00:00.5 +2)));
    let whole = NumericDate::from_seconds(-1);
    assert_eq!(whole.to_string(), "1969-12-31 23:59:59 UTC");
    assert_eq!(NumericDate::from_seconds(i64::MAX).to_utc(), None);
    let far = NumericDate::from_seconds(i64::MAX).to_string();
    assert_eq!(far, "9223372036854775807 seconds since 1970");

    let half = Duration::from_millis(500);
    let before: SystemTime = UNIX_EPOCH - half;
    assert_eq!(
        NumericDate::from(before),
        NumericDate::from_seconds(0).saturating_sub(half)
    );
    assert_eq!(
        NumericDate::from(UNIX_EPOCH + half).nanoseconds(),
        500_000_000
    );

    // Carries and borrows.
    let add = date.saturating_add(Duration::new(1, 600_000_000));
    assert_eq!(
        (add.seconds(), add.nanoseconds()),
        (1_795_435_202, 100_000_000)
    );
    let exact = date.saturating_add(half);
    assert_eq!((exact.seconds(), exact.nanoseconds()), (1_795_435_201, 0));
    let sub = date.saturating_sub(Duration::new(1, 600_000_000));
    assert_eq!(
        (sub.seconds(), sub.nanoseconds()),
        (1_795_435_198, 900_000_000)
    );
    let exact = date.saturating_sub(half);
    assert_eq!((exact.seconds(), exact.nanoseconds()), (1_795_435_200, 0));

    let (first, last) = (
        NumericDate::from_seconds(i64::MIN),
        NumericDate::from_seconds(i64::MAX),
    );
    assert_eq!(first.saturating_sub(Duration::from_nanos(1)), first);
    assert_eq!(first.saturating_sub(Duration::MAX), first);
    let end = last.saturating_add(Duration::from_secs(1));
    assert_eq!((end.seconds(), end.nanoseconds()), (i64::MAX, 999_999_999));
    assert_eq!(end.saturating_add(Duration::MAX), end);
    // The whole range can be crossed.
    let range = Duration::from_secs(u64::MAX);
    assert_eq!(first.saturating_add(range), last);
    assert_eq!(last.saturating_sub(range), first);
}

fn read(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Where the packages of the workspace have their tests.
const TESTS: [&str; 3] = ["tests", "tests/extended/tests", "examples/oauth/tests"];

/// Returns the text of a test file, or of all files in a directory with a `main.rs`.
fn source(test: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for directory in TESTS.map(|tests| root.join(tests)) {
        if let Ok(text) = std::fs::read_to_string(directory.join(format!("{test}.rs"))) {
            return text;
        }
        if directory.join(test).join("main.rs").exists() {
            let entries = std::fs::read_dir(directory.join(test)).unwrap();
            let files = entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()));
            return files.map(Result::unwrap).collect();
        }
    }
    panic!("no test file is named {test}");
}

/// The map from the RFCs to the tests leads somewhere.
#[test]
fn every_test_that_the_security_policy_names_exists() {
    let policy = read(".github/SECURITY.md");
    let named: Vec<_> = policy
        .split('`')
        .filter_map(|quoted| quoted.split_once("::"))
        .collect();
    assert!(named.len() > 50, "the map is there");
    for (file, test) in named {
        let source = source(file);
        let is_there = source.contains(&format!("#[test]\nfn {test}()"))
            // In `proptest!`, with arguments.
            || source.contains(&format!("#[test]\n    fn {test}("));
        assert!(is_there, "{file}::{test}");
    }
}

#[test]
fn what_is_printed_says_what_it_is() {
    let key = SigningKey::generate(Algorithm::HS256).expect("a key");
    let signature = key.sign(b"message").expect("a signature");
    assert_eq!(
        format!("{signature:?}"),
        "Signature { algorithm: HS256, .. }"
    );
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzZWNyZXQiOjF9.";
    let unverified = Unverified::parse(token).expect("a header");
    let printed = format!("{unverified:?}");
    assert!(printed.starts_with("Unverified { header: "), "{printed}");
    assert!(!printed.contains("eyJzZWNyZXQiOjF9"), "{printed}");
}

/// The README links the arrows of OAuth's figures to the lines that are them.
#[test]
fn every_arrow_of_the_readme_is_where_its_link_says() {
    let readme = read("README.md");
    let flow = read("examples/oauth/examples/oauth_flow.rs");
    let mut links = 0;
    for link in readme
        .split("](examples/oauth/examples/oauth_flow.rs#L")
        .skip(1)
    {
        let line: usize = link.split(')').next().unwrap().parse().unwrap();
        let before = readme
            .split(&format!("](examples/oauth/examples/oauth_flow.rs#L{line})"))
            .next();
        let letter = before.unwrap().chars().last().unwrap();
        let code = flow.lines().skip(line - 1).take(3).collect::<String>();
        assert!(
            code.contains("arrow(") && code.contains(&format!("'{letter}'")),
            "({letter}) is not on line {line}: {code}"
        );
        links += 1;
    }
    assert_eq!(links, 6 + 8 + 5, "figures 1, 2 and 3");
}
