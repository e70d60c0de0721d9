//! Reads a payload in one pass: the registered claims for us, the rest for the caller's type.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;

use super::{Audience, Claims};
use crate::claim::Claim;
use crate::error::VerifyError;
use crate::json::{self, Fault, Reserved, Text};
use crate::numeric_date::NumericDate;

/// Reads a payload. `T` sees every member but the registered claims, and of these the ones that
/// its own struct declares. `S` is what strings are taken as.
pub(crate) fn read<'de, T, S>(text: &'de str) -> Result<Claims<T, S>, VerifyError>
where
    T: Deserialize<'de>,
    S: From<Cow<'de, str>>,
{
    let mut registered = Registered::default();
    match json::read(text, &mut registered) {
        Ok(custom) => Ok(registered.claims.custom(custom)),
        Err(fault) => Err(registered.refusal(fault)),
    }
}

struct Registered<S> {
    claims: Claims<(), S>,
    /// The claim whose value has a wrong type, for the error.
    wrong: Option<Claim>,
}

impl<S> Default for Registered<S> {
    fn default() -> Self {
        Self {
            claims: Claims::NONE,
            wrong: None,
        }
    }
}

impl<S> Registered<S> {
    fn refusal(&self, fault: Fault) -> VerifyError {
        match (fault, self.wrong) {
            (Fault::Text(reason), _) => VerifyError::MalformedPayload { reason },
            (_, Some(claim)) => VerifyError::WrongType(claim),
            (fault, None) => fault.into(),
        }
    }

    /// Sets a claim, or tells that the value is of another type.
    fn set<'de, D>(&mut self, claim: Claim, value: D) -> Result<(), D::Error>
    where
        D: Deserializer<'de>,
        S: From<Cow<'de, str>>,
    {
        let claims = &mut self.claims;
        match claim {
            Claim::Issuer => claims.issuer = Some(string(value)?),
            Claim::Subject => claims.subject = Some(string(value)?),
            Claim::Audience => claims.audience = Some(Audience::deserialize(value)?),
            Claim::Expiration => claims.expiration = Some(date(value)?),
            Claim::NotBefore => claims.not_before = Some(date(value)?),
            Claim::IssuedAt => claims.issued_at = Some(date(value)?),
            Claim::JwtId => claims.jwt_id = Some(string(value)?),
        }
        Ok(())
    }
}

fn string<'de, D: Deserializer<'de>, S: From<Cow<'de, str>>>(value: D) -> Result<S, D::Error> {
    let Text(text) = Text::deserialize(value)?;
    Ok(text.into())
}

/// Reads a date as text, because serde would hand a fraction over as `f64`.
fn date<'de, D: Deserializer<'de>>(value: D) -> Result<NumericDate, D::Error> {
    let json = <&RawValue>::deserialize(value)?.get();
    NumericDate::from_json(json).ok_or_else(|| Error::custom(""))
}

impl<'de, S: From<Cow<'de, str>>> Reserved<'de> for Registered<S> {
    type Name = Claim;

    fn name(&self, member: &str) -> Option<Claim> {
        Claim::from_name(member)
    }

    fn take<D: Deserializer<'de>>(&mut self, claim: Claim, value: D) -> Result<(), Fault> {
        if self.claims.has(claim) {
            return Err(json::DUPLICATE);
        }
        self.set(claim, value).map_err(|_| {
            self.wrong = Some(claim);
            Fault::Unfit
        })
    }
}

impl From<Fault> for VerifyError {
    /// What a fault means in a payload.
    fn from(fault: Fault) -> Self {
        let misfit = |member, problem| Self::CustomClaims { member, problem };
        match fault {
            Fault::Text(reason) => Self::MalformedPayload { reason },
            Fault::Missing(member) => misfit(Some(member.to_owned()), "is expected, and missing"),
            Fault::Member(member) => misfit(Some(member), "does not fit the type asked for"),
            Fault::Unfit => misfit(None, "does not fit the type asked for"),
        }
    }
}
