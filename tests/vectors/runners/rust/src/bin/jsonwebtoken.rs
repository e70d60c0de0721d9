//! Runs the conformance corpus with jsonwebtoken.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use jwt_ring_vectors_rust::{Case, run};
use serde_json::{Map, Value, from_str};

/// Returns the options, unless one is missing.
fn validation(case: &Case) -> Option<Validation> {
    let mut options = Validation::default();
    options.required_spec_claims.clear();
    let mut require = |claim: &str| options.required_spec_claims.insert(claim.to_owned());
    if case.requires_expiration() {
        require("exp");
    }
    for (option, claim) in [("issuer", "iss"), ("audience", "aud"), ("subject", "sub")] {
        let _ = case.policy.get(option).is_some() && require(claim);
    }
    for (option, value, values) in case.options() {
        match (option, &*values) {
            ("algorithms", all) => {
                let all: Result<_, _> = all.iter().map(|one| one.parse()).collect();
                options.algorithms = all.ok()?;
            }
            ("issuer", issuers) => options.set_issuer(issuers),
            ("audience", audiences) => options.set_audience(audiences),
            ("subject", [subject]) => options.sub = Some((*subject).to_owned()),
            ("audience_mode", _) if value == "not compared" => options.validate_aud = false,
            ("required", [claim @ ("exp" | "nbf" | "iss" | "aud" | "sub")]) => {
                options.required_spec_claims.insert((*claim).to_owned());
            }
            // `leeway` is set later. No option changes how null is read.
            ("leeway" | "allow_missing_expiration" | "null_as_missing", _) => {}
            _ => return None,
        }
    }
    Some(options)
}

fn accepts(case: &Case) -> Option<bool> {
    let mut validation = validation(case).filter(|_| case.now >= 0.0)?;
    let (Ok(set), Ok(header)) = (from_str::<JwkSet>(&case.keys), decode_header(&case.token)) else {
        return Some(false);
    };
    // A set is searched by `kid` only.
    let jwk = match (&header.kid, &*set.keys) {
        (Some(kid), _) => set.find(kid),
        (None, [] | [_]) => set.keys.first(),
        (None, _) => return None,
    };
    let Some((jwk, key)) = jwk.and_then(|jwk| Some((jwk, DecodingKey::from_jwk(jwk).ok()?))) else {
        return Some(false);
    };
    // `decode` takes algorithms of one family only, and does not read the `alg` of the JWK.
    let named = jwk.common.key_algorithm.map(Algorithm::try_from);
    let is_named = |one: &Algorithm| named.as_ref().is_none_or(|named| *named == Ok(*one));
    let algorithms = &mut validation.algorithms;
    algorithms.retain(|one| one.family() == key.family() && is_named(one));
    let leeway = case.leeway();
    Some(decodes(
        &case.token,
        &key,
        validation,
        case.now as u64,
        leeway,
    ))
}

/// Decodes once for `exp` and once for `nbf`. The only clock is that of the system, and the leeway that
/// moves it to the time of the case has another sign for each.
fn decodes(token: &str, key: &DecodingKey, all: Validation, now: u64, leeway: u64) -> bool {
    loop {
        let real = jsonwebtoken::get_current_timestamp();
        let exp = Validation {
            leeway: real.wrapping_sub(now).wrapping_add(leeway),
            ..all.clone()
        };
        let nbf = Validation {
            leeway: now.wrapping_sub(real).wrapping_add(leeway),
            validate_exp: false,
            validate_nbf: true,
            ..all.clone()
        };
        let is_valid = |with: &_| decode::<Map<String, Value>>(token, key, with).is_ok();
        let are_valid = is_valid(&exp) && is_valid(&nbf);
        if real == jsonwebtoken::get_current_timestamp() {
            return are_valid;
        }
    }
}

fn main() {
    run(accepts);
}
