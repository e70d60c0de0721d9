//! What holds for all tokens, policies and clocks, and not for the examples only. The decisions are
//! compared with `reference`, the rules written a second time.

#[path = "../../reference/mod.rs"]
mod reference;
#[path = "../../support/mod.rs"]
mod support;

use std::sync::LazyLock;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Audience, Claim, Claims, FixedClock, Header, KeySet, NumericDate, Signer,
    SigningKey, Unsigned, Unverified, Verifier, VerifyingKey,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use reference::{Policy, Reader, verdict};
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

/// Any number that JSON can write, near the limits more often than chance would have it.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "-?(0|[1-9][0-9]{0,4})",
        2 => "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?",
        1 => "-?922337203685477580[5-9](\\.[0-9]{1,10})?",
        1 => "-?0\\.0{0,12}[1-9]{1,3}(e-?[0-9])?",
        1 => "[1-9]e[+-]?[0-9]{18,22}",
    ]
}

/// Any string as JSON, with escapes that mean something, and some that do not.
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

/// A payload that is often one to accept: most claims are there and fit, in any order, and now and
/// then something else is among them.
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
        9 => select(vec!["role", "Iss", "i\\u0073s", "exp", "aud", ""])
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
    let token_types = prop_oneof![4 => Just(Vec::new()), 1 => vec(types, 1..3)];
    let claim = select(vec![
        Claim::Subject,
        Claim::NotBefore,
        Claim::IssuedAt,
        Claim::JwtId,
    ]);
    let required = prop_oneof![4 => Just(Vec::new()), 1 => vec(claim, 1..3)];
    let length = |most| (0..most, 0_u32..3).prop_map(|(s, n)| Duration::new(s, n));
    let now = prop_oneof![
        12 => 995_i64..1_005,
        1 => select(vec![i64::MIN, i64::MAX - 5, i64::MAX, 0]),
    ];
    (
        (names(), names(), names(), token_types, required),
        any::<bool>(),
        option::of(prop_oneof![12 => length(40_u64), 1 => Just(Duration::MAX)]),
        prop_oneof![8 => Just(Duration::ZERO), 8 => length(10_u64), 1 => Just(Duration::MAX)],
        (now, 0_u32..3),
    )
        .prop_map(|(lists, expiry_may_be_missing, max_age, leeway, now)| {
            let (issuers, audiences, subjects, token_types, required) = lists;
            Policy {
                issuers,
                audiences,
                subjects,
                token_types,
                required,
                expiry_may_be_missing,
                max_age,
                leeway,
                now,
            }
        })
}

/// Custom claims that a caller may have.
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

/// The policy that asks for exactly what the claims say, when they were made.
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
    fn what_is_signed_verifies_and_says_the_same(claims in claims(), signer in 0..12_usize) {
        let (signer, public) = &SIGNERS[signer];
        let jwt = signer.sign(&claims).expect("a token");
        let token = policy_for(&claims).verify::<Value>(&jwt, public).expect("a good token");
        prop_assert_eq!(token.claims(), &claims);
    }

    #[test]
    fn what_is_changed_in_one_character_is_refused(
        claims in claims(),
        signer in 0..12_usize,
        place in any::<prop::sample::Index>(),
        new in "[A-Za-z0-9_.=+/ -]|\\PC",
    ) {
        let (signer, public) = &SIGNERS[signer];
        let jwt = signer.sign(&claims).expect("a token");
        let place = place.index(jwt.len());
        let changed = format!("{}{new}{}", &jwt[..place], &jwt[place + 1..]);
        let outcome = policy_for(&claims).verify::<Value>(&changed, public);
        prop_assert_eq!(outcome.is_ok(), changed == jwt);
    }
}

/// All of one token of each algorithm, not a sample: no bit of it is idle.
#[test]
fn what_is_changed_in_one_bit_is_refused() {
    let clock = support::clock();
    let verifier = Verifier::new().clock(clock.clone());
    for (signer, public) in &*SIGNERS {
        let claims = Claims::new(&clock, Duration::from_secs(1));
        let jwt = signer.sign(&claims).expect("a token");
        verifier
            .verify::<()>(&jwt, public)
            .expect("the token itself");
        for bit in 0..8 * jwt.len() {
            let mut bytes = jwt.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            // What is no text is no `&str`, and does not get this far.
            if let Ok(changed) = String::from_utf8(bytes) {
                verifier
                    .verify::<()>(&changed, public)
                    .expect_err("a changed token");
            }
        }
    }
}

proptest! {
    #![proptest_config(config(4096))]

    #[test]
    fn policies_decide_as_the_naive_rules_do(
        payload in payload(),
        policy in policy(),
        typ in option::weighted(0.3, select(vec!["JWT", "at+jwt", "application/At+JWT", "X/y", ""])),
    ) {
        let header = match typ {
            Some(typ) => format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#),
            None => r#"{"alg":"HS256"}"#.into(),
        };
        let jwt = forge(&KEY, header, &payload);
        let verifier = policy.verifier();
        let unit = verdict(verifier.verify::<()>(&jwt, &*PUBLIC));
        prop_assert_eq!(unit, policy.judge(typ, payload.as_bytes(), Reader::Unit));
        let value = verdict(verifier.verify::<Value>(&jwt, &*PUBLIC));
        prop_assert_eq!(value, policy.judge(typ, payload.as_bytes(), Reader::Value));
    }

    #[test]
    fn objects_are_read_as_by_serde_json(payload in payload()) {
        let jwt = forge(&KEY, r#"{"alg":"HS256"}"#, &payload);
        let policy = Policy { expiry_may_be_missing: true, now: (i64::MIN, 0), ..Policy::default() };
        if let Ok(token) = policy.verifier().verify::<Value>(&jwt, &*PUBLIC) {
            let Ok(Value::Object(mut expected)) = serde_json::from_str(&payload) else {
                panic!("serde_json refuses what was read: {payload}");
            };
            expected.retain(|name, _| !["iss", "sub", "exp", "nbf", "iat", "jti"].contains(&&**name));
            prop_assert_eq!(&token.claims().custom, &Value::Object(expected));
        }
    }

    #[test]
    fn headers_are_read_as_by_the_naive_rules(
        members in vec((
            prop_oneof![
                8 => select(vec!["alg", "typ", "kid", "crit", "b64", "jwk", "a"])
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
        let read = Unverified::parse(&text).map(|token| {
            let header = token.header();
            let algorithm = header.algorithm();
            (algorithm, header.token_type().map(str::to_owned), header.key_id().map(str::to_owned))
        });
        let expected = reference::header(json.as_bytes())
            .map(|(alg, typ, kid)| (alg.parse::<Algorithm>().expect("both know it"), typ, kid));
        prop_assert_eq!(read.map_err(|error| error.code().to_owned()), expected);
    }

    #[test]
    fn dates_are_exact_fractions(number in number()) {
        let jwt = forge(&KEY, r#"{"alg":"HS256"}"#, format!(r#"{{"iat":{number}}}"#));
        let verifier = Verifier::new().allow_missing_expiry();
        let read = verifier.verify::<()>(&jwt, &*PUBLIC).ok().map(|token| {
            let date = token.claims().issued_at.expect("it was there");
            (date.seconds(), date.nanoseconds())
        });
        prop_assert_eq!(read, reference::date(&number));
    }

    #[test]
    fn dates_add_up_as_integers_do(
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
    fn what_is_written_is_read(
        algorithm in select(ALGORITHMS.to_vec()),
        typ in any::<String>(),
        kid in any::<String>(),
        audiences in vec(any::<String>(), 0..4),
        seconds in any::<i64>(),
        member in ("x[a-z]{0,3}", custom()),
    ) {
        prop_assert_eq!(algorithm.to_string().parse(), Ok(algorithm));

        let header = Header::new(algorithm)
            .with_token_type(typ)
            .with_key_id(kid)
            .with_member(member.0, member.1);
        let unsigned = Unsigned::new(&header, &serde_json::json!({})).expect("a message");
        let text = format!("{}.", str::from_utf8(unsigned.message()).expect("ASCII"));
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
    fn keys_are_published_and_read(ids in vec(option::of(any::<String>()), 0..6)) {
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
