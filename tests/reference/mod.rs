//! A naive implementation of the rules of a verification, without regard to speed: it parses and
//! copies everything, and dates are exact fractions. The results of the library must be the same.

#![allow(dead_code, reason = "no test uses all of it")]

pub(crate) mod date;
pub(crate) mod header;
pub(crate) mod json;

use std::time::Duration;

use jwt_ring::{Claim, FixedClock, NumericDate, Verifier, VerifyError};

use date::{Date, clamp, duration, nanoseconds};
use header::media_type;
use json::Json;

/// The outcome of a check. An error is its code and fields.
pub(crate) type Outcome = Result<(), String>;

/// The settings of a verifier.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) issuers: Vec<String>,
    pub(crate) audiences: Audiences,
    pub(crate) subjects: Vec<String>,
    pub(crate) typs: Vec<String>,
    pub(crate) required: Vec<Claim>,
    pub(crate) allow_missing_expiration: bool,
    pub(crate) null_as_missing: bool,
    pub(crate) max_age: Option<Duration>,
    pub(crate) max_lifetime: Option<Duration>,
    pub(crate) leeway: Duration,
    pub(crate) now: Date,
}

/// What is expected of `aud`.
#[derive(Clone, Debug, Default)]
pub(crate) enum Audiences {
    #[default]
    None,
    Contains(Vec<String>),
    Sole(String),
    Any,
}

/// The type that the claims are read into.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    /// `Claims`, which ignores all claims but the registered ones.
    Claims,
    /// `Claims<Value>`, which cannot hold numbers out of the range of `f64`.
    Value,
}

/// The registered claims in the order of the checks.
const REGISTERED: [Claim; 7] = [
    Claim::Expiration,
    Claim::NotBefore,
    Claim::IssuedAt,
    Claim::Issuer,
    Claim::Audience,
    Claim::Subject,
    Claim::JwtId,
];

type Members = Vec<(String, Json)>;

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
        verifier = match &self.audiences {
            Audiences::None => verifier,
            Audiences::Contains(all) => all.iter().fold(verifier, Verifier::audience),
            Audiences::Sole(one) => verifier.sole_audience(one),
            Audiences::Any => verifier.any_audience(),
        };
        for subject in &self.subjects {
            verifier = verifier.subject(subject);
        }
        for typ in &self.typs {
            verifier = verifier.typ(typ);
        }
        for claim in &self.required {
            verifier = verifier.require(*claim);
        }
        if self.allow_missing_expiration {
            verifier = verifier.allow_missing_expiration();
        }
        if self.null_as_missing {
            verifier = verifier.null_as_missing();
        }
        if let Some(max_age) = self.max_age {
            verifier = verifier.max_age(max_age);
        }
        match self.max_lifetime {
            Some(max_lifetime) => verifier.max_lifetime(max_lifetime),
            None => verifier,
        }
    }

    /// Decides on a token whose signature is valid: the header, then the payload.
    pub(crate) fn decide(
        &self,
        typ: Option<&str>,
        cty: Option<&str>,
        payload: &[u8],
        reader: Reader,
    ) -> Outcome {
        if !self.accepts_typ(typ) {
            return Err(format!("typ_mismatch {:?}", self.typs));
        }
        if cty.is_some_and(|cty| media_type(cty) == "jwt") {
            return Err("nested_token".into());
        }
        let all = members(payload).ok_or("malformed_payload")?;
        let is_absent = |value: &Json| self.null_as_missing && *value == Json::Null;
        let get = |claim: Claim| {
            let (_, value) = all.iter().find(|(name, _)| name == claim.name())?;
            (!is_absent(value)).then_some(value)
        };
        check_types(&REGISTERED, get)?;
        self.check_presence(get)?;
        self.check_dates(get)?;
        self.check_names(get)?;
        let others: Vec<_> = self
            .required
            .iter()
            .copied()
            .filter(|claim| !REGISTERED.contains(claim))
            .collect();
        check_types(&others, get)?;
        check_present(&others, get)?;
        let mut custom = all.iter().filter(|(name, _)| !is_registered(name));
        if matches!(reader, Reader::Value) && custom.any(|(_, value)| value.to_value().is_none()) {
            return Err("custom_claims".into());
        }
        Ok(())
    }

    fn accepts_typ(&self, typ: Option<&str>) -> bool {
        match typ {
            None => self.typs.is_empty(),
            Some(typ) if self.typs.is_empty() => media_type(typ) == "jwt",
            Some(typ) => self
                .typs
                .iter()
                .any(|one| media_type(one) == media_type(typ)),
        }
    }

    fn check_presence<'a>(&self, get: impl Fn(Claim) -> Option<&'a Json>) -> Outcome {
        let mut expected: Vec<Claim> = self.required.clone();
        if !self.allow_missing_expiration || self.max_lifetime.is_some() {
            expected.push(Claim::Expiration);
        }
        if self.max_age.is_some() || self.max_lifetime.is_some() {
            expected.push(Claim::IssuedAt);
        }
        if !self.issuers.is_empty() {
            expected.push(Claim::Issuer);
        }
        if matches!(self.audiences, Audiences::Contains(_) | Audiences::Sole(_)) {
            expected.push(Claim::Audience);
        }
        if !self.subjects.is_empty() {
            expected.push(Claim::Subject);
        }
        let expected = REGISTERED
            .into_iter()
            .filter(|claim| expected.contains(claim));
        check_present(&expected.collect::<Vec<_>>(), get)
    }

    fn check_dates<'a>(&self, get: impl Fn(Claim) -> Option<&'a Json>) -> Outcome {
        let date = |claim| get(claim).and_then(as_date);
        let (exp, nbf, iat) = (
            date(Claim::Expiration),
            date(Claim::NotBefore),
            date(Claim::IssuedAt),
        );
        let now = nanoseconds(self.now);
        let leeway = duration(self.leeway);
        let failed = |code, at: Date| Err(format!("{code} {at:?} {:?}", self.now));
        if let Some(at) = exp
            && now >= clamp(nanoseconds(at) + leeway)
        {
            return failed("expired", at);
        }
        if let Some(at) = nbf
            && now < clamp(nanoseconds(at) - leeway)
        {
            return failed("not_yet_valid", at);
        }
        if let (Some(max_age), Some(at)) = (self.max_age, iat) {
            if nanoseconds(at) > clamp(now + leeway) {
                return failed("issued_in_future", at);
            }
            if now > clamp(nanoseconds(at) + duration(max_age) + leeway) {
                return failed("too_old iat", at);
            }
        }
        if let (Some(max), Some(iat), Some(exp)) = (self.max_lifetime, iat, exp)
            && nanoseconds(exp) > clamp(nanoseconds(iat) + duration(max))
        {
            return Err(format!("lifetime_too_long {iat:?} {exp:?} {max:?}"));
        }
        Ok(())
    }

    fn check_names<'a>(&self, get: impl Fn(Claim) -> Option<&'a Json>) -> Outcome {
        let one_of = |claim, expected: &[String]| match get(claim).map(strings) {
            Some(found) if !found.iter().any(|one| expected.contains(one)) => {
                Err(format!("mismatch {claim} {expected:?}"))
            }
            _ => Ok(()),
        };
        if !self.issuers.is_empty() {
            one_of(Claim::Issuer, &self.issuers)?;
        }
        match (&self.audiences, get(Claim::Audience).map(strings)) {
            (Audiences::Any, _) | (_, None) => {}
            (Audiences::None, Some(_)) => return Err("unexpected_audience".into()),
            (Audiences::Contains(all), Some(_)) => one_of(Claim::Audience, all)?,
            (Audiences::Sole(one), Some(found)) => {
                if found != [one.clone()] {
                    return Err(format!("mismatch aud {:?}", [one]));
                }
            }
        }
        if !self.subjects.is_empty() {
            one_of(Claim::Subject, &self.subjects)?;
        }
        Ok(())
    }
}

fn check_types<'a>(claims: &[Claim], get: impl Fn(Claim) -> Option<&'a Json>) -> Outcome {
    for claim in claims {
        if get(*claim).is_some_and(|value| !has_its_type(*claim, value)) {
            return Err(format!("wrong_type {claim}"));
        }
    }
    Ok(())
}

fn check_present<'a>(claims: &[Claim], get: impl Fn(Claim) -> Option<&'a Json>) -> Outcome {
    match claims.iter().find(|claim| get(**claim).is_none()) {
        Some(claim) => Err(format!("missing {claim}")),
        None => Ok(()),
    }
}

/// Returns the outcome of a result of the library.
pub(crate) fn outcome_of<T>(result: Result<T, VerifyError>) -> Outcome {
    let date = |date: &NumericDate| (date.seconds(), date.nanoseconds());
    let Err(error) = result else { return Ok(()) };
    let fields = match &error {
        VerifyError::WrongType(claim)
        | VerifyError::Missing(claim)
        | VerifyError::Unexpected(claim) => format!(" {claim}"),
        VerifyError::Mismatch {
            claim, expected, ..
        } => format!(" {claim} {expected:?}"),
        VerifyError::TypMismatch { expected, .. } => format!(" {expected:?}"),
        VerifyError::Expired { at, now, .. }
        | VerifyError::NotYetValid { at, now, .. }
        | VerifyError::IssuedInFuture { at, now, .. } => {
            format!(" {:?} {:?}", date(at), date(now))
        }
        VerifyError::TooOld { claim, at, now, .. } => {
            format!(" {claim} {:?} {:?}", date(at), date(now))
        }
        VerifyError::LifetimeTooLong {
            issued_at,
            expiration,
            max,
            ..
        } => format!(" {:?} {:?} {max:?}", date(issued_at), date(expiration)),
        VerifyError::UnsupportedExtension { parameter, .. } => format!(" {parameter}"),
        _ => String::new(),
    };
    Err(format!("{}{fields}", error.code()))
}

fn is_registered(name: &str) -> bool {
    REGISTERED.iter().any(|claim| claim.name() == name)
}

fn has_its_type(claim: Claim, value: &Json) -> bool {
    match claim {
        Claim::Expiration | Claim::NotBefore | Claim::IssuedAt | Claim::AuthTime => {
            as_date(value).is_some()
        }
        Claim::Audience => match value {
            Json::String(_) => true,
            Json::Array(all) => all.iter().all(|one| matches!(one, Json::String(_))),
            _ => false,
        },
        Claim::Confirmation => matches!(value, Json::Object(_)),
        _ => matches!(value, Json::String(_)),
    }
}

fn as_date(value: &Json) -> Option<Date> {
    match value {
        Json::Number(number) => date::parse(number),
        _ => None,
    }
}

fn strings(value: &Json) -> Vec<String> {
    match value {
        Json::Array(all) => all.iter().filter_map(Json::as_text).collect(),
        _ => value.as_text().into_iter().collect(),
    }
}

/// Returns the members of a payload that breaks no rule, in its order.
pub(crate) fn members(payload: &[u8]) -> Option<Members> {
    object(payload, true)
}

fn object(json: &[u8], is_payload: bool) -> Option<Members> {
    let json = Json::parse(std::str::from_utf8(json).ok()?)?;
    let mut broken = json.broken_rules();
    if !is_payload {
        broken.remove(&json::Rule::NoPrivateNames);
    }
    match json {
        Json::Object(all) if broken.is_empty() => {
            let member = |(name, value): (Vec<u16>, Json)| Some((json::text(&name)?, value));
            all.into_iter().map(member).collect()
        }
        _ => None,
    }
}
