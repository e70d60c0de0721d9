//! The policy of a verifier: what a token must be.

use std::time::Duration;

use crate::algorithm::Algorithm;
use crate::claim::Claim;
use crate::claims::{Payload, Times};
use crate::error::VerifyError;
use crate::header::Header;
use crate::json::Malformed;
use crate::numeric_date::NumericDate;

/// What the token must be. The fields are documented at the methods of `Verifier` that set them.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    pub(super) issuers: Vec<String>,
    pub(super) audiences: Audiences,
    pub(super) subjects: Vec<String>,
    pub(super) typs: Vec<String>,
    pub(super) allow_missing_typ: bool,
    pub(super) algorithms: Option<Vec<Algorithm>>,
    pub(super) required: Vec<Claim>,
    pub(super) allow_missing_expiration: bool,
    pub(super) null_as_missing: bool,
    pub(super) max_age: Option<Duration>,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) leeway: Duration,
}

/// What is expected of `aud`.
#[derive(Clone, Debug, Default)]
pub(super) enum Audiences {
    /// A token with an audience is for others.
    #[default]
    Absent,
    Contains(Vec<String>),
    Sole(String),
    Any,
}

impl Audiences {
    pub(super) fn add(&mut self, audience: String) {
        match self {
            Self::Contains(audiences) => audiences.push(audience),
            _ => *self = Self::Contains(vec![audience]),
        }
    }

    fn expected(&self) -> &[String] {
        match self {
            Self::Absent | Self::Any => &[],
            Self::Contains(audiences) => audiences,
            Self::Sole(audience) => std::slice::from_ref(audience),
        }
    }
}

impl Policy {
    pub(super) fn check_algorithm(&self, header: &Header) -> Result<(), VerifyError> {
        let found = header.algorithm();
        match &self.algorithms {
            Some(allowed) if !allowed.contains(&found) => {
                Err(VerifyError::AlgorithmNotAllowed { found })
            }
            _ => Ok(()),
        }
    }

    /// Checks `typ` and `cty`.
    pub(super) fn check_header(&self, header: &Header) -> Result<(), VerifyError> {
        if !header.has_typ(&self.typs, self.allow_missing_typ) {
            let expected = self.typs.clone();
            return Err(VerifyError::TypMismatch { expected });
        }
        if header.is_nested() {
            return Err(VerifyError::NestedToken);
        }
        Ok(())
    }

    /// Scans a payload.
    pub(super) fn scan<'p, 't>(
        &self,
        text: &'t str,
        slot: &'p mut Option<Payload<'t>>,
    ) -> Result<&'p Payload<'t>, Malformed> {
        let payload = Payload::scan(slot, text)?;
        if self.null_as_missing {
            payload.remove_nulls();
        }
        Ok(payload)
    }

    /// Checks types, then presence, then values.
    pub(super) fn check_claims(
        &self,
        claims: &Payload<'_>,
        now: NumericDate,
    ) -> Result<Times, VerifyError> {
        let times = claims.check_registered()?;
        self.check_presence(claims)?;
        self.check_times(&times, now)?;
        self.check_lifetime(&times)?;
        one_of(claims, Claim::Issuer, &self.issuers)?;
        self.check_audience(claims)?;
        one_of(claims, Claim::Subject, &self.subjects)?;
        self.check_other_required(claims)?;
        Ok(times)
    }

    fn check_presence(&self, claims: &Payload<'_>) -> Result<(), VerifyError> {
        let is_expected = |claim| match claim {
            Claim::Expiration => !self.allow_missing_expiration || self.max_lifetime.is_some(),
            Claim::IssuedAt => self.max_age.is_some() || self.max_lifetime.is_some(),
            Claim::Issuer => !self.issuers.is_empty(),
            Claim::Audience => !self.audiences.expected().is_empty(),
            Claim::Subject => !self.subjects.is_empty(),
            _ => false,
        };
        let is_missing = |claim: &Claim| {
            !claims.has(*claim) && (is_expected(*claim) || self.required.contains(claim))
        };
        match Claim::REGISTERED.into_iter().find(is_missing) {
            Some(claim) => Err(VerifyError::Missing(claim)),
            None => Ok(()),
        }
    }

    /// Checks what the passing of time changes.
    pub(super) fn check_times(&self, times: &Times, now: NumericDate) -> Result<(), VerifyError> {
        if let Some(at) = times.expiration
            && now >= at.saturating_add(self.leeway)
        {
            return Err(VerifyError::Expired { at, now });
        }
        if let Some(at) = times.not_before
            && now < at.saturating_sub(self.leeway)
        {
            return Err(VerifyError::NotYetValid { at, now });
        }
        match (self.max_age, times.issued_at) {
            (Some(max_age), Some(at)) => self.check_age(max_age, at, now),
            _ => Ok(()),
        }
    }

    fn check_age(
        &self,
        max_age: Duration,
        at: NumericDate,
        now: NumericDate,
    ) -> Result<(), VerifyError> {
        if at > now.saturating_add(self.leeway) {
            return Err(VerifyError::IssuedInFuture { at, now });
        }
        if now > at.saturating_add(max_age.saturating_add(self.leeway)) {
            let claim = Claim::IssuedAt;
            return Err(VerifyError::TooOld { claim, at, now });
        }
        Ok(())
    }

    fn check_lifetime(&self, times: &Times) -> Result<(), VerifyError> {
        match (self.max_lifetime, times.issued_at, times.expiration) {
            (Some(max), Some(issued_at), Some(expiration))
                if expiration > issued_at.saturating_add(max) =>
            {
                Err(VerifyError::LifetimeTooLong {
                    issued_at,
                    expiration,
                    max,
                })
            }
            _ => Ok(()),
        }
    }

    fn check_audience(&self, claims: &Payload<'_>) -> Result<(), VerifyError> {
        let expected = self.audiences.expected();
        let is_met = match (&self.audiences, claims.get(Claim::Audience)) {
            (_, None) | (Audiences::Any, Some(_)) => true,
            (Audiences::Absent, Some(_)) => return Err(VerifyError::UnexpectedAudience),
            (Audiences::Contains(_), Some(found)) => match found.elements() {
                Some(mut all) => all.any(|one| one.is_one_of(expected)),
                None => found.is_one_of(expected),
            },
            (Audiences::Sole(_), Some(found)) => match found.elements() {
                Some(mut all) => {
                    all.next().is_some_and(|one| one.is_one_of(expected)) && all.next().is_none()
                }
                None => found.is_one_of(expected),
            },
        };
        if !is_met {
            return Err(mismatch(Claim::Audience, expected));
        }
        Ok(())
    }

    /// Checks type and presence of the required claims that are not registered.
    fn check_other_required(&self, claims: &Payload<'_>) -> Result<(), VerifyError> {
        let mut required = self.required.iter();
        required.try_for_each(|claim| claims.check_type(*claim))?;
        let is_missing = |claim: &&Claim| !claims.has(**claim);
        match self.required.iter().find(is_missing) {
            Some(claim) => Err(VerifyError::Missing(*claim)),
            None => Ok(()),
        }
    }
}

/// Checks a claim that is present against the values expected, if any are.
fn one_of(claims: &Payload<'_>, claim: Claim, expected: &[String]) -> Result<(), VerifyError> {
    match claims.get(claim) {
        Some(found) if !expected.is_empty() && !found.is_one_of(expected) => {
            Err(mismatch(claim, expected))
        }
        _ => Ok(()),
    }
}

fn mismatch(claim: Claim, expected: &[String]) -> VerifyError {
    let expected = expected.to_vec();
    VerifyError::Mismatch { claim, expected }
}
