//! The claims of a payload, as JSON text.

use crate::claim::{Claim, Kind};
use crate::error::VerifyError;
use crate::json::{self, Malformed, Value};
use crate::numeric_date::NumericDate;

/// The claims of a payload that this library checks. The rules are applied to these, whatever type
/// the caller reads the payload into.
pub(crate) struct Payload<'t>([Option<Value<'t>>; Claim::COUNT]);

/// The registered claims that are times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) expiration: Option<NumericDate>,
    pub(crate) not_before: Option<NumericDate>,
    pub(crate) issued_at: Option<NumericDate>,
}

impl<'t> Payload<'t> {
    pub(crate) fn scan(text: &'t str) -> Result<Self, Malformed> {
        let mut claims = [None; Claim::COUNT];
        json::payload(text, &mut |name, value| {
            if let Some(claim) = Claim::from_name(name)
                && let Some(slot) = claims.get_mut(claim as usize)
            {
                *slot = Some(value);
            }
        })?;
        Ok(Self(claims))
    }

    /// Removes the claims that are `null`.
    pub(crate) fn without_nulls(mut self) -> Self {
        for claim in &mut self.0 {
            if claim.is_some_and(Value::is_null) {
                *claim = None;
            }
        }
        self
    }

    pub(crate) fn get(&self, claim: Claim) -> Option<Value<'t>> {
        self.0.get(claim as usize).copied().flatten()
    }

    /// Checks the types of the registered claims, and reads those that are times.
    pub(crate) fn check_registered(&self) -> Result<Times, VerifyError> {
        let times = Times {
            expiration: self.date(Claim::Expiration)?,
            not_before: self.date(Claim::NotBefore)?,
            issued_at: self.date(Claim::IssuedAt)?,
        };
        for claim in [Claim::Issuer, Claim::Audience, Claim::Subject, Claim::JwtId] {
            self.check_type(claim)?;
        }
        Ok(times)
    }

    /// Checks the type of a claim, if it is present.
    pub(crate) fn check_type(&self, claim: Claim) -> Result<(), VerifyError> {
        let has_type = |value: Value<'_>| match claim.kind() {
            Kind::String => value.is_string(),
            Kind::Date => NumericDate::from_json(value.text()).is_some(),
            Kind::Strings => {
                let is_array_of_strings = || value.elements()?.all(Value::is_string).then_some(());
                value.is_string() || is_array_of_strings().is_some()
            }
            Kind::Object => value.is_object(),
        };
        match self.get(claim) {
            Some(value) if !has_type(value) => Err(VerifyError::WrongType(claim)),
            _ => Ok(()),
        }
    }

    pub(crate) fn date(&self, claim: Claim) -> Result<Option<NumericDate>, VerifyError> {
        self.get(claim)
            .map(|value| NumericDate::from_json(value.text()).ok_or(VerifyError::WrongType(claim)))
            .transpose()
    }
}
