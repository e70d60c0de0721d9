//! The claims of a payload, as JSON text.

use crate::claim::{Claim, Kind};
use crate::error::VerifyError;
use crate::json::{self, Malformed, Members, Value};
use crate::numeric_date::NumericDate;

/// A payload that was scanned.
///
/// The rules are applied to the text of the claims that this library checks, independently of the
/// type that the caller reads the payload into.
pub(crate) struct Payload<'t> {
    pub(super) members: Members<'t>,
    /// For each claim that is checked, one more than the index of its member; 0 if it is absent.
    checked: [u32; Claim::COUNT],
}

/// The registered claims that are times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) expiration: Option<NumericDate>,
    pub(crate) not_before: Option<NumericDate>,
    pub(crate) issued_at: Option<NumericDate>,
}

impl<'t> Payload<'t> {
    /// Scans a payload into `slot`. It is too large to be moved often.
    pub(crate) fn scan<'p>(
        slot: &'p mut Option<Self>,
        text: &'t str,
    ) -> Result<&'p mut Self, Malformed> {
        let payload = slot.insert(Self {
            members: Members::new(text),
            checked: [0; Claim::COUNT],
        });
        let Self { members, checked } = payload;
        json::payload(text, &mut |name, member| {
            members.push(member);
            if let Some(claim) = Claim::from_name(name)
                && let Some(index) = checked.get_mut(claim as usize)
            {
                *index = members.len();
            }
        })?;
        Ok(payload)
    }

    /// Treats claims that are `null` as absent in the checks.
    pub(crate) fn remove_nulls(&mut self) {
        for index in &mut self.checked {
            let value = index
                .checked_sub(1)
                .and_then(|index| self.members.value(index));
            if value.is_some_and(Value::is_null) {
                *index = 0;
            }
        }
    }

    /// Returns whether a claim that is checked is present.
    #[inline]
    pub(crate) fn has(&self, claim: Claim) -> bool {
        self.checked
            .get(claim as usize)
            .is_some_and(|index| *index != 0)
    }

    /// Returns the value of a claim that is checked.
    #[inline(always)]
    pub(crate) fn get(&self, claim: Claim) -> Option<Value<'t>> {
        let index = self.checked.get(claim as usize)?.checked_sub(1)?;
        self.members.value(index)
    }

    /// Checks the types of the registered claims, and reads those that are times.
    #[inline]
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
            Kind::Date => read_date(value).is_some(),
            Kind::Strings => value.is_string() || is_array_of_strings(value),
            Kind::ArrayOfStrings => is_array_of_strings(value),
            Kind::Array => value.elements().is_some(),
            Kind::Object => value.is_object(),
        };
        match self.get(claim) {
            Some(value) if !has_type(value) => Err(VerifyError::WrongType(claim)),
            _ => Ok(()),
        }
    }

    /// Reads a claim that is a time, if it is present.
    #[inline(always)]
    pub(crate) fn date(&self, claim: Claim) -> Result<Option<NumericDate>, VerifyError> {
        self.get(claim)
            .map(|value| read_date(value).ok_or(VerifyError::WrongType(claim)))
            .transpose()
    }
}

fn is_array_of_strings(value: Value<'_>) -> bool {
    let elements = value.elements();
    elements.is_some_and(|mut all| all.all(Value::is_string))
}

#[inline(always)]
fn read_date(value: Value<'_>) -> Option<NumericDate> {
    match value.short_integer().map(i64::try_from) {
        Some(Ok(seconds)) => Some(NumericDate::from_seconds(seconds)),
        _ => NumericDate::from_json(value.text()),
    }
}
