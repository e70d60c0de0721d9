//! Runs the conformance corpus with jwt-simple.

use jwt_ring_vectors_rust::{Case, run};
use jwt_simple::prelude::*;
use serde_json::Value;

/// Returns the secret in a symmetric JWK. The library does not read these, so only what a caller must read.
fn secret(jwk: &Value) -> Option<Vec<u8>> {
    let members = jwk.as_object()?;
    let is_known = |name: &String| ["alg", "k", "kid", "kty"].contains(&name.as_str());
    let is_usual = jwk["kty"] == "oct"
        && members.keys().all(is_known)
        && members.values().all(Value::is_string);
    let k = jwk["k"].as_str().filter(|_| is_usual)?;
    Base64UrlSafeNoPadding::decode_to_vec(k, None).ok()
}

type Verify = fn(&Value, &str, VerificationOptions) -> Option<JWTClaims<NoCustomClaims>>;

/// Returns the function that verifies with an algorithm, unless the library does not know it.
fn algorithm(name: &str) -> Option<Verify> {
    macro_rules! secret {
        ($key:ident) => {
            |jwk, token, options| {
                let key = $key::from_bytes(&secret(jwk)?);
                key.verify_token(token, Some(options)).ok()
            }
        };
    }
    macro_rules! public {
        ($key:ident) => {
            |jwk, token, options| {
                let key = $key::from_jwk(&jwk.to_string()).ok()?;
                key.verify_token(token, Some(options)).ok()
            }
        };
    }
    Some(match name {
        "HS256" => secret!(HS256Key),
        "HS384" => secret!(HS384Key),
        "HS512" => secret!(HS512Key),
        "RS256" => public!(RS256PublicKey),
        "RS384" => public!(RS384PublicKey),
        "RS512" => public!(RS512PublicKey),
        "PS256" => public!(PS256PublicKey),
        "PS384" => public!(PS384PublicKey),
        "PS512" => public!(PS512PublicKey),
        "ES256" => public!(ES256PublicKey),
        "ES384" => public!(ES384PublicKey),
        "EdDSA" | "Ed25519" => public!(Ed25519PublicKey),
        _ => return None,
    })
}

/// Returns the options, unless one is missing.
fn options(case: &Case) -> Option<VerificationOptions> {
    let max_size = case.policy["max_size"].as_u64();
    let mut options = VerificationOptions {
        artificial_time: Some(UnixTimeStamp::from_millis((case.now * 1000.0) as u64)),
        max_token_length: Some(max_size.unwrap_or(65536) as usize),
        time_tolerance: Some(Duration::from_secs(case.leeway())),
        ..VerificationOptions::default()
    };
    for (option, value, values) in case.options() {
        let first = values.first().map(|one| one.to_string());
        let set = || HashSet::from_strings(&values);
        match option {
            "issuer" => options.allowed_issuers = Some(set()),
            "audience" => options.allowed_audiences = Some(set()),
            "subject" if values.len() == 1 => options.required_subject = first,
            // It does not add the prefix, and most tokens are without.
            "typ" if values.len() == 1 => {
                let short = values[0].strip_prefix("application/");
                options.required_signature_type = short.map(str::to_owned).or(first);
            }
            "max_age" => options.max_validity = value.as_u64().map(Duration::from_secs),
            // Of the claims, only `iat` can be required.
            "required" if values == ["iat"] => {
                options.reject_before = Some(UnixTimeStamp::from_secs(0))
            }
            // The audience is compared only if it is expected.
            "audience_mode" if value == "not compared" => {}
            "algorithms" if values.iter().all(|one| algorithm(one).is_some()) => {}
            // No option changes how null is read.
            "allow_missing_expiration" | "null_as_missing" | "leeway" | "max_size" => {}
            _ => return None,
        }
    }
    Some(options).filter(|_| case.now >= 0.0)
}

fn accepts(case: &Case) -> Option<bool> {
    let options = options(case)?;
    let Ok(metadata) = Token::decode_metadata(&case.token) else {
        return Some(false);
    };
    let Some(jwk) = case.jwk(metadata.key_id())? else {
        return Some(false);
    };
    let algorithms = case.algorithms(jwk["alg"].as_str());
    let needs_secret = jwk["kty"] == "oct" && algorithms.iter().any(|one| one.starts_with("HS"));
    if needs_secret && secret(&jwk).is_none() {
        return None;
    }
    let mut algorithms = algorithms.into_iter().filter_map(algorithm);
    let claims = algorithms.find_map(|verify| verify(&jwk, &case.token, options.clone()));
    let Some(claims) = claims else {
        return Some(false);
    };
    // It has no option to require `exp`.
    let is_complete = claims.expires_at.is_some() || !case.requires_expiration();
    is_complete.then_some(true)
}

fn main() {
    run(accepts);
}
