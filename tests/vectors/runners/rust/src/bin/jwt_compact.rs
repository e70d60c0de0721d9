//! Runs the conformance corpus with jwt-compact.

use chrono::{DateTime, TimeDelta};
use jwt_compact::alg::{
    Ed25519, Es256, Hs256, Hs384, Hs512, Rsa, RsaPublicKey, StrongAlg, StrongKey,
};
use jwt_compact::jwk::{JsonWebKey, JwkError};
use jwt_compact::prelude::*;
use jwt_compact::{Algorithm, Claim, ValidationError};
use jwt_ring_vectors_rust::{Case, run};
use serde_json::{Map, Value, from_value};

type Other = Map<String, Value>;
type Verify = fn(&JsonWebKey, &UntrustedToken) -> Option<Token<Other>>;

fn verify<A: Algorithm>(
    algorithm: A,
    jwk: &JsonWebKey,
    token: &UntrustedToken,
) -> Option<Token<Other>>
where
    A::VerifyingKey: for<'a> TryFrom<&'a JsonWebKey<'a>, Error = JwkError>,
{
    let key = A::VerifyingKey::try_from(jwk).ok()?;
    algorithm.validator(&key).validate(token).ok()
}

fn verify_rsa(algorithm: Rsa, jwk: &JsonWebKey, token: &UntrustedToken) -> Option<Token<Other>> {
    let key: StrongKey<_> = RsaPublicKey::try_from(jwk).ok()?.try_into().ok()?;
    StrongAlg(algorithm).validator(&key).validate(token).ok()
}

/// Returns the function that verifies with an algorithm, unless the library does not know it.
fn algorithm(name: &str) -> Option<Verify> {
    Some(match name {
        // `StrongAlg` takes HMAC secrets of the block's length, not the hash's.
        "HS256" => |jwk, token| verify(Hs256, jwk, token),
        "HS384" => |jwk, token| verify(Hs384, jwk, token),
        "HS512" => |jwk, token| verify(Hs512, jwk, token),
        "RS256" => |jwk, token| verify_rsa(Rsa::rs256(), jwk, token),
        "RS384" => |jwk, token| verify_rsa(Rsa::rs384(), jwk, token),
        "RS512" => |jwk, token| verify_rsa(Rsa::rs512(), jwk, token),
        "PS256" => |jwk, token| verify_rsa(Rsa::ps256(), jwk, token),
        "PS384" => |jwk, token| verify_rsa(Rsa::ps384(), jwk, token),
        "PS512" => |jwk, token| verify_rsa(Rsa::ps512(), jwk, token),
        "ES256" => |jwk, token| verify(Es256, jwk, token),
        "EdDSA" => |jwk, token| verify(Ed25519, jwk, token),
        "Ed25519" => |jwk, token| verify(Ed25519::with_specific_name(), jwk, token),
        _ => return None,
    })
}

/// What the policy requires of claims.
struct Required {
    exp: bool,
    nbf: bool,
}

/// Returns what is required, unless an option is missing.
fn required(case: &Case) -> Option<Required> {
    let mut required = Required {
        exp: case.requires_expiration(),
        nbf: false,
    };
    for (option, value, values) in case.options() {
        match (option, &*values) {
            ("algorithms", all) if all.iter().all(|one| algorithm(one).is_some()) => {}
            ("audience_mode", _) if value == "not compared" => {}
            ("required", ["exp"]) => required.exp = true,
            ("required", ["nbf"]) => required.nbf = true,
            // `leeway` is set later. No option changes how null is read.
            ("leeway" | "allow_missing_expiration" | "null_as_missing", _) => {}
            _ => return None,
        }
    }
    Some(required)
}

fn are_dates_valid(case: &Case, claims: &Claims<Other>, required: &Required) -> bool {
    let now = DateTime::from_timestamp_millis((case.now * 1000.0) as i64).expect("a time");
    let leeway = TimeDelta::seconds(case.leeway() as i64);
    let options = TimeOptions::new(leeway, || now);
    let is_expired = match claims.validate_expiration(&options) {
        Err(ValidationError::NoClaim(Claim::Expiration)) => required.exp,
        result => result.is_err(),
    };
    let is_early = match claims.validate_maturity(&options) {
        Err(ValidationError::NoClaim(Claim::NotBefore)) => required.nbf,
        result => result.is_err(),
    };
    !is_expired && !is_early
}

fn accepts(case: &Case) -> Option<bool> {
    let required = required(case)?;
    let Ok(token) = UntrustedToken::new(&case.token) else {
        return Some(false);
    };
    let Some(value) = case.jwk(token.header().key_id.as_deref())? else {
        return Some(false);
    };
    let algorithms = case.algorithms(value["alg"].as_str());
    let Ok(jwk) = from_value::<JsonWebKey>(value) else {
        return Some(false);
    };
    let mut algorithms = algorithms.into_iter().filter_map(algorithm);
    let verified = algorithms.find_map(|verify| verify(&jwk, &token));
    let claims = verified.as_ref().map(Token::claims);
    let Some(claims) = claims.filter(|claims| are_dates_valid(case, claims, &required)) else {
        return Some(false);
    };
    // It does not read `aud`, so it has no option to reject one.
    let is_compared = case.policy["audience_mode"].is_null() && claims.custom.contains_key("aud");
    (!is_compared).then_some(true)
}

fn main() {
    run(accepts);
}
