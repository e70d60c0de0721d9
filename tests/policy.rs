//! Tables of claim, policy and clock, and the exact error: data included, because callers read it.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claim, Clock, FixedClock, KeySet, NumericDate, SigningKey, Token, Verifier,
    VerifyError,
};
use serde::Deserialize;
use serde_json::Value;
use support::{NOW, clock, forge};

const NANO: Duration = Duration::from_nanos(1);
const MINUTE: Duration = Duration::from_secs(60);
const HEADER: &str = r#"{"alg":"HS256"}"#;

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new().clock(clock())
}

/// A verifier that asks for nothing, so that each row is about its one claim.
fn lenient() -> Verifier {
    verifier().allow_missing_expiry()
}

fn at(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(seconds)
}

fn now() -> NumericDate {
    at(NOW)
}

fn missing(claim: Claim) -> Result<(), VerifyError> {
    Err(VerifyError::Missing(claim))
}

fn mismatch(claim: Claim) -> Result<(), VerifyError> {
    Err(VerifyError::Mismatch(claim))
}

fn expired(at: NumericDate, now: NumericDate) -> Result<(), VerifyError> {
    Err(VerifyError::Expired { at, now })
}

fn early(at: NumericDate, now: NumericDate) -> Result<(), VerifyError> {
    Err(VerifyError::NotYetValid { at, now })
}

fn old(issued_at: NumericDate, now: NumericDate) -> Result<(), VerifyError> {
    Err(VerifyError::TooOld { issued_at, now })
}

#[track_caller]
fn check_token(
    verifier: &Verifier,
    header: &str,
    payload: &str,
    expected: Result<(), VerifyError>,
) {
    let jwt = forge(&key(), header, payload);
    let found: Result<Token<Value>, _> = verifier.verify(&jwt, &key().verifying_key());
    let (found, expected) = (format!("{:?}", found.map(drop)), format!("{expected:?}"));
    assert_eq!(found, expected, "{header} {payload} {verifier:?}");
}

/// `members` are the payload without its braces.
#[track_caller]
fn check(verifier: &Verifier, members: impl AsRef<str>, expected: Result<(), VerifyError>) {
    check_token(
        verifier,
        HEADER,
        &format!("{{{}}}", members.as_ref()),
        expected,
    );
}

#[test]
fn a_token_is_refused_from_exp_on() {
    let before = now().saturating_sub(NANO);
    let half = now().saturating_add(Duration::from_millis(500));
    for (exp, leeway, now, expected) in [
        (format!("{}", NOW + 1), Duration::ZERO, now(), Ok(())),
        (format!("{NOW}"), Duration::ZERO, before, Ok(())),
        (
            format!("{NOW}"),
            Duration::ZERO,
            now(),
            expired(now(), now()),
        ),
        (
            format!("{NOW}.0"),
            Duration::ZERO,
            now(),
            expired(now(), now()),
        ),
        (format!("{NOW}"), Duration::ZERO, half, expired(now(), half)),
        (format!("{NOW}.000000001"), Duration::ZERO, now(), Ok(())),
        (
            format!("{NOW}.0000000009"),
            Duration::ZERO,
            now(),
            expired(now(), now()),
        ),
        (
            format!("{NOW}.5"),
            Duration::ZERO,
            half,
            expired(half, half),
        ),
        (
            format!("{}", NOW - 1),
            NANO,
            now(),
            expired(at(NOW - 1), now()),
        ),
        (format!("{NOW}"), NANO, now(), Ok(())),
        (format!("{}", NOW - 60), MINUTE, before, Ok(())),
        (
            format!("{}", NOW - 60),
            MINUTE,
            now(),
            expired(at(NOW - 60), now()),
        ),
        (format!("{}", NOW - 59), MINUTE, now(), Ok(())),
        ("0".into(), Duration::ZERO, now(), expired(at(0), now())),
        ("-1".into(), Duration::ZERO, at(-1), expired(at(-1), at(-1))),
        ("-1".into(), Duration::ZERO, at(-2), Ok(())),
    ] {
        let verifier = Verifier::new().leeway(leeway).clock(FixedClock::at(now));
        let members = format!(r#""exp":{exp}"#);
        check(&verifier, &members, expected);
    }
}

#[test]
fn exp_may_be_missing_only_where_that_was_said_and_is_honoured_all_the_same() {
    let past = format!(r#""exp":{}"#, NOW - 1);
    for (verifier, members, expected) in [
        (verifier(), "", missing(Claim::Expiration)),
        (verifier(), r#""iat":1"#, missing(Claim::Expiration)),
        (lenient(), "", Ok(())),
        (lenient(), &past, expired(at(NOW - 1), now())),
        (lenient().leeway(MINUTE), &past, Ok(())),
        (
            lenient().require(Claim::Expiration),
            "",
            missing(Claim::Expiration),
        ),
        (lenient().leeway(Duration::MAX), "", Ok(())),
        (
            verifier().leeway(Duration::MAX),
            "",
            missing(Claim::Expiration),
        ),
    ] {
        check(&verifier, members, expected);
    }
}

#[test]
fn a_token_is_refused_before_nbf() {
    let before = now().saturating_sub(NANO);
    for (nbf, leeway, now, expected) in [
        (format!("{NOW}"), Duration::ZERO, now(), Ok(())),
        (
            format!("{NOW}"),
            Duration::ZERO,
            before,
            early(now(), before),
        ),
        (format!("{NOW}.000000001"), NANO, now(), Ok(())),
        (
            format!("{}", NOW + 1),
            Duration::ZERO,
            now(),
            early(at(NOW + 1), now()),
        ),
        (format!("{}", NOW + 60), MINUTE, now(), Ok(())),
        (
            format!("{}", NOW + 60),
            MINUTE,
            before,
            early(at(NOW + 60), before),
        ),
        (
            format!("{}", NOW + 61),
            MINUTE,
            now(),
            early(at(NOW + 61), now()),
        ),
        ("-1".into(), Duration::ZERO, now(), Ok(())),
    ] {
        let verifier = lenient().leeway(leeway).clock(FixedClock::at(now));
        check(&verifier, format!(r#""nbf":{nbf}"#), expected);
    }
}

#[test]
fn max_age_bounds_how_long_ago_a_token_was_issued() {
    let strict = || lenient().max_age(MINUTE);
    let after = now().saturating_add(NANO);
    for (verifier, now, iat, expected) in [
        // Without it, iat may lie anywhere.
        (lenient(), now(), NOW + 1_000_000, Ok(())),
        (lenient(), now(), 0, Ok(())),
        (strict(), now(), NOW, Ok(())),
        (strict(), now(), NOW + 1_000_000, Ok(())),
        (strict(), now(), NOW - 60, Ok(())),
        (strict(), after, NOW - 60, old(at(NOW - 60), after)),
        (strict(), now(), NOW - 61, old(at(NOW - 61), now())),
        (strict().leeway(MINUTE), now(), NOW - 120, Ok(())),
        (
            strict().leeway(MINUTE),
            after,
            NOW - 120,
            old(at(NOW - 120), after),
        ),
        (lenient().max_age(Duration::ZERO), now(), NOW, Ok(())),
        (
            lenient().max_age(Duration::ZERO),
            after,
            NOW,
            old(at(NOW), after),
        ),
    ] {
        check(
            &verifier.clock(FixedClock::at(now)),
            format!(r#""iat":{iat}"#),
            expected,
        );
    }
    check(&strict(), "", missing(Claim::IssuedAt));
    check(
        &strict().leeway(Duration::MAX),
        r#""nbf":1"#,
        missing(Claim::IssuedAt),
    );
}

#[test]
fn arithmetic_stops_at_the_ends_of_time() {
    const MAX: Duration = Duration::MAX;
    let first = i64::MIN;
    let last = i64::MAX;
    let end = at(last).saturating_add(MAX);
    for (claim, date, verifier, now, expected) in [
        ("exp", last, verifier(), at(NOW), Ok(())),
        (
            "exp",
            last,
            verifier(),
            at(last),
            expired(at(last), at(last)),
        ),
        ("exp", last, verifier().leeway(MAX), at(last), Ok(())),
        (
            "exp",
            last,
            verifier().leeway(MAX),
            end,
            expired(at(last), end),
        ),
        (
            "exp",
            first,
            verifier(),
            at(first),
            expired(at(first), at(first)),
        ),
        ("exp", first, verifier().leeway(MAX), at(NOW), Ok(())),
        ("nbf", first, lenient(), at(first), Ok(())),
        ("nbf", first, lenient().leeway(MAX), at(first), Ok(())),
        ("nbf", last, lenient().leeway(MAX), at(first), Ok(())),
        (
            "nbf",
            last,
            lenient(),
            at(first),
            early(at(last), at(first)),
        ),
        ("iat", first, lenient().max_age(MAX), at(NOW), Ok(())),
        (
            "iat",
            first,
            lenient().max_age(MAX).leeway(MAX),
            at(last),
            Ok(()),
        ),
        ("iat", last, lenient().max_age(MAX).leeway(MAX), end, Ok(())),
        (
            "iat",
            first,
            lenient().max_age(MINUTE),
            end,
            old(at(first), end),
        ),
    ] {
        check(
            &verifier.clock(FixedClock::at(now)),
            format!(r#""{claim}":{date}"#),
            expected,
        );
    }
}

#[test]
fn what_is_expected_must_be_there_and_equal() {
    let audience = || lenient().audience("a");
    let unexpected = || Err(VerifyError::UnexpectedAudience);
    for (verifier, members, expected) in [
        (lenient(), r#""iss":"a""#, Ok(())),
        (lenient().issuer("a"), r#""iss":"a""#, Ok(())),
        (
            lenient().issuer("a"),
            r#""iss":"A""#,
            mismatch(Claim::Issuer),
        ),
        (
            lenient().issuer("a"),
            r#""iss":"a/""#,
            mismatch(Claim::Issuer),
        ),
        (
            lenient().issuer("a"),
            r#""iss":"""#,
            mismatch(Claim::Issuer),
        ),
        (lenient().issuer("a"), "", missing(Claim::Issuer)),
        (lenient().issuer(""), "", missing(Claim::Issuer)),
        (lenient().issuer(""), r#""iss":"""#, Ok(())),
        (lenient().issuer("b").issuer("a"), r#""iss":"a""#, Ok(())),
        (
            lenient().issuer("b").issuer("c"),
            r#""iss":"a""#,
            mismatch(Claim::Issuer),
        ),
        // One character, two spellings: bytes are compared.
        (
            lenient().issuer("é"),
            r#""iss":"e\u0301""#,
            mismatch(Claim::Issuer),
        ),
        (lenient().issuer("é"), r#""iss":"\u00e9""#, Ok(())),
        (lenient(), r#""sub":"a""#, Ok(())),
        (lenient().subject("a"), r#""sub":"a""#, Ok(())),
        (
            lenient().subject("a"),
            r#""sub":"b""#,
            mismatch(Claim::Subject),
        ),
        (lenient().subject("a"), "", missing(Claim::Subject)),
        (lenient().subject("a").subject("b"), r#""sub":"b""#, Ok(())),
        (
            lenient().subject("a").subject("b"),
            r#""sub":"c""#,
            mismatch(Claim::Subject),
        ),
        (lenient(), r#""aud":"a""#, unexpected()),
        (lenient(), r#""aud":[]"#, unexpected()),
        (
            lenient().require(Claim::Audience),
            r#""aud":"a""#,
            unexpected(),
        ),
        (audience(), "", missing(Claim::Audience)),
        (audience(), r#""aud":"a""#, Ok(())),
        (audience(), r#""aud":"b""#, mismatch(Claim::Audience)),
        (audience(), r#""aud":[]"#, mismatch(Claim::Audience)),
        (audience(), r#""aud":["b"]"#, mismatch(Claim::Audience)),
        (audience(), r#""aud":["b","a"]"#, Ok(())),
        (audience().audience("b"), r#""aud":"b""#, Ok(())),
        (audience().audience("b"), r#""aud":["c","b"]"#, Ok(())),
        (
            audience().audience("b"),
            r#""aud":["c","d"]"#,
            mismatch(Claim::Audience),
        ),
    ] {
        check(&verifier, members, expected);
    }
}

#[test]
fn a_token_type_that_is_expected_must_be_there() {
    let access = || lenient().token_type("at+jwt");
    let refused = || Err(VerifyError::TokenType);
    for (verifier, typ, expected) in [
        (lenient(), "", Ok(())),
        (lenient(), r#","typ":"JWT""#, Ok(())),
        (lenient(), r#","typ":"at+jwt""#, refused()),
        (access(), "", refused()),
        (access(), r#","typ":"JWT""#, refused()),
        (access(), r#","typ":"at+jwt""#, Ok(())),
        (access(), r#","typ":"application/AT+JWT""#, Ok(())),
        (access().token_type("JWT"), r#","typ":"jwt""#, Ok(())),
        (access().token_type("JWT"), r#","typ":"at+jwt""#, Ok(())),
        (
            access().token_type("JWT"),
            r#","typ":"dpop+jwt""#,
            refused(),
        ),
        // To expect even the usual type is to require it.
        (lenient().token_type("JWT"), "", refused()),
        (lenient().token_type("JWT"), r#","typ":"JWT""#, Ok(())),
    ] {
        check_token(
            &verifier,
            &format!(r#"{{"alg":"HS256"{typ}}}"#),
            "{}",
            expected,
        );
    }
}

#[test]
fn any_claim_can_be_required() {
    for (claim, value) in [
        (Claim::Issuer, r#""a""#),
        (Claim::Subject, r#""""#),
        (Claim::Audience, r#""a""#),
        (Claim::Expiration, "9e9"),
        (Claim::NotBefore, "0"),
        (Claim::IssuedAt, "0"),
        (Claim::JwtId, r#""a""#),
    ] {
        let verifier = match claim {
            // An audience that is required and not expected is refused for that.
            Claim::Audience => lenient().audience("a").require(claim),
            _ => lenient().require(claim),
        };
        check(&verifier, "", missing(claim));
        check(
            &verifier,
            format!(r#""{}":0"#, claim.name().to_uppercase()),
            missing(claim),
        );
        check(&verifier, format!(r#""{claim}":{value}"#), Ok(()));
        let twice = verifier.require(claim).require(claim);
        check(&twice, format!(r#""{claim}":{value}"#), Ok(()));
    }
}

/// Each token has one defect fewer than the one before, in the order of the checks.
#[test]
fn the_first_failure_in_the_order_of_the_checks_is_the_error() {
    #[derive(Debug, Deserialize)]
    struct App {
        #[expect(dead_code, reason = "only whether it is there matters")]
        role: String,
    }

    let keys: KeySet = [key().with_id("ours").verifying_key()]
        .into_iter()
        .collect();
    let verifier = verifier()
        .max_size(1_000)
        .require(Claim::JwtId)
        .max_age(MINUTE)
        .issuer("a")
        .audience("a")
        .subject("a");
    let (past, future) = (at(NOW - 1_000), at(NOW + 1_000));
    let expected = [
        VerifyError::TooLarge {
            limit: 1_000,
            found: 2_000,
        },
        VerifyError::Segments { found: 4 },
        VerifyError::MalformedHeader {
            reason: "has two members of the same name",
        },
        VerifyError::UnsupportedExtension { member: "crit" },
        VerifyError::UnsupportedAlgorithm,
        VerifyError::UnknownKey,
        VerifyError::AlgorithmMismatch {
            expected: Algorithm::HS256,
            found: Algorithm::HS384,
        },
        VerifyError::InvalidSignature,
        VerifyError::MalformedPayload {
            reason: "has two members of the same name",
        },
        VerifyError::WrongType(Claim::IssuedAt),
        VerifyError::CustomClaims {
            member: Some("role".into()),
            problem: "is expected, and missing",
        },
        VerifyError::TokenType,
        VerifyError::Missing(Claim::JwtId),
        VerifyError::Expired {
            at: past,
            now: now(),
        },
        VerifyError::NotYetValid {
            at: future,
            now: now(),
        },
        VerifyError::TooOld {
            issued_at: past,
            now: now(),
        },
        VerifyError::Mismatch(Claim::Issuer),
        VerifyError::Mismatch(Claim::Audience),
        VerifyError::Mismatch(Claim::Subject),
    ];
    let count = expected.len();
    let expected = expected.into_iter().map(|error| format!("Err({error:?})"));
    for (cured, expected) in expected.chain(["Ok(())".into()]).enumerate() {
        // The defect has the number under which its error stands above.
        let pick = |defect: usize, bad: &'static str, good: &'static str| match cured <= defect {
            true => bad,
            false => good,
        };
        let header = [
            r#"{"typ":"#,
            pick(11, r#""at+jwt""#, r#""JWT""#),
            pick(2, r#","x":1,"x":1"#, ""),
            pick(3, r#","crit":["exp"]"#, ""),
            pick(
                4,
                r#","alg":"none""#,
                pick(6, r#","alg":"HS384""#, r#","alg":"HS256""#),
            ),
            pick(5, r#","kid":"stranger"}"#, r#","kid":"ours"}"#),
        ];
        let payload = [
            format!(
                r#"{{"exp":{}"#,
                NOW + if cured <= 13 { -1_000 } else { 1_000 }
            ),
            format!(r#","nbf":{}"#, NOW + if cured <= 14 { 1_000 } else { 0 }),
            pick(8, r#","x":1,"x":1"#, "").into(),
            match cured {
                ..=9 => r#","iat":"""#.into(),
                10..=15 => format!(r#","iat":{}"#, NOW - 1_000),
                _ => format!(r#","iat":{NOW}"#),
            },
            pick(10, "", r#","role":"admin""#).into(),
            pick(12, "", r#","jti":"a""#).into(),
            pick(16, r#","iss":"b""#, r#","iss":"a""#).into(),
            pick(17, r#","aud":"b""#, r#","aud":"a""#).into(),
            pick(18, r#","sub":"b"}"#, r#","sub":"a"}"#).into(),
        ];
        let other = SigningKey::from_secret(Algorithm::HS256, [8; 32]).expect("a key");
        let key = if cured <= 7 { other } else { key() };
        let mut jwt = forge(&key, header.concat(), payload.concat());
        jwt.push_str(pick(1, ".", ""));
        if cured == 0 {
            jwt.extend(std::iter::repeat_n('A', 2_000 - jwt.len()));
        }
        let found = verifier.verify::<App>(&jwt, &keys).map(drop);
        assert_eq!(
            format!("{found:?}"),
            expected,
            "{cured} of {count} defects cured"
        );
    }
}

/// `VerifyError` says that its variants stand in the order of the checks.
#[test]
fn the_order_of_the_variants_is_the_order_of_the_checks() {
    let past = format!(r#""exp":{}"#, NOW - 1);
    check(&verifier().issuer("a"), &past, missing(Claim::Issuer));
    check(&verifier().audience("a"), &past, missing(Claim::Audience));
    check(&verifier().subject("a"), &past, missing(Claim::Subject));
    check(&verifier().max_age(MINUTE), &past, missing(Claim::IssuedAt));
    let other = r#""exp":1,"aud":"b","iss":"b""#;
    let expired = expired(at(1), now());
    check(&verifier().issuer("a").audience("a"), other, expired);
    let reason = "has two members of the same name";
    let twice = r#""exp":"","a":1,"a":1"#;
    check(
        &verifier(),
        twice,
        Err(VerifyError::MalformedPayload { reason }),
    );
}

#[derive(Clone, Debug, Default)]
struct CountingClock(Arc<AtomicUsize>);

impl Clock for CountingClock {
    fn now(&self) -> NumericDate {
        self.0.fetch_add(1, Ordering::Relaxed);
        now()
    }
}

#[test]
fn the_clock_is_read_once_for_each_token() {
    let clock = CountingClock::default();
    let verifier = Verifier::new()
        .clock(clock.clone())
        .max_age(MINUTE)
        .leeway(NANO);
    let good = format!(r#""exp":{},"nbf":{NOW},"iat":{NOW}"#, NOW + 1);
    check(&verifier, good, Ok(()));
    assert_eq!(clock.0.swap(0, Ordering::Relaxed), 1);
    check(&verifier, "", missing(Claim::Expiration));
    assert_eq!(clock.0.swap(0, Ordering::Relaxed), 1);
    check(&verifier, r#""exp":0,"iat":0"#, expired(at(0), now()));
    assert_eq!(clock.0.swap(0, Ordering::Relaxed), 1);
    // A verifier's clone has the same clock.
    check(
        &verifier.clone(),
        r#""exp":0,"iat":0"#,
        expired(at(0), now()),
    );
    assert_eq!(clock.0.swap(0, Ordering::Relaxed), 1);
}

#[test]
fn the_clones_of_a_fixed_clock_move_together_and_back() {
    let clock = clock();
    let verifier = Verifier::new().clock(clock.clone());
    let members = format!(r#""exp":{}"#, NOW + 60);
    check(&verifier, &members, Ok(()));
    clock.clone().advance(MINUTE);
    check(&verifier, &members, expired(at(NOW + 60), at(NOW + 60)));
    check(
        &verifier.clone(),
        &members,
        expired(at(NOW + 60), at(NOW + 60)),
    );
    clock.set(now());
    check(&verifier, &members, Ok(()));
    clock.advance(Duration::MAX);
    clock.advance(Duration::MAX);
    let end = clock.now();
    assert_eq!(end.seconds(), i64::MAX);
    check(&verifier, &members, expired(at(NOW + 60), end));
    clock.set(at(i64::MIN));
    check(&verifier, &members, Ok(()));
}
