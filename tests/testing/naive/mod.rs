//! A verifier as it is written by hand, of which one check can be turned off.

mod check;
mod members;

use std::collections::HashSet;
use std::sync::Mutex;

use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{
    GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE_NO_PAD,
};
use base64::{Engine, alphabet};
use jwt_ring::testing::Profile;
use jwt_ring::{Algorithm, VerifyingKey};
use ring::hmac;
use serde_json::{Map, Value};

pub(crate) use check::Check;
use members::Members;

/// The request that carries a token.
pub(crate) struct Request<'a> {
    pub(crate) authorization: &'a str,
    pub(crate) proofs: &'a [&'a str],
    pub(crate) method: &'a str,
    pub(crate) uri: &'a str,
}

pub(crate) struct Naive {
    pub(crate) profile: Profile,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) key: VerifyingKey,
    pub(crate) nonce: Option<String>,
    pub(crate) now: fn() -> i64,
    pub(crate) off: Option<Check>,
    pub(crate) used: Mutex<HashSet<String>>,
}

/// The check that failed.
type Outcome<T = ()> = Result<T, Check>;

/// A token that was read, but not verified.
struct Jws<'a> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    input: &'a str,
    signature: Vec<u8>,
}

impl Naive {
    /// Requires a condition unless the check is off.
    fn ensure(&self, check: Check, is_met: bool) -> Outcome {
        match is_met || self.off == Some(check) {
            true => Ok(()),
            false => Err(check),
        }
    }

    pub(crate) fn verify(&self, request: &Request<'_>) -> Outcome {
        let (scheme, text) = request.authorization.split_once(' ').unwrap_or_default();
        let is_dpop = self.profile == Profile::Dpop;
        self.ensure(
            Check::Scheme,
            scheme == if is_dpop { "DPoP" } else { "Bearer" },
        )?;
        let token = self.read(text)?;
        self.check_signature(&token)?;
        let typ = token.header.get("typ").and_then(Value::as_str);
        let is_typ = match self.profile {
            Profile::Plain => typ.is_none_or(|typ| typ == "JWT"),
            _ => typ == Some("at+jwt"),
        };
        self.ensure(Check::Typ, is_typ)?;
        self.check_claims(&token.claims)?;
        if self.profile != Profile::Plain {
            self.check_access_token(&token.claims)?;
        }
        match self.profile {
            Profile::Dpop => self.check_proof(request, text, &token.claims),
            Profile::AccessToken => self.ensure(Check::Unbound, !token.claims.contains_key("cnf")),
            _ => Ok(()),
        }
    }

    fn read<'a>(&self, text: &'a str) -> Outcome<Jws<'a>> {
        let segments: Vec<&str> = text.split('.').collect();
        self.ensure(Check::Segments, segments.len() == 3)?;
        let segment = |index: usize| segments.get(index).copied().unwrap_or_default();
        let header = self.object(&self.decode(segment(0))?)?;
        let claims = self.object(&self.decode(segment(1))?)?;
        self.ensure(Check::Crit, !header.contains_key("crit"))?;
        let b64 = header.get("b64");
        self.ensure(Check::B64, b64.is_none_or(|b64| b64 == true))?;
        self.ensure(Check::Cty, header.get("cty").is_none_or(|cty| cty != "JWT"))?;
        for name in ["typ", "kid"] {
            let value = header.get(name);
            self.ensure(Check::HeaderTypes, value.is_none_or(Value::is_string))?;
        }
        let length = segment(0).len() + 1 + segment(1).len();
        Ok(Jws {
            header,
            claims,
            input: text.get(..length).unwrap_or_default(),
            signature: self.decode(segment(2))?,
        })
    }

    fn decode(&self, segment: &str) -> Outcome<Vec<u8>> {
        let plain = segment.trim_end_matches('=').replace(' ', "");
        let plain = plain.replace('+', "-").replace('/', "_");
        self.ensure(Check::Base64, plain == segment)?;
        let config = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireNone);
        let engine = GeneralPurpose::new(&alphabet::URL_SAFE, config);
        let bytes = engine.decode(&plain).map_err(|_| Check::Base64)?;
        self.ensure(Check::Base64, URL_SAFE_NO_PAD.encode(&bytes) == plain)?;
        Ok(bytes)
    }

    fn object(&self, bytes: &[u8]) -> Outcome<Map<String, Value>> {
        self.ensure(Check::Utf8, std::str::from_utf8(bytes).is_ok())?;
        let text = String::from_utf8_lossy(bytes);
        self.ensure(Check::Object, !text.starts_with('['))?;
        let text = text.trim_start_matches('[').trim_end_matches(']');
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Members>();
        let Members(members) = values
            .next()
            .ok_or(Check::Object)?
            .map_err(|_| Check::Object)?;
        let is_end = text.get(values.byte_offset()..).unwrap_or_default();
        self.ensure(Check::TextAfter, is_end.trim().is_empty())?;
        let names: HashSet<_> = members.iter().map(|(name, _)| name).collect();
        let is_unique = names.len() == members.len();
        if self.off == Some(Check::DuplicatesFirst) {
            return Ok(members.into_iter().rev().collect());
        }
        self.ensure(Check::Duplicates, is_unique)?;
        Ok(members.into_iter().collect())
    }

    fn check_signature(&self, token: &Jws<'_>) -> Outcome {
        let algorithm = token.header.get("alg").and_then(Value::as_str);
        if self.off == Some(Check::Algorithm) {
            match algorithm.unwrap_or_default() {
                "none" | "nOnE" => return Ok(()),
                "HS256" => return self.check_hmac(token),
                _ => {}
            }
        }
        self.ensure(
            Check::Algorithm,
            algorithm == Some(self.key.algorithm().name()),
        )?;
        let key = self.key_of(token);
        let is_valid = key.verify(token.input.as_bytes(), &token.signature).is_ok();
        self.ensure(Check::Signature, is_valid)
    }

    /// The key, or that in the header if nothing is checked of it.
    fn key_of(&self, token: &Jws<'_>) -> VerifyingKey {
        let own = match self.off {
            Some(Check::Jwk) => token.header.get("jwk").and_then(|jwk| {
                VerifyingKey::from_jwk(self.key.algorithm(), &jwk.to_string()).ok()
            }),
            Some(Check::X5c) => token.header.get("x5c").and_then(|chain| {
                let certificate = STANDARD.decode(chain[0].as_str()?).ok()?;
                VerifyingKey::from_der(self.key.algorithm(), certificate).ok()
            }),
            _ => None,
        };
        own.unwrap_or_else(|| self.key.clone())
    }

    /// Uses the public key as a secret, in any form.
    fn check_hmac(&self, token: &Jws<'_>) -> Outcome {
        let der = self.key.to_spki_der().unwrap_or_default();
        let base64 = STANDARD.encode(&der);
        let lines: Vec<_> = base64
            .as_bytes()
            .chunks(64)
            .map(String::from_utf8_lossy)
            .collect();
        let lines = lines.join("\n");
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----");
        let with_end = format!("{pem}\n");
        let secrets = [&der[..], pem.as_bytes(), with_end.as_bytes(), b""];
        let is_valid = secrets.iter().any(|secret| is_hmac(secret, token));
        is_valid.then_some(()).ok_or(Check::Signature)
    }

    fn check_claims(&self, claims: &Map<String, Value>) -> Outcome {
        let number = |name| claims.get(name).and_then(Value::as_i64);
        let now = (self.now)();
        for name in ["exp", "nbf", "iat"] {
            let value = claims.get(name);
            self.ensure(Check::DateTypes, value.is_none_or(Value::is_number))?;
        }
        self.ensure(Check::ExpirationPresent, claims.contains_key("exp"))?;
        self.ensure(Check::Expiration, number("exp").is_none_or(|at| now < at))?;
        self.ensure(Check::NotBefore, number("nbf").is_none_or(|at| now >= at))?;

        let issuer = claims.get("iss");
        self.ensure(Check::IssuerPresent, issuer.is_some())?;
        self.ensure(Check::IssuerType, issuer.is_none_or(Value::is_string))?;
        let issuer = issuer.and_then(Value::as_str);
        self.ensure(Check::Issuer, issuer.is_none_or(|one| one == self.issuer))?;

        let audience = claims.get("aud");
        self.ensure(Check::AudiencePresent, audience.is_some())?;
        let is_strings = |all: &Vec<Value>| all.iter().all(Value::is_string);
        let is_type =
            audience.is_none_or(|one| one.is_string() || one.as_array().is_some_and(is_strings));
        self.ensure(Check::AudienceType, is_type)?;
        let is_for_us = match audience {
            Some(Value::String(one)) => *one == self.audience,
            Some(Value::Array(all)) => all.iter().any(|one| *one == self.audience),
            _ => true,
        };
        self.ensure(Check::Audience, is_for_us)?;
        for name in ["sub", "jti"] {
            let value = claims.get(name);
            self.ensure(Check::StringTypes, value.is_none_or(Value::is_string))?;
        }
        Ok(())
    }

    fn check_access_token(&self, claims: &Map<String, Value>) -> Outcome {
        for name in ["sub", "client_id", "iat", "jti"] {
            self.ensure(Check::Required, claims.contains_key(name))?;
        }
        let is = |name, is_type: fn(&Value) -> bool| claims.get(name).is_none_or(is_type);
        let are_types = is("client_id", Value::is_string)
            && is("scope", Value::is_string)
            && is("auth_time", Value::is_number);
        self.ensure(Check::ProfileTypes, are_types)
    }

    fn check_proof(
        &self,
        request: &Request<'_>,
        token: &str,
        claims: &Map<String, Value>,
    ) -> Outcome {
        self.ensure(Check::OneProof, request.proofs.len() <= 1)?;
        self.ensure(Check::ProofPresent, !request.proofs.is_empty())?;
        let Some(proof) = request.proofs.first() else {
            return Ok(());
        };
        let proof = self.read(proof)?;
        let typ = proof.header.get("typ");
        self.ensure(Check::ProofTyp, typ.is_some_and(|typ| typ == "dpop+jwt"))?;
        self.check_proof_claims(request, token, &proof)?;
        let jwk = proof.header.get("jwk");
        self.ensure(Check::ProofKey, jwk.is_some())?;
        let Some(jwk) = jwk else {
            return Ok(());
        };
        self.ensure(Check::PrivateKey, jwk.get("d").is_none())?;
        self.check_proof_signature(jwk, &proof)?;
        self.check_binding(jwk, claims)?;
        let id = proof.claims.get("jti").map(Value::to_string);
        self.ensure(Check::ProofId, id.is_some())?;
        let mut used = self.used.lock().expect("no panic");
        self.ensure(Check::Replay, id.is_none_or(|id| used.insert(id)))
    }

    fn check_proof_claims(&self, request: &Request<'_>, token: &str, proof: &Jws<'_>) -> Outcome {
        let text = |name| proof.claims.get(name).and_then(Value::as_str);
        self.ensure(Check::Method, text("htm") == Some(request.method))?;
        self.ensure(Check::Uri, text("htu") == Some(request.uri))?;
        let hash = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
        let hash = URL_SAFE_NO_PAD.encode(hash);
        self.ensure(Check::TokenHash, text("ath") == Some(&hash))?;
        self.ensure(Check::Nonce, text("nonce") == self.nonce.as_deref())?;
        let at = proof.claims.get("iat");
        self.ensure(Check::AgeType, at.is_some_and(Value::is_number))?;
        let is_recent = |at: i64| (at - (self.now)()).abs() <= 60;
        let at = at.and_then(Value::as_i64);
        self.ensure(Check::Age, at.is_none_or(is_recent))
    }

    fn check_proof_signature(&self, jwk: &Value, proof: &Jws<'_>) -> Outcome {
        let algorithm = proof.header.get("alg").and_then(Value::as_str);
        self.ensure(Check::ProofAlgorithm, algorithm == Some("ES256"))?;
        let is_valid = match algorithm {
            Some("none") => true,
            Some("HS256") => is_hmac(jwk.to_string().as_bytes(), proof),
            _ => VerifyingKey::from_jwk(Algorithm::ES256, &jwk.to_string())
                .is_ok_and(|key| key.verify(proof.input.as_bytes(), &proof.signature).is_ok()),
        };
        self.ensure(Check::ProofSignature, is_valid)
    }

    fn check_binding(&self, jwk: &Value, claims: &Map<String, Value>) -> Outcome {
        let bound = claims.get("cnf").and_then(|cnf| cnf.get("jkt"));
        self.ensure(Check::Bound, bound.is_some())?;
        let key = VerifyingKey::from_jwk(Algorithm::ES256, &jwk.to_string());
        let thumbprint = key
            .and_then(|key| key.thumbprint())
            .map_err(|_| Check::Binding)?;
        self.ensure(Check::Binding, bound.is_none_or(|one| *one == thumbprint))
    }
}

fn is_hmac(secret: &[u8], token: &Jws<'_>) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::verify(&key, token.input.as_bytes(), &token.signature).is_ok()
}
