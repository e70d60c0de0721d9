//! The order of the checks: of a token with several defects, the first check that fails is reported.

use std::fmt::Write;

use jwt_ring::{Algorithm, Claim, Claims, KeySet, SigningKey, Verifier};
use serde::Deserialize;

use super::support::{NOW, REGISTERED, errors, forge};
use super::{Expected, MINUTE, at, check, error, expired, key, missing, now, verifier};
use super::{in_future, mismatch, not_yet_valid, too_old, wrong_type};

const HOUR: i64 = 3_600;
const DUPLICATE: &str = "has two members of the same name";

/// The custom claims that the tokens are read into.
#[derive(Debug, Deserialize)]
struct App {
    #[expect(dead_code, reason = "read to see that it is present")]
    role: String,
}

/// A token before it is signed.
struct Draft {
    /// Names and JSON texts.
    header: Vec<(&'static str, String)>,
    payload: Vec<(&'static str, String)>,
    secret: u8,
    /// Appended to the signature.
    suffix: String,
}

type Members = Vec<(&'static str, String)>;

impl Draft {
    /// A token that passes all checks.
    fn valid() -> Self {
        let text = |value: &str| format!("{value:?}");
        Self {
            header: vec![
                ("alg", text("HS256")),
                ("typ", text("JWT")),
                ("kid", text("ours")),
            ],
            payload: vec![
                ("exp", format!("{}", NOW + 10)),
                ("nbf", format!("{NOW}")),
                ("iat", format!("{NOW}")),
                ("iss", text("a")),
                ("aud", text("a")),
                ("sub", text("a")),
                ("jti", text("a")),
                ("nonce", text("a")),
                ("role", text("admin")),
            ],
            secret: 7,
            suffix: String::new(),
        }
    }

    fn sign(&self) -> String {
        let key = SigningKey::from_secret(Algorithm::HS256, [self.secret; 32]).expect("a key");
        let token = forge(&key, json(&self.header), json(&self.payload));
        token + &self.suffix
    }
}

fn json(members: &Members) -> String {
    let mut json = String::new();
    for (name, value) in members {
        write!(json, r#","{name}":{value}"#).expect("a string grows");
    }
    format!("{{{}}}", json.trim_start_matches(','))
}

fn set(members: &mut Members, name: &'static str, value: impl ToString) {
    members.retain(|(other, _)| *other != name);
    members.push((name, value.to_string()));
}

/// A way to break a token, and the error for it alone.
struct Defect {
    error: Expected,
    add: Box<dyn Fn(&mut Draft)>,
}

fn defect(error: Expected, add: impl Fn(&mut Draft) + 'static) -> Defect {
    let add = Box::new(add);
    Defect { error, add }
}

fn header(error: Expected, name: &'static str, value: &'static str) -> Defect {
    defect(error, move |draft| set(&mut draft.header, name, value))
}

fn payload(error: Expected, claim: Claim, value: impl ToString + 'static) -> Defect {
    defect(error, move |draft| {
        set(&mut draft.payload, claim.name(), value.to_string());
    })
}

const SIZE: usize = 1_000;

/// The verifier that requires everything that can be required.
fn strict() -> Verifier {
    verifier()
        .max_size(SIZE)
        .algorithms([Algorithm::HS256, Algorithm::HS384])
        .require(Claim::NotBefore)
        .require(Claim::JwtId)
        .require(Claim::Nonce)
        .max_age(MINUTE)
        .max_lifetime(MINUTE)
        .issuer("a")
        .audience("a")
        .subject("a")
}

/// The defects in the order of the checks up to the payload scan.
fn before_the_claims() -> Vec<Defect> {
    use Algorithm::{HS256, HS384, HS512};
    vec![
        defect(Err(errors::too_large(SIZE, 2_000)), |draft| {
            let missing = 2_000 - draft.sign().len();
            draft.suffix.push_str(&"A".repeat(missing));
        }),
        defect(Err(errors::segments(4)), |draft| {
            draft.suffix.insert(0, '.');
        }),
        defect(Err(errors::malformed_header(DUPLICATE)), |draft| {
            draft.header.extend(["x", "x"].map(|x| (x, "1".to_owned())));
        }),
        header(
            Err(errors::unsupported_extension("crit")),
            "crit",
            r#"["exp"]"#,
        ),
        header(Err(errors::unsupported_extension("b64")), "b64", "false"),
        header(Err(errors::unsupported_algorithm()), "alg", r#""none""#),
        header(
            Err(errors::algorithm_not_allowed(HS512)),
            "alg",
            r#""HS512""#,
        ),
        header(error("KeyLookup(Unknown)"), "kid", r#""other""#),
        header(
            Err(errors::algorithm_mismatch(HS256, HS384)),
            "alg",
            r#""HS384""#,
        ),
        defect(
            Err(errors::malformed_signature(
                "is not base64url without padding",
            )),
            |draft| draft.suffix.push('='),
        ),
        defect(Err(errors::invalid_signature()), |draft| draft.secret = 8),
        header(Err(errors::typ_mismatch(&[])), "typ", r#""at+jwt""#),
        header(Err(errors::nested_token()), "cty", r#""JWT""#),
        defect(Err(errors::malformed_payload(DUPLICATE)), |draft| {
            let twice = ["x", "x"].map(|x| (x, "1".to_owned()));
            draft.payload.extend(twice);
        }),
    ]
}

/// The defects in the order of the checks from the types of the registered claims on.
fn in_the_claims() -> Vec<Defect> {
    use Claim::{Audience, Expiration, IssuedAt, Issuer, NotBefore, Subject};
    let wrong = |claim: Claim| payload(wrong_type(claim), claim, "{}");
    let absent = |claim: Claim| {
        defect(missing(claim), move |draft| {
            draft.payload.retain(|(name, _)| *name != claim.name());
        })
    };
    let (past, future) = (at(NOW - HOUR), at(NOW + HOUR));
    let too_long = error(format!(
        "LifetimeTooLong {{ issued_at: {:?}, expiration: {future:?}, max: {MINUTE:?} }}",
        now()
    ));
    let other = |claim| payload(mismatch(claim, &["a"]), claim, r#""b""#);
    let problem = "is missing, and the expected type requires it";
    let custom = Err(errors::custom_claims(Some("role"), problem));
    let mut defects: Vec<_> = REGISTERED.into_iter().map(wrong).collect();
    defects.extend(REGISTERED.into_iter().map(absent));
    defects.extend([
        payload(expired(past, now()), Expiration, NOW - HOUR),
        payload(not_yet_valid(future, now()), NotBefore, NOW + HOUR),
        payload(in_future(future, now()), IssuedAt, NOW + HOUR),
        payload(too_old(past, now()), IssuedAt, NOW - HOUR),
        payload(too_long, Expiration, NOW + HOUR),
        other(Issuer),
        other(Audience),
        other(Subject),
        wrong(Claim::Nonce),
        absent(Claim::Nonce),
        defect(custom, |draft| {
            draft.payload.retain(|(name, _)| *name != "role");
        }),
    ]);
    defects
}

/// Signs a token with these defects. The first one is added last: where two are of one value, it
/// prevails.
fn verify(defects: &[&Defect]) -> Expected {
    let keys: KeySet = [key().with_id("ours").verifying_key()]
        .into_iter()
        .collect();
    let mut draft = Draft::valid();
    for defect in defects.iter().rev() {
        (defect.add)(&mut draft);
    }
    let found = strict().verify::<Claims<App>>(&draft.sign(), &keys);
    found.map(drop).map_err(|error| errors::text(&error))
}

#[test]
fn each_check_precedes_the_next_one() {
    let mut defects = before_the_claims();
    defects.extend(in_the_claims());
    assert_eq!(verify(&[]), Ok(()), "the valid twin");
    for defect in &defects {
        assert_eq!(verify(&[defect]), defect.error);
    }
    for pair in defects.windows(2) {
        let [first, second] = pair else {
            panic!("a pair has two elements");
        };
        let found = verify(&[first, second]);
        assert_eq!(found, first.error, "with {:?}", second.error);
    }
    // With all defects from one on.
    for index in 0..defects.len() {
        let rest: Vec<_> = defects.iter().skip(index).collect();
        assert_eq!(verify(&rest), rest[0].error);
    }
}

/// The types of all claims are checked before the presence of any, and that before any value.
#[test]
fn types_precede_presence_and_presence_precedes_values() {
    let past = format!(r#""exp":{}"#, NOW - 1);
    check(&verifier().issuer("a"), &past, missing(Claim::Issuer));
    check(&verifier().audience("a"), &past, missing(Claim::Audience));
    check(&verifier().subject("a"), &past, missing(Claim::Subject));
    check(&verifier().max_age(MINUTE), &past, missing(Claim::IssuedAt));
    check(
        &verifier().require(Claim::JwtId),
        &past,
        missing(Claim::JwtId),
    );
    check(&verifier(), r#""jti":7"#, wrong_type(Claim::JwtId));
    let other = r#""exp":1,"aud":"b","iss":"b""#;
    let expected = expired(at(1), now());
    check(&verifier().issuer("a").audience("a"), other, expected);
    let expected = Err(errors::malformed_payload(DUPLICATE));
    check(&verifier(), r#""exp":"","a":1,"a":1"#, expected);
}

/// A token for another audience is reported as such, regardless of the caller's type.
#[test]
fn the_policy_precedes_the_callers_type() {
    let keys = key().verifying_key();
    let expired_token = forge(&key(), r#"{"alg":"HS256"}"#, r#"{"exp":1}"#);
    let access_token = forge(
        &key(),
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        r#"{"exp":9e9}"#,
    );
    let verifier = verifier();
    let rejected = [
        (&expired_token, errors::expired(at(1), now())),
        (&access_token, errors::typ_mismatch(&[])),
    ];
    for (token, expected) in rejected {
        let found = [
            verifier.verify::<Claims<App>>(token, &keys).err(),
            verifier.verify::<App>(token, &keys).err(),
            verifier.verify::<()>(token, &keys).err(),
            verifier.verify::<Vec<u8>>(token, &keys).err(),
            verifier.verify::<Claims>(token, &keys).err(),
        ];
        for error in found {
            let error = error.expect("a rejected token");
            assert_eq!(errors::text(&error), expected);
        }
    }
}
