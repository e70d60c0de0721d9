//! Reads a payload in one pass: the registered claims for us, the rest for the caller's type.

use std::borrow::Cow;

use serde::de::Deserialize;

use super::Claims;
use crate::error::{Claim, VerifyError};
use crate::json::{self, Fault, Reserved, Text};
use crate::numeric_date::NumericDate;

/// Reads a payload. `T` sees every member but the registered claims, and of these the ones that
/// its own struct declares. `S` is what strings are taken as.
pub(crate) fn read<'de, T, S>(text: &'de str) -> Result<Claims<T, S>, VerifyError>
where
    T: Deserialize<'de>,
    S: From<Cow<'de, str>>,
{
    let mut registered = Registered {
        claims: Claims::NONE,
        wrong: None,
    };
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

impl<S> Registered<S> {
    fn refusal(&self, fault: Fault) -> VerifyError {
        match (fault, self.wrong) {
            (Fault::Text(reason), _) => VerifyError::MalformedPayload { reason },
            (_, Some(claim)) => VerifyError::WrongType(claim),
            (fault, None) => fault.into(),
        }
    }

    fn set<'de>(&mut self, claim: Claim, json: &'de str) -> Option<()>
    where
        S: From<Cow<'de, str>>,
    {
        let claims = &mut self.claims;
        match claim {
            Claim::Issuer => claims.issuer = Some(string(json)?),
            Claim::Subject => claims.subject = Some(string(json)?),
            Claim::Audience => claims.audience = Some(serde_json::from_str(json).ok()?),
            Claim::Expiration => claims.expiration = Some(NumericDate::from_json(json)?),
            Claim::NotBefore => claims.not_before = Some(NumericDate::from_json(json)?),
            Claim::IssuedAt => claims.issued_at = Some(NumericDate::from_json(json)?),
            Claim::JwtId => claims.jwt_id = Some(string(json)?),
        }
        Some(())
    }
}

/// Reads a value that is well-formed JSON as a string.
fn string<'de, S: From<Cow<'de, str>>>(json: &'de str) -> Option<S> {
    // Between its quotes a string without escapes is what it means.
    let text = match json.strip_prefix('"')?.strip_suffix('"') {
        Some(text) if !text.contains('\\') => Cow::Borrowed(text),
        _ => serde_json::from_str::<Text<'_>>(json).ok()?.0,
    };
    Some(text.into())
}

impl<'de, S: From<Cow<'de, str>>> Reserved<'de> for Registered<S> {
    type Name = Claim;

    fn name(&self, member: &str) -> Option<Claim> {
        Claim::from_name(member)
    }

    fn take(&mut self, claim: Claim, value: &'de str) -> Result<(), Fault> {
        if self.claims.has(claim) {
            return Err(json::DUPLICATE);
        }
        self.set(claim, value).ok_or_else(|| {
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
