//! Runs the conformance corpus with biscuit.

use biscuit::jwa::{Algorithm, SignatureAlgorithm};
use biscuit::jwk::{AlgorithmParameters, JWK, JWKSet, KeyType};
use biscuit::jws::Secret;
use biscuit::{
    ClaimPresenceOptions, Empty, JWT, Presence, TemporalOptions, Validation, ValidationOptions,
};
use chrono::{DateTime, TimeDelta};
use jwt_ring_vectors_rust::{Case, run};
use serde_json::{from_str, from_value};

fn algorithm(name: &str) -> Option<SignatureAlgorithm> {
    from_value(name.into()).ok()
}

/// Requires a claim, unless the library has no option for it.
fn require(claims: &mut ClaimPresenceOptions, name: &str) -> Option<()> {
    let claim = match name {
        "aud" => &mut claims.audience,
        "exp" => &mut claims.expiry,
        "iat" => &mut claims.issued_at,
        "iss" => &mut claims.issuer,
        "jti" => &mut claims.id,
        "nbf" => &mut claims.not_before,
        "sub" => &mut claims.subject,
        _ => return None,
    };
    *claim = Presence::Required;
    Some(())
}

/// Returns the options, unless one is missing.
fn options(case: &Case) -> Option<ValidationOptions> {
    let mut options = ValidationOptions {
        issued_at: Validation::Ignored,
        temporal_options: TemporalOptions {
            epsilon: TimeDelta::seconds(case.leeway() as i64),
            now: DateTime::from_timestamp_millis((case.now * 1000.0) as i64),
        },
        ..ValidationOptions::default()
    };
    let claims = &mut options.claim_presence_options;
    if case.requires_expiration() {
        require(claims, "exp");
    }
    for (option, value, values) in case.options() {
        match (option, &*values) {
            ("algorithms", all) if all.iter().all(|one| algorithm(one).is_some()) => {}
            ("issuer", [issuer]) => {
                require(claims, "iss");
                options.issuer = Validation::Validate(issuer.to_string());
            }
            ("audience", [audience]) => {
                require(claims, "aud");
                options.audience = Validation::Validate(audience.to_string());
            }
            ("max_age", _) => {
                require(claims, "iat");
                options.issued_at = Validation::Validate(TimeDelta::seconds(value.as_i64()?));
            }
            ("required", all) => all.iter().try_for_each(|one| require(claims, one))?,
            // The audience is compared only if it is expected.
            ("audience_mode", _) if value == "not compared" => {}
            // `leeway` is set above. No option changes how null is read.
            ("leeway" | "allow_missing_expiration" | "null_as_missing", _) => {}
            _ => return None,
        }
    }
    Some(options)
}

/// Returns the algorithms of the policy for a key, as far as the library knows them.
fn algorithms(case: &Case, jwk: &JWK<Empty>) -> Vec<SignatureAlgorithm> {
    use SignatureAlgorithm::{ES256, ES384, HS256, HS384, HS512};
    use SignatureAlgorithm::{PS256, PS384, PS512, RS256, RS384, RS512};
    let all = case.algorithms(None).into_iter().filter_map(algorithm);
    let all = all.filter(|one| match jwk.key_type() {
        KeyType::EllipticCurve => matches!(one, ES256 | ES384),
        KeyType::RSA => matches!(one, RS256 | RS384 | RS512 | PS256 | PS384 | PS512),
        KeyType::Octet => matches!(one, HS256 | HS384 | HS512),
        KeyType::OctetKeyPair => false,
    });
    let named = jwk.common.algorithm;
    all.filter(|one| named.is_none_or(|named| named == Algorithm::Signature(*one)))
        .collect()
}

fn secret(jwk: &JWK<Empty>) -> Secret {
    match &jwk.algorithm {
        AlgorithmParameters::EllipticCurve(key) => key.jws_public_key_secret(),
        AlgorithmParameters::RSA(key) => key.jws_public_key_secret(),
        AlgorithmParameters::OctetKey(key) => Secret::Bytes(key.value.clone()),
        AlgorithmParameters::OctetKeyPair(_) => Secret::None,
    }
}

fn accepts(case: &Case) -> Option<bool> {
    let options = options(case)?;
    let token = JWT::<Empty, Empty>::new_encoded(&case.token);
    let Ok(set) = from_str::<JWKSet<Empty>>(&case.keys) else {
        return Some(false);
    };
    let Ok(header) = token.unverified_header() else {
        return Some(false);
    };
    let decoded = match (&header.registered.key_id, &*set.keys) {
        (Some(kid), _) => set.find(kid).and_then(|jwk| {
            let mut all = algorithms(case, jwk).into_iter();
            all.find_map(|one| token.decode_with_jwks(&set, Some(one)).ok())
        }),
        (None, [jwk]) => {
            let mut all = algorithms(case, jwk).into_iter();
            all.find_map(|one| token.decode(&secret(jwk), one).ok())
        }
        // It takes the algorithm of the header, so that is compared first.
        (None, _) => {
            let mut all = case.algorithms(None).into_iter().filter_map(algorithm);
            let is_allowed = all.any(|one| one == header.registered.algorithm);
            let decoded = is_allowed.then(|| token.decode_with_jwks_ignore_kid(&set));
            decoded.and_then(Result::ok)
        }
    };
    Some(decoded.is_some_and(|token| token.validate(options).is_ok()))
}

fn main() {
    run(accepts);
}
