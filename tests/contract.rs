//! The public contract: auto traits, names, dates, and documents that refer to tests.
//! `errors` tests the errors.

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use jwt_ring::jwks::{JwksCache, KeyRotation, KeyTimes};
use jwt_ring::{
    Algorithm, Audience, Claim, Claims, Clock, FixedClock, Header, Issuers, KeyError,
    KeyLookupError, KeySet, NumericDate, SignError, SigningKey, Token, UnknownAlgorithm,
    Unverified, Verifier, VerifyError, VerifyingKey,
};

#[cfg(feature = "oauth")]
#[test]
fn public_types_of_the_profiles_are_clone_and_errors() {
    use jwt_ring::oauth::client_assertion;
    use jwt_ring::oauth::identity_assertion;
    use jwt_ring::oauth::logout_token;
    use jwt_ring::oauth::security_event;
    use jwt_ring::oauth::{InvalidScope, Scope, access_token, bearer, id_token};

    fn cloned<T: Clone + Debug>() {}
    fn error<T: Clone + Debug + Eq + Error + Send + Sync + 'static>() {}
    cloned::<Scope>();
    cloned::<access_token::AccessTokenClaims>();
    cloned::<access_token::Signer>();
    cloned::<access_token::Verifier>();
    cloned::<bearer::Challenge>();
    cloned::<id_token::IdTokenClaims>();
    cloned::<id_token::Verifier>();
    cloned::<client_assertion::Signer>();
    cloned::<client_assertion::Verifier>();
    cloned::<security_event::SecurityEventClaims>();
    cloned::<security_event::Verifier>();
    error::<security_event::DeliveryError>();
    cloned::<logout_token::LogoutTokenClaims>();
    cloned::<logout_token::Verifier>();
    cloned::<identity_assertion::IdentityAssertionClaims>();
    cloned::<identity_assertion::Signer>();
    cloned::<identity_assertion::Verifier>();
    cloned::<Issuers<KeySet, access_token::Verifier>>();
    cloned::<Issuers<KeySet, id_token::Verifier>>();
    error::<InvalidScope>();
    error::<bearer::Rejection>();
}

#[test]
fn policies_tokens_and_public_keys_are_clone() {
    fn cloned<T: Clone>() {}
    cloned::<Audience>();
    cloned::<Claims>();
    cloned::<FixedClock>();
    cloned::<Header>();
    cloned::<KeySet>();
    cloned::<Token>();
    cloned::<Issuers<KeySet>>();
    cloned::<JwksCache>();
    cloned::<KeyRotation>();
    cloned::<KeyTimes>();
    cloned::<Verifier>();
    cloned::<VerifyingKey>();
}

#[test]
fn errors_are_clone_and_eq_and_implement_error() {
    fn error<T: Clone + Debug + Eq + Error + Send + Sync + 'static>() {}
    error::<KeyError>();
    error::<KeyLookupError>();
    error::<SignError>();
    error::<UnknownAlgorithm>();
    error::<VerifyError>();
}

fn date() -> NumericDate {
    NumericDate::from_seconds(0)
}

#[test]
fn names_of_algorithms_and_claims() {
    for name in [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
        "ES384", "EdDSA", "Ed25519",
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
    // Two names for the same signatures are two algorithms.
    assert_eq!("Ed25519".parse(), Ok(Algorithm::Ed25519));
    assert_eq!("EdDSA".parse(), Ok(Algorithm::EdDSA));
    for name in [
        "none", "None", "NONE", "hs256", "HS256 ", "", "ES512", "ES256K", "Ed448", "ed25519",
        "EDDSA",
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
             ES256, ES384, EdDSA and Ed25519, found another name"
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
        (Claim::Nonce, "nonce"),
        (Claim::AuthorizedParty, "azp"),
        (Claim::AuthTime, "auth_time"),
        (Claim::AccessTokenHash, "at_hash"),
        (Claim::Confirmation, "cnf"),
        (Claim::ClientId, "client_id"),
        (Claim::Events, "events"),
        (Claim::TokenUse, "token_use"),
        (Claim::Scope, "scope"),
        (Claim::Acr, "acr"),
        (Claim::Amr, "amr"),
        (Claim::Roles, "roles"),
        (Claim::Groups, "groups"),
        (Claim::Entitlements, "entitlements"),
        (Claim::Typ, "typ"),
    ];
    for (claim, name) in claims {
        assert_eq!((claim.name(), claim.to_string()), (name, name.to_owned()));
    }
}

#[test]
fn the_default_verifier_is_the_new_one() {
    let (default, new) = (Verifier::default(), Verifier::new());
    assert_eq!(format!("{default:?}"), format!("{new:?}"));
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
fn dates_print_convert_and_saturate() {
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

/// The directories with the tests of the workspace's packages.
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

/// SECURITY.md maps the RFCs to tests.
#[test]
fn every_test_that_the_security_policy_names_exists() {
    // The published package has neither the policy nor all tests.
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    if root.join("Cargo.toml.orig").exists() {
        return;
    }
    let policy = read(".github/SECURITY.md");
    let named: Vec<_> = policy
        .split('`')
        .filter_map(|quoted| quoted.split_once("::"))
        .collect();
    assert!(named.len() > 50, "{} tests are named", named.len());
    for (file, test) in named {
        let source = source(file);
        let is_there = source.contains(&format!("#[test]\nfn {test}()"))
            // In `proptest!`, with arguments.
            || source.contains(&format!("#[test]\n    fn {test}("));
        assert!(is_there, "{file}::{test}");
    }
}

#[test]
fn debug_output_names_the_type_and_omits_the_bytes() {
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

/// The line of an item changes with each edit above it.
#[test]
fn no_document_links_to_a_line() {
    for path in ["README.md", "CHANGELOG.md"] {
        assert!(!read(path).contains("#L"), "{path}");
    }
}
