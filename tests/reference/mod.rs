//! The rules a second time, as naively as they can be written: everything is parsed, copied and
//! compared with no thought of speed, and dates are exact fractions. What the library decides must
//! be what stands here.

#![allow(dead_code, reason = "no test uses all of it")]

use std::collections::HashSet;
use std::time::Duration;

use jwt_ring::{Claim, FixedClock, NumericDate, Verifier, VerifyError};
use num_bigint::BigInt;
use num_rational::BigRational;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// A decision: nothing, or the code of the error and the claim that it is about.
pub(crate) type Verdict = Result<(), String>;

/// What a verifier can be told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) issuers: Vec<String>,
    pub(crate) audiences: Vec<String>,
    pub(crate) subjects: Vec<String>,
    pub(crate) token_types: Vec<String>,
    pub(crate) required: Vec<Claim>,
    pub(crate) expiry_may_be_missing: bool,
    pub(crate) max_age: Option<Duration>,
    pub(crate) leeway: Duration,
    pub(crate) now: Date,
}

/// Whole seconds, rounded down, and nanoseconds.
pub(crate) type Date = (i64, u32);

/// What reads the claims that are not registered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    /// `()`, which looks at none of them.
    Unit,
    /// `Value`, which takes all but the numbers that are too great for it.
    Value,
}

impl Policy {
    pub(crate) fn verifier(&self) -> Verifier {
        let (seconds, nanoseconds) = self.now;
        let now = NumericDate::from_seconds(seconds)
            .saturating_add(Duration::from_nanos(nanoseconds.into()));
        let mut verifier = Verifier::new()
            .clock(FixedClock::at(now))
            .leeway(self.leeway);
        for issuer in &self.issuers {
            verifier = verifier.issuer(issuer);
        }
        for audience in &self.audiences {
            verifier = verifier.audience(audience);
        }
        for subject in &self.subjects {
            verifier = verifier.subject(subject);
        }
        for token_type in &self.token_types {
            verifier = verifier.token_type(token_type);
        }
        for claim in &self.required {
            verifier = verifier.require(*claim);
        }
        if self.expiry_may_be_missing {
            verifier = verifier.allow_missing_expiry();
        }
        match self.max_age {
            Some(max_age) => verifier.max_age(max_age),
            None => verifier,
        }
    }

    /// Decides on the payload of a token whose signature holds.
    pub(crate) fn judge(&self, typ: Option<&str>, payload: &[u8], reader: Reader) -> Verdict {
        let members = members(payload).ok_or("malformed_payload")?;
        for (name, json) in &members {
            if let Some(claim) = claim(name)
                && !has_its_type(claim, json)
            {
                return Err(format!("wrong_type {claim}"));
            }
        }
        let mut custom = members.iter().filter(|(name, _)| claim(name).is_none());
        if matches!(reader, Reader::Value) && custom.any(|(_, json)| value(json).is_none()) {
            return Err("custom_claims".into());
        }
        if !self.takes_type(typ) {
            return Err("token_type".into());
        }
        let get = |claim: Claim| {
            let (_, json) = members.iter().find(|(name, _)| name == claim.name())?;
            Some(json.as_str())
        };
        self.check_presence(get)?;
        self.check_dates(get)?;
        self.check_names(get)
    }

    fn takes_type(&self, typ: Option<&str>) -> bool {
        let normal = |text: &str| {
            let text = text.to_ascii_lowercase();
            match text.strip_prefix("application/") {
                Some(rest) if !rest.contains('/') => rest.to_owned(),
                _ => text,
            }
        };
        match typ {
            None => self.token_types.is_empty(),
            Some(typ) if self.token_types.is_empty() => normal(typ) == "jwt",
            Some(typ) => self
                .token_types
                .iter()
                .any(|one| normal(one) == normal(typ)),
        }
    }

    fn check_presence<'a>(&self, get: impl Fn(Claim) -> Option<&'a str>) -> Verdict {
        let mut expected = Vec::new();
        if !self.expiry_may_be_missing {
            expected.push(Claim::Expiration);
        }
        if self.max_age.is_some() {
            expected.push(Claim::IssuedAt);
        }
        if !self.issuers.is_empty() {
            expected.push(Claim::Issuer);
        }
        if !self.audiences.is_empty() {
            expected.push(Claim::Audience);
        }
        if !self.subjects.is_empty() {
            expected.push(Claim::Subject);
        }
        expected.extend(&self.required);
        match expected.iter().find(|claim| get(**claim).is_none()) {
            Some(claim) => Err(format!("missing {claim}")),
            None => Ok(()),
        }
    }

    fn check_dates<'a>(&self, get: impl Fn(Claim) -> Option<&'a str>) -> Verdict {
        let date = |claim| get(claim).and_then(date).map(nanoseconds);
        let now = nanoseconds(self.now);
        let leeway = duration(self.leeway);
        if date(Claim::Expiration).is_some_and(|exp| now >= clamp(exp + leeway)) {
            return Err("expired".into());
        }
        if date(Claim::NotBefore).is_some_and(|nbf| now < clamp(nbf - leeway)) {
            return Err("not_yet_valid".into());
        }
        if let (Some(max_age), Some(iat)) = (self.max_age, date(Claim::IssuedAt))
            && now > clamp(iat + duration(max_age) + leeway)
        {
            return Err("too_old".into());
        }
        Ok(())
    }

    fn check_names<'a>(&self, get: impl Fn(Claim) -> Option<&'a str>) -> Verdict {
        let is_one_of = |claim, expected: &[String]| match get(claim) {
            Some(json) if !expected.is_empty() => {
                strings(json).iter().any(|one| expected.contains(one))
            }
            _ => true,
        };
        if !is_one_of(Claim::Issuer, &self.issuers) {
            return Err("mismatch iss".into());
        }
        if self.audiences.is_empty() && get(Claim::Audience).is_some() {
            return Err("unexpected_audience".into());
        }
        if !is_one_of(Claim::Audience, &self.audiences) {
            return Err("mismatch aud".into());
        }
        if !is_one_of(Claim::Subject, &self.subjects) {
            return Err("mismatch sub".into());
        }
        Ok(())
    }
}

/// The library's decision in the same words.
pub(crate) fn verdict<T>(outcome: Result<T, VerifyError>) -> Verdict {
    let Err(error) = outcome else { return Ok(()) };
    Err(match &error {
        VerifyError::WrongType(claim)
        | VerifyError::Missing(claim)
        | VerifyError::Mismatch(claim) => format!("{} {claim}", error.code()),
        _ => error.code().into(),
    })
}

/// The members of a header that the library looks at: `alg`, `typ`, `kid`.
pub(crate) type Header = (String, Option<String>, Option<String>);

/// Decides on a header.
pub(crate) fn header(json: &[u8]) -> Result<Header, String> {
    const ALGORITHMS: [&str; 13] = [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
        "ES384", "EdDSA", "Ed25519",
    ];
    if json.len() > 8 * 1024 {
        return Err("malformed_header".into());
    }
    let members = members(json).ok_or("malformed_header")?;
    let get = |name: &str| {
        members
            .iter()
            .find(|(one, _)| one == name)
            .map(|(_, json)| json)
    };
    let string = |name| match get(name).map(|json| value(json)) {
        None => Ok(None),
        Some(Some(Value::String(text))) => Ok(Some(text)),
        Some(_) => Err("malformed_header"),
    };
    let alg = string("alg")?.ok_or("malformed_header")?;
    let (typ, kid) = (string("typ")?, string("kid")?);
    if get("crit").is_some() || get("b64").is_some_and(|b64| b64 != "true") {
        return Err("unsupported_extension".into());
    }
    if !ALGORITHMS.contains(&alg.as_str()) {
        return Err("unsupported_algorithm".into());
    }
    Ok((alg, typ, kid))
}

/// The date that a JSON number means, if it means one.
pub(crate) fn date(json: &str) -> Option<Date> {
    if !json.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return None;
    }
    let (mantissa, exponent) = json.split_once(['e', 'E']).unwrap_or((json, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    // From here on, a greater exponent changes nothing: the number has been too great or too small
    // before.
    let limit = BigInt::from(json.len() + 100);
    let exponent: BigInt = exponent.trim_start_matches('+').parse().ok()?;
    let exponent = i32::try_from(exponent.clamp(-&limit, limit)).ok()?;
    let places = i32::try_from(fraction.len()).ok()?;
    let ten = BigRational::from(BigInt::from(10));
    let number = BigRational::from(digits) * ten.pow(exponent - places);
    let seconds = number.floor();
    let nanoseconds = ((number - &seconds) * ten.pow(9)).floor();
    Some((
        seconds.to_integer().try_into().ok()?,
        nanoseconds.to_integer().try_into().ok()?,
    ))
}

fn nanoseconds((seconds, nanoseconds): Date) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
}

fn duration(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).expect("u64 seconds fit")
}

fn clamp(date: i128) -> i128 {
    date.clamp(
        nanoseconds((i64::MIN, 0)),
        nanoseconds((i64::MAX, 999_999_999)),
    )
}

fn claim(name: &str) -> Option<Claim> {
    [
        Claim::Issuer,
        Claim::Subject,
        Claim::Audience,
        Claim::Expiration,
        Claim::NotBefore,
        Claim::IssuedAt,
        Claim::JwtId,
    ]
    .into_iter()
    .find(|claim| claim.name() == name)
}

fn has_its_type(claim: Claim, json: &str) -> bool {
    match claim {
        Claim::Issuer | Claim::Subject | Claim::JwtId => {
            matches!(value(json), Some(Value::String(_)))
        }
        Claim::Audience => match value(json) {
            Some(Value::String(_)) => true,
            Some(Value::Array(all)) => all.iter().all(Value::is_string),
            _ => false,
        },
        Claim::Expiration | Claim::NotBefore | Claim::IssuedAt => date(json).is_some(),
    }
}

fn strings(json: &str) -> Vec<String> {
    match value(json) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

fn value(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}

/// The members of a text that is one well-formed object, in its order: the name and the JSON.
pub(crate) fn members(json: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(json).ok()?;
    if !is_well_formed(text, 0) {
        return None;
    }
    let Members(members) = serde_json::from_str(text).ok()?;
    let names: HashSet<_> = members.iter().map(|(name, _)| name).collect();
    (names.len() == members.len()).then_some(members)
}

/// Walks through all of a text: strings must be text, nothing may be nested too deeply, and no name
/// be one that serde_json reads as a sign to itself.
fn is_well_formed(json: &str, depth: usize) -> bool {
    const MAX_DEPTH: usize = 127;
    match json.trim_ascii_start().as_bytes().first() {
        Some(b'{') => serde_json::from_str::<Members>(json).is_ok_and(|Members(all)| {
            let is_private = |name: &str| name.starts_with("$serde_json::private::");
            depth < MAX_DEPTH
                && all
                    .iter()
                    .all(|(name, json)| !is_private(name) && is_well_formed(json, depth + 1))
        }),
        Some(b'[') => serde_json::from_str::<Vec<Box<RawValue>>>(json).is_ok_and(|all| {
            depth < MAX_DEPTH && all.iter().all(|json| is_well_formed(json.get(), depth + 1))
        }),
        Some(b'"') => serde_json::from_str::<String>(json).is_ok(),
        _ => serde_json::from_str::<&RawValue>(json).is_ok(),
    }
}

struct Members(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some((name, json)) = map.next_entry::<String, Box<RawValue>>()? {
                    members.push((name, json.get().to_owned()));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}
