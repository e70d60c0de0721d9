//! Properties of all tokens, policies and clocks. Results are compared with those of `reference`,
//! a naive implementation of the same rules.

#[path = "../../reference/mod.rs"]
mod reference;
#[path = "../../support/mod.rs"]
mod support;

use std::sync::LazyLock;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Audience, Claim, Claims, FixedClock, Header, KeySet, NumericDate, Signer,
    SigningKey, Unsigned, Unverified, Verifier, VerifyError, VerifyingKey,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use reference::{Audiences, Policy, Reader, outcome_of};
use serde_json::{Map, Value};
use support::{ALGORITHMS, encode, forge, signing_key};

/// A signer of every algorithm, made once.
static SIGNERS: LazyLock<Vec<(Signer, VerifyingKey)>> = LazyLock::new(|| {
    let signer = |algorithm| {
        let key = signing_key(algorithm).with_id("kid");
        let public = key.verifying_key();
        (Signer::new(key), public)
    };
    ALGORITHMS.map(signer).into()
});

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key"));

static PUBLIC: LazyLock<VerifyingKey> = LazyLock::new(|| KEY.verifying_key());

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

/// Any JSON number; numbers near the limits are frequent.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "-?(0|[1-9][0-9]{0,4})",
        2 => "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?",
        1 => "-?922337203685477580[5-9](\\.[0-9]{1,10})?",
        1 => "-?0\\.0{0,12}[1-9]{1,3}(e-?[0-9])?",
        1 => "[1-9]e[+-]?[0-9]{18,22}",
    ]
}

/// Any string as JSON, with valid and invalid escapes.
fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[abi]{0,2}".prop_map(|text| Value::from(text).to_string()),
        2 => any::<String>().prop_map(|text| Value::from(text).to_string()),
        1 => select(vec![
            r#""\u0061""#, r#""\ud83d\ude00""#, r#""\ud83d""#, r#""\ude00\ud83d""#, r#""\\ud83d""#,
            r#""\u00""#, "\"\t\"", r#""\/""#,
        ])
        .prop_map(str::to_owned),
    ]
}

/// Any JSON value as text, with members that may repeat.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        number(),
        string(),
        select(vec!["null", "true", "false"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|all| format!("[{}]", all.join(","))),
            vec((string(), inner), 0..4).prop_map(|all| object(&all)),
        ]
    })
}

fn object(members: &[(String, String)]) -> String {
    let members: Vec<_> = members
        .iter()
        .map(|(name, json)| format!("{name}: {json}"))
        .collect();
    format!("{{{}}}", members.join(" ,"))
}

/// A payload that is often accepted: most claims are present and valid, in any order; some payloads
/// have other members.
fn payload() -> impl Strategy<Value = String> {
    let name = || select(vec![r#""a""#, r#""b""#, r#""i""#]).prop_map(str::to_owned);
    let date = |dates: std::ops::RangeInclusive<i64>| {
        let fitting = dates.prop_map(|date| date.to_string());
        prop_oneof![20 => fitting, 1 => number(), 1 => json()]
    };
    let names = vec(name(), 0..3).prop_map(|all| format!("[{}]", all.join(",")));
    let text = || prop_oneof![20 => name(), 1 => string(), 1 => json()];
    let earlier = 970..=1_003;
    let later = 998..=1_030;
    let claims = (
        option::weighted(0.9, text()),
        option::weighted(0.7, text()),
        option::weighted(0.5, prop_oneof![10 => name(), 9 => names, 1 => json()]),
        option::weighted(0.9, date(later)),
        option::weighted(0.5, date(earlier.clone())),
        option::weighted(0.7, date(earlier.clone())),
        option::weighted(0.3, text()),
    );
    let other = prop_oneof![
        9 => select(vec!["role", "Iss", "i\\u0073s", "exp", "aud", "nonce", "auth_time", ""])
            .prop_map(|name| format!("\"{name}\"")),
        1 => string(),
    ];
    let others = prop_oneof![2 => Just(Vec::new()), 1 => vec((other, json()), 0..3)];
    let object = (claims, others)
        .prop_map(|(claims, others)| {
            let (iss, sub, aud, exp, nbf, iat, jti) = claims;
            let claims = [iss, sub, aud, exp, nbf, iat, jti];
            let names = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
            let members = names
                .map(|name| format!("\"{name}\""))
                .into_iter()
                .zip(claims);
            let members = members.filter_map(|(name, json)| Some((name, json?)));
            members.chain(others).collect::<Vec<_>>()
        })
        .prop_shuffle()
        .prop_map(|members| object(&members));
    prop_oneof![30 => object, 1 => json()]
}

fn policy() -> impl Strategy<Value = Policy> {
    let names = || {
        prop_oneof![
            Just(Vec::new()),
            vec(select(vec!["a", "b", "i"]).prop_map(str::to_owned), 1..4),
        ]
    };
    let types = select(vec!["JWT", "at+jwt", "application/AT+JWT", "x/y"]).prop_map(str::to_owned);
    let typs = prop_oneof![4 => Just(Vec::new()), 1 => vec(types, 1..3)];
    let audiences = prop_oneof![
        2 => Just(Audiences::None),
        4 => vec(select(vec!["a", "b", "i"]).prop_map(str::to_owned), 1..4)
            .prop_map(Audiences::Contains),
        1 => Just(Audiences::Sole("a".to_owned())),
        1 => Just(Audiences::Any),
    ];
    let claim = select(vec![
        Claim::Subject,
        Claim::NotBefore,
        Claim::IssuedAt,
        Claim::JwtId,
        Claim::Nonce,
        Claim::AuthTime,
    ]);
    let required = prop_oneof![4 => Just(Vec::new()), 1 => vec(claim, 1..3)];
    let length = |most| (0..most, 0_u32..3).prop_map(|(s, n)| Duration::new(s, n));
    let now = prop_oneof![
        12 => 995_i64..1_005,
        1 => select(vec![i64::MIN, i64::MAX - 5, i64::MAX, 0]),
    ];
    let seldom = || prop_oneof![4 => Just(false), 1 => Just(true)];
    let max_age = option::of(prop_oneof![12 => length(40_u64), 1 => Just(Duration::MAX)]);
    let max_lifetime = option::weighted(0.3, length(60_u64));
    let leeway =
        prop_oneof![8 => Just(Duration::ZERO), 8 => length(10_u64), 1 => Just(Duration::MAX)];
    (
        (names(), audiences, names(), typs, required),
        (any::<bool>(), seldom()),
        (max_age, max_lifetime, leeway),
        (now, 0_u32..3),
    )
        .prop_map(|(lists, flags, lengths, now)| {
            let (issuers, audiences, subjects, typs, required) = lists;
            let (allow_missing_expiration, null_as_missing) = flags;
            let (max_age, max_lifetime, leeway) = lengths;
            Policy {
                issuers,
                audiences,
                subjects,
                typs,
                required,
                allow_missing_expiration,
                null_as_missing,
                max_age,
                max_lifetime,
                leeway,
                now,
            }
        })
}

/// Custom claims: any JSON object without registered claims.
fn custom() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4)
                .prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    });
    vec(("[^eijnsa].*|a", value), 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

fn claims() -> impl Strategy<Value = Claims<Value>> {
    let text = || any::<String>();
    (
        text(),
        vec(text(), 1..4),
        text(),
        text(),
        custom(),
        -1_000_000_000_i64..4_000_000_000,
    )
        .prop_map(|(issuer, audiences, subject, id, custom, now)| {
            let clock = FixedClock::at(NumericDate::from_seconds(now));
            let claims = Claims::new(&clock, Duration::from_secs(900))
                .issuer(issuer)
                .subject(subject)
                .jwt_id(id)
                .not_before(NumericDate::from_seconds(now))
                .custom(custom);
            audiences.into_iter().fold(claims, Claims::audience)
        })
}

/// The policy that expects exactly these claims, at the time of issue.
fn policy_for(claims: &Claims<Value>) -> Verifier {
    let audience = claims.audience.as_ref().and_then(|all| all.iter().last());
    Verifier::new()
        .issuer(claims.issuer.clone().expect("set"))
        .audience(audience.expect("set"))
        .subject(claims.subject.clone().expect("set"))
        .max_age(Duration::ZERO)
        .clock(FixedClock::at(claims.issued_at.expect("set")))
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn a_signed_token_verifies_and_has_the_same_claims(claims in claims(), signer in 0..ALGORITHMS.len()) {
        let (signer, public) = &SIGNERS[signer];
        let jwt = signer.sign(&claims).expect("a token");
        let token = policy_for(&claims).verify::<Claims<Value>>(&jwt, public).expect("a valid token");
        prop_assert_eq!(token.claims(), &claims);
    }

    #[test]
    fn a_token_with_one_character_changed_is_rejected(
        claims in claims(),
        signer in 0..ALGORITHMS.len(),
        index in any::<prop::sample::Index>(),
        new in "[A-Za-z0-9_.=+/ -]|\\PC",
    ) {
        let (signer, public) = &SIGNERS[signer];
        let jwt = signer.sign(&claims).expect("a token");
        let index = index.index(jwt.len());
        let changed = format!("{}{new}{}", &jwt[..index], &jwt[index + 1..]);
        let outcome = policy_for(&claims).verify::<Claims<Value>>(&changed, public);
        prop_assert_eq!(outcome.is_ok(), changed == jwt);
    }
}

/// Changes each bit of one token of each algorithm.
#[test]
fn a_token_with_one_bit_changed_is_rejected() {
    let clock = support::clock();
    let verifier = Verifier::new().clock(clock.clone());
    for (signer, public) in &*SIGNERS {
        let claims = Claims::new(&clock, Duration::from_secs(1));
        let jwt = signer.sign(&claims).expect("a token");
        verifier
            .verify::<Claims>(&jwt, public)
            .expect("the token itself");
        for bit in 0..8 * jwt.len() {
            let mut bytes = jwt.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(changed) = String::from_utf8(bytes) {
                verifier
                    .verify::<Claims>(&changed, public)
                    .expect_err("a changed token");
            }
        }
    }
}

/// Checks that `Claims` reads every date that the policy reads: whole seconds exactly, a fraction to
/// the precision of `f64`.
fn check_claim(number: &str) -> Result<(), TestCaseError> {
    let jwt = forge(&KEY, r#"{"alg":"HS256"}"#, format!(r#"{{"iat":{number}}}"#));
    let verifier = Verifier::new().allow_missing_expiration();
    let token = verifier.verify::<Claims>(&jwt, &*PUBLIC);
    let Some(date) = reference::date::parse(number) else {
        prop_assert_eq!(outcome_of(token), Err("wrong_type iat".into()));
        return Ok(());
    };
    let token = match token {
        Ok(token) => token,
        Err(error) => return Err(TestCaseError::fail(format!("{number}: {error}"))),
    };
    let read = token.claims().issued_at.expect("present");
    if number.parse::<i64>().is_ok() {
        prop_assert_eq!((read.seconds(), read.nanoseconds()), date);
    } else {
        let nanoseconds =
            |(seconds, nanoseconds)| i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        let difference =
            nanoseconds((read.seconds(), read.nanoseconds())).abs_diff(nanoseconds(date));
        // The mantissa of `f64` has 53 bits, and without `float_roundtrip` serde_json may be off by one.
        let limit = 2 + (nanoseconds(date).unsigned_abs() >> 51);
        prop_assert!(difference <= limit, "{}: {:?}", number, read);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(4096))]

    #[test]
    fn policies_decide_as_the_naive_rules(
        payload in payload(),
        policy in policy(),
        typ in option::weighted(0.3, select(vec!["JWT", "at+jwt", "application/At+JWT", "X/y", ""])),
        cty in option::weighted(0.05, select(vec!["JWT", "application/jwt", "json", "a/jwt", ""])),
    ) {
        let parameter = |name: &str, value: Option<&str>| {
            value.map(|value| format!(r#","{name}":"{value}""#)).unwrap_or_default()
        };
        let (typ_text, cty_text) = (parameter("typ", typ), parameter("cty", cty));
        let header = format!(r#"{{"alg":"HS256"{typ_text}{cty_text}}}"#);
        let jwt = forge(&KEY, header, &payload);
        let verifier = policy.verifier();
        let unit = outcome_of(verifier.verify::<Claims>(&jwt, &*PUBLIC));
        prop_assert_eq!(unit, policy.decide(typ, cty, payload.as_bytes(), Reader::Claims));
        let value = outcome_of(verifier.verify::<Claims<Value>>(&jwt, &*PUBLIC));
        prop_assert_eq!(value, policy.decide(typ, cty, payload.as_bytes(), Reader::Value));
    }

    #[test]
    fn objects_are_read_as_by_serde_json(payload in payload()) {
        let jwt = forge(&KEY, r#"{"alg":"HS256"}"#, &payload);
        let policy = Policy {
            allow_missing_expiration: true,
            now: (i64::MIN, 0),
            ..Policy::default()
        };
        if let Ok(token) = policy.verifier().verify::<Claims<Value>>(&jwt, &*PUBLIC) {
            let whole = policy.verifier().verify::<Value>(&jwt, &*PUBLIC).expect("the same token");
            let Ok(Value::Object(mut expected)) = serde_json::from_str(&payload) else {
                panic!("serde_json rejects what was accepted: {payload}");
            };
            prop_assert_eq!(whole.claims(), &Value::Object(expected.clone()));
            expected.retain(|name, _| !["iss", "sub", "exp", "nbf", "iat", "jti"].contains(&&**name));
            prop_assert_eq!(&token.claims().custom, &Value::Object(expected));
        }
    }

    #[test]
    fn headers_are_read_as_by_the_naive_rules(
        members in vec((
            prop_oneof![
                8 => select(vec!["alg", "typ", "kid", "cty", "crit", "b64", "jwk", "a"])
                    .prop_map(|name| format!("\"{name}\"")),
                1 => string(),
            ],
            prop_oneof![
                8 => select(vec!["HS256", "ES256", "Ed25519", "none", "JWT", "k"])
                    .prop_map(|text| format!("\"{text}\"")),
                2 => Just("true".to_owned()),
                2 => json(),
            ],
        ), 0..5),
        alg in any::<bool>(),
    ) {
        let mut members = members;
        if alg {
            members.insert(0, (r#""alg""#.into(), r#""HS256""#.into()));
        }
        let json = object(&members);
        let text = format!("{}.{}.", encode(&json), encode("{}"));
        let read = Unverified::parse(&text).map(|token| token.header().clone());
        match reference::header::read(json.as_bytes()) {
            Ok(expected) => {
                let header = read.expect(&json);
                prop_assert_eq!(header.algorithm().name(), expected.alg);
                prop_assert_eq!(header.typ(), expected.typ.as_deref());
                prop_assert_eq!(header.key_id(), expected.kid.as_deref());
                for (name, value) in expected.all {
                    prop_assert_eq!(header.parameter(&name), value.to_value(), "{}", name);
                }
            }
            Err(expected) => prop_assert_eq!(outcome_of(read), Err(expected)),
        }
    }

    #[test]
    fn dates_are_exact_fractions(number in number()) {
        let jwt = forge(&KEY, r#"{"alg":"HS256"}"#, format!(r#"{{"exp":{number}}}"#));
        // At the end of time every date is in the past, and the error holds the exact one.
        let end = NumericDate::from_seconds(i64::MAX).saturating_add(Duration::MAX);
        let error = Verifier::new().clock(FixedClock::at(end)).verify::<Claims>(&jwt, &*PUBLIC);
        match (error.expect_err("expired"), reference::date::parse(&number)) {
            (VerifyError::Expired { at, .. }, Some(date)) => {
                prop_assert_eq!((at.seconds(), at.nanoseconds()), date);
            }
            (VerifyError::WrongType(Claim::Expiration), None) => {}
            (error, date) => panic!("{error:?} {date:?}"),
        }
        check_claim(&number)?;
    }

    #[test]
    fn date_arithmetic_is_that_of_integers(
        seconds in any::<i64>(),
        nanoseconds in 0..1_000_000_000_u32,
        duration in (prop_oneof![0..4_u64, any::<u64>()], 0..1_000_000_000_u32),
    ) {
        let duration = Duration::new(duration.0, duration.1);
        let exact = |date: NumericDate| {
            i128::from(date.seconds()) * 1_000_000_000 + i128::from(date.nanoseconds())
        };
        let date = NumericDate::from_seconds(seconds)
            .saturating_add(Duration::from_nanos(nanoseconds.into()));
        let length = i128::try_from(duration.as_nanos()).expect("u64 seconds fit");
        let greatest = i128::from(i64::MAX) * 1_000_000_000 + 999_999_999;
        let least = i128::from(i64::MIN) * 1_000_000_000;
        prop_assert_eq!(exact(date.saturating_add(duration)), (exact(date) + length).min(greatest));
        prop_assert_eq!(exact(date.saturating_sub(duration)), (exact(date) - length).max(least));
    }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn written_values_are_read_back(
        algorithm in select(ALGORITHMS.to_vec()),
        typ in any::<String>(),
        kid in any::<String>(),
        audiences in vec(any::<String>(), 0..4),
        seconds in any::<i64>(),
        member in ("x[a-z]{0,3}", custom()),
    ) {
        prop_assert_eq!(algorithm.to_string().parse(), Ok(algorithm));

        let header = Header::new(algorithm)
            .with_typ(typ)
            .with_key_id(kid)
            .with_parameter(member.0, member.1);
        let unsigned = Unsigned::new(&header, &serde_json::json!({})).expect("an unsigned token");
        let text = format!("{}.", str::from_utf8(unsigned.signing_input()).expect("ASCII"));
        let read = Unverified::parse(&text).expect("what we wrote");
        prop_assert_eq!(read.header(), &header);

        let audience: Audience = audiences.into_iter().collect();
        let json = serde_json::to_string(&audience).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Audience>(&json).expect("what we wrote"), audience);

        let date = NumericDate::from_seconds(seconds);
        let json = serde_json::to_string(&date).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<NumericDate>(&json).expect("what we wrote"), date);
    }

    #[test]
    fn published_keys_are_read_back(ids in vec(option::of(any::<String>()), 0..6)) {
        let keys: KeySet = ids
            .iter()
            .zip(SIGNERS.iter().rev())
            .map(|(id, (_, key))| match id {
                Some(id) => key.clone().with_id(id),
                None => key.clone(),
            })
            .collect();
        let json = serde_json::to_string(&keys).expect("JSON");
        let read = KeySet::from_json(&json).expect("what we wrote");
        prop_assert!(read.ignored().is_empty());
        prop_assert_eq!(serde_json::to_string(&read).expect("JSON"), json);
    }
}
