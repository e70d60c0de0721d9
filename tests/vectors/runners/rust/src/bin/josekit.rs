//! Runs the conformance corpus with josekit.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use josekit::jwk::{Jwk, JwkSet};
use josekit::jws::{
    ES256, ES384, EdDSA, HS256, HS384, HS512, JwsVerifier, PS256, PS384, PS512, RS256, RS384, RS512,
};
use josekit::jwt::{self, JwtPayloadValidator};
use jwt_ring_vectors_rust::{Case, run};
use serde_json::Value;

fn at(seconds: f64) -> SystemTime {
    let duration = Duration::from_secs_f64(seconds.abs());
    if seconds < 0.0 {
        UNIX_EPOCH - duration
    } else {
        UNIX_EPOCH + duration
    }
}

type Verifier = Box<dyn JwsVerifier>;
type FromJwk = fn(&Jwk) -> Option<Verifier>;

/// Returns what makes a verifier of a JWK, unless the library does not know the algorithm.
fn algorithm(name: &str) -> Option<FromJwk> {
    macro_rules! from_jwk {
        ($algorithm:ident) => {
            |jwk| Some(Box::new($algorithm.verifier_from_jwk(jwk).ok()?))
        };
    }
    Some(match name {
        "HS256" => from_jwk!(HS256),
        "HS384" => from_jwk!(HS384),
        "HS512" => from_jwk!(HS512),
        "RS256" => from_jwk!(RS256),
        "RS384" => from_jwk!(RS384),
        "RS512" => from_jwk!(RS512),
        "PS256" => from_jwk!(PS256),
        "PS384" => from_jwk!(PS384),
        "PS512" => from_jwk!(PS512),
        "ES256" => from_jwk!(ES256),
        "ES384" => from_jwk!(ES384),
        "EdDSA" => from_jwk!(EdDSA),
        _ => return None,
    })
}

/// Returns the options, unless one is missing.
fn validator(case: &Case) -> Option<JwtPayloadValidator> {
    let mut options = JwtPayloadValidator::new();
    options.set_base_time(at(case.now));
    // Unless set, the time of the system.
    options.set_max_issued_time(UNIX_EPOCH + Duration::from_secs(i64::MAX as u64));
    for (option, value, values) in case.options() {
        match (option, &*values) {
            ("algorithms", all) if all.iter().all(|one| algorithm(one).is_some()) => {}
            ("issuer", [issuer]) => options.set_issuer(*issuer),
            ("audience", [audience]) => options.set_audience(*audience),
            ("subject", [subject]) => options.set_subject(*subject),
            ("max_age", _) => {
                options.set_min_issued_time(at(case.now - value.as_f64()?));
                options.set_max_issued_time(at(case.now));
            }
            ("leeway", _) if value == 0 => {}
            // The audience is compared only if it is expected.
            ("audience_mode", _) if value == "not compared" => {}
            // No option changes how null is read.
            ("allow_missing_expiration" | "null_as_missing", _) => {}
            _ => return None,
        }
    }
    Some(options)
}

fn without_id(mut jwk: Jwk) -> Jwk {
    jwk.set_parameter("kid", None).expect("an optional one");
    jwk
}

fn accepts(case: &Case) -> Option<bool> {
    let validator = validator(case)?;
    let Ok(set) = JwkSet::from_bytes(&case.keys) else {
        return Some(false);
    };
    let Ok(header) = jwt::decode_header(&case.token) else {
        return Some(false);
    };
    let keys: Vec<Jwk> = match (header.claim("kid").and_then(Value::as_str), set.keys()) {
        (Some(kid), _) => set.get(kid).into_iter().cloned().collect(),
        // A verifier with a key ID takes no token without one.
        (None, keys) if keys.len() < 2 => keys.into_iter().cloned().map(without_id).collect(),
        _ => return None,
    };
    let verifiers = keys.iter().flat_map(|jwk| {
        let algorithms = case.algorithms(jwk.algorithm()).into_iter();
        algorithms.filter_map(|one| algorithm(one)?(jwk))
    });
    let verifiers: Vec<_> = verifiers.collect();
    let decoded = jwt::decode_with_verifier_selector(&case.token, |header| {
        let mut all = verifiers.iter().map(Box::as_ref);
        Ok(all.find(|one| header.algorithm() == Some(one.algorithm().name())))
    });
    let payload = decoded.map(|(payload, _)| payload).ok();
    let Some(payload) = payload.filter(|payload| validator.validate(payload).is_ok()) else {
        return Some(false);
    };
    // It has no option to require `exp`.
    let is_complete = payload.claim("exp").is_some() || !case.requires_expiration();
    is_complete.then_some(true)
}

fn main() {
    run(accepts);
}
