//! The checks of a verification, each made by itself.
//!
//! A verifier reports the first check that fails. To show them all, each claim is checked in a token
//! of its own, with a valid signature by a key of this program. Whether the token of the input is
//! accepted is decided by a verification of that token alone.

use std::error::Error;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{
    Algorithm, FixedClock, Keys, NumericDate, SigningKey, Unverified, Verifier, VerifyError,
    VerifyingKey,
};
use serde_json::{Map, Value, json};

use crate::options::Policy;

const SECRET: [u8; 32] = *b"not a secret, for isolated tests";

const HEADER: &str = r#"{"alg":"HS256"}"#;

type Members = Map<String, Value>;
type Outcome = Result<(), VerifyError>;
/// The inner errors are of tokens, the outer one is of this program.
type Fallible<T> = Result<T, Box<dyn Error>>;

/// What is in a token, and the results of the checks.
pub(crate) struct Inspection {
    pub(crate) header: Option<Members>,
    pub(crate) claims: Option<Members>,
    pub(crate) checks: Vec<Check>,
    /// The result of the verification, or `None` without a key.
    pub(crate) result: Option<Outcome>,
}

impl Inspection {
    pub(crate) fn is_accepted(&self) -> bool {
        matches!(self.result, Some(Ok(())))
    }
}

pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) result: CheckResult,
}

pub(crate) enum CheckResult {
    Passed(&'static str),
    /// What was not checked, and the remedy.
    NotChecked(&'static str),
    Failed(VerifyError),
}

/// Makes all checks at the time `now`. White space around the token is not part of it.
pub(crate) fn inspect(
    input: &str,
    keys: Option<&dyn Keys>,
    policy: &Policy,
    now: NumericDate,
) -> Fallible<Inspection> {
    let token = input.trim_start_matches('\u{feff}').trim();
    let mut segments = token.split('.');
    let header = segments.next().and_then(members);
    let payload = segments.next().unwrap_or_default();
    let claims = members(payload);
    let single = Single::new(now)?;

    let format = format(token);
    let signature = match keys {
        _ if format.is_err() => CheckResult::NotChecked("the format is invalid or not supported"),
        None => CheckResult::NotChecked("give the issuer's keys by --jwks, or --pem and --alg"),
        Some(keys) => of(signature(token, keys), "valid"),
    };
    let mut checks = vec![
        check("format", of(format, "three segments, and a valid header")),
        check("signature", signature),
    ];
    if let Some(header) = &header {
        checks.push(single.typ(header, policy)?);
    }
    checks.push(check("payload", of(encoding(payload), "a JSON object")));
    if let Some(claims) = &claims {
        for name in ["exp", "nbf", "iat", "iss", "aud", "sub", "jti"] {
            checks.push(single.claim(name, claims, policy)?);
        }
    }

    let verifier = policy.verifier().clock(FixedClock::at(now));
    let result = keys.map(|keys| verifier.verify::<Members>(token, keys).map(drop));
    Ok(Inspection {
        header,
        claims,
        checks,
        result,
    })
}

/// Decodes a segment leniently, to show what a verifier rejects.
fn members(segment: &str) -> Option<Members> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).ok()?).ok()
}

/// What precedes the key: a verifier without keys fails there if all before it is valid.
fn format(token: &str) -> Outcome {
    let no_keys: [VerifyingKey; 0] = [];
    match Verifier::new().verify::<Members>(token, &no_keys) {
        Ok(_) | Err(VerifyError::KeyLookup(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The key and the signature. What fails after them is for other checks.
fn signature(token: &str, keys: &dyn Keys) -> Outcome {
    match Verifier::new().verify::<Members>(token, keys) {
        Err(
            error @ (VerifyError::KeyLookup(_)
            | VerifyError::AlgorithmMismatch { .. }
            | VerifyError::MalformedSignature { .. }
            | VerifyError::InvalidSignature),
        ) => Err(error),
        _ => Ok(()),
    }
}

/// The encoding of the payload, below a header that is valid.
fn encoding(payload: &str) -> Outcome {
    let header = URL_SAFE_NO_PAD.encode(HEADER);
    let token = format!("{header}.{payload}.");
    Unverified::parse(&token)?.claims::<Members>().map(drop)
}

/// Checks one thing in a token that has nothing else.
struct Single {
    key: SigningKey,
    now: NumericDate,
}

impl Single {
    fn new(now: NumericDate) -> Fallible<Self> {
        let key = SigningKey::from_secret(Algorithm::HS256, SECRET)?;
        Ok(Self { key, now })
    }

    /// Verifies a token with this payload. A [`Signer`](jwt_ring::Signer) would not sign all of them.
    fn verify(&self, verifier: Verifier, header: &str, payload: &str) -> Fallible<Outcome> {
        let [header, payload] = [header, payload].map(|text| URL_SAFE_NO_PAD.encode(text));
        let signing_input = format!("{header}.{payload}");
        let signature = self.key.sign(signing_input.as_bytes())?;
        let token = format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature));
        let verifier = verifier.clock(FixedClock::at(self.now));
        let token = verifier.verify::<Members>(&token, &self.key.verifying_key());
        Ok(token.map(drop))
    }

    fn typ(&self, header: &Members, policy: &Policy) -> Fallible<Check> {
        let mut alone = json!({ "alg": "HS256" });
        for name in ["typ", "cty"] {
            if let Some(value) = header.get(name) {
                alone[name] = value.clone();
            }
        }
        let verifier = policy.verifier();
        let result = match self.verify(verifier, &alone.to_string(), "{}")? {
            // They come after the header.
            Err(VerifyError::Missing(_)) => Ok(()),
            result => result,
        };
        Ok(check("typ, cty", of(result, "as expected")))
    }

    fn claim(&self, name: &'static str, claims: &Members, policy: &Policy) -> Fallible<Check> {
        let claim = claims.get(name);
        let payload = match claim {
            Some(value) => json!({ name: value }),
            None => json!({}),
        };
        let mut verifier = Verifier::new();
        let mut passed = "as expected";
        match (name, &policy.issuer, &policy.audience) {
            ("iss", Some(issuer), _) => verifier = verifier.issuer(issuer),
            ("aud", _, Some(audience)) => verifier = verifier.audience(audience),
            ("nbf" | "exp", ..) => passed = "at the present time",
            _ => passed = "of the right type",
        }
        if name != "exp" {
            verifier = verifier.allow_missing_expiration();
        }
        if claim.is_none() {
            passed = "absent, and not required";
        }
        let result = match self.verify(verifier, HEADER, &payload.to_string())? {
            Ok(()) if name == "iss" && policy.issuer.is_none() => {
                CheckResult::NotChecked("give the expected one by --issuer")
            }
            result => of(result, passed),
        };
        Ok(check(name, result))
    }
}

fn check(name: &'static str, result: CheckResult) -> Check {
    Check { name, result }
}

fn of(outcome: Outcome, passed: &'static str) -> CheckResult {
    match outcome {
        Ok(()) => CheckResult::Passed(passed),
        Err(error) => CheckResult::Failed(error),
    }
}
