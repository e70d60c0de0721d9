//! Settings of the verifiers.

use std::time::Duration;

use jwt_ring::{Claim, FixedClock, NumericDate, Verifier};
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};

use crate::input::{NOW, WORDS, pick};

/// What is expected of the token. Those for the wrapped verifier come first.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) leeway: Option<u8>,
    pub(crate) audiences: Audiences,
    pub(crate) another_issuer: bool,
    pub(crate) allow_missing_expiration: bool,
    pub(crate) null_as_missing: bool,
    another_typ: bool,
    pub(crate) required: Option<Claim>,
    pub(crate) max_age: Option<u8>,
    pub(crate) max_lifetime: Option<u8>,
    pub(crate) nonce: Option<&'static str>,
    /// Of the authentication, in ID tokens.
    pub(crate) auth_max_age: Option<u8>,
    pub(crate) another_client: bool,
    pub(crate) trust_audience: bool,
    pub(crate) trust_party: bool,
    /// Of client assertions.
    pub(crate) assertion_lifetime: Option<u8>,
    pub(crate) first: First,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Audiences {
    Unchanged,
    Any,
    /// "a2" as well.
    Another,
}

/// The ID token before a refresh.
#[derive(Debug)]
pub(crate) struct First {
    pub(crate) subject: &'static str,
    pub(crate) issued: i8,
    pub(crate) audiences: Vec<&'static str>,
    pub(crate) nonce: Option<&'static str>,
    pub(crate) party: Option<&'static str>,
    pub(crate) auth_time: Option<i8>,
}

impl<'a> Arbitrary<'a> for Settings {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let required = [
            Claim::Subject,
            Claim::JwtId,
            Claim::Nonce,
            Claim::ClientId,
            Claim::AuthTime,
        ];
        let flags = u16::arbitrary(u)?;
        let has = |bit: u8| flags & (1 << bit) != 0;
        // As many bytes in any case.
        let mut value = |bit| Ok(Some(u8::arbitrary(u)?).filter(|_| has(bit)));
        Ok(Self {
            leeway: value(0)?,
            max_age: value(1)?,
            max_lifetime: value(2)?,
            auth_max_age: value(3)?,
            assertion_lifetime: value(4)?,
            nonce: Some(pick(u, &WORDS)?).filter(|_| has(5)),
            required: Some(pick(u, &required)?).filter(|_| has(6)),
            audiences: match (has(7), has(8)) {
                (true, _) => Audiences::Any,
                (_, true) => Audiences::Another,
                _ => Audiences::Unchanged,
            },
            another_issuer: has(9),
            allow_missing_expiration: has(10),
            null_as_missing: has(11),
            another_typ: has(12),
            another_client: !has(13),
            trust_audience: !has(14),
            trust_party: !has(15),
            first: u.arbitrary()?,
        })
    }
}

impl<'a> Arbitrary<'a> for First {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let flags = u8::arbitrary(u)?;
        let has = |bit: u8| flags & (1 << bit) != 0;
        let audiences = ["a", "c2", "t"].into_iter().zip([!has(0), has(1), has(2)]);
        let audiences = audiences.filter_map(|(one, has)| has.then_some(one));
        Ok(Self {
            subject: if has(3) { "s2" } else { "s" },
            issued: i8::arbitrary(u)?.saturating_sub(10),
            audiences: audiences.collect(),
            nonce: Some(pick(u, &WORDS)?).filter(|_| has(4)),
            party: Some(pick(u, &WORDS)?).filter(|_| has(5)),
            auth_time: Some(u.arbitrary()?).filter(|_| has(6)),
        })
    }
}

pub(crate) fn seconds(seconds: u8) -> Duration {
    Duration::from_secs(seconds.into())
}

pub(crate) fn date(offset: i8) -> NumericDate {
    NumericDate::from_seconds(NOW + i64::from(offset))
}

impl Settings {
    /// Changes the verifier that a profile wraps. No change may weaken the profile.
    pub(crate) fn apply(&self, mut verifier: Verifier) -> Verifier {
        verifier = verifier.clock(FixedClock::at(date(0)));
        verifier = match self.audiences {
            Audiences::Unchanged => verifier,
            Audiences::Any => verifier.any_audience(),
            Audiences::Another => verifier.audience("a2"),
        };
        if let Some(leeway) = self.leeway {
            verifier = verifier.leeway(seconds(leeway));
        }
        if self.another_issuer {
            verifier = verifier.issuer("i2");
        }
        if self.allow_missing_expiration {
            verifier = verifier.allow_missing_expiration();
        }
        if self.null_as_missing {
            verifier = verifier.null_as_missing();
        }
        if self.another_typ {
            verifier = verifier.typ("x");
        }
        if let Some(required) = self.required {
            verifier = verifier.require(required);
        }
        if let Some(max_age) = self.max_age {
            verifier = verifier.max_age(seconds(max_age));
        }
        match self.max_lifetime {
            Some(max_lifetime) => verifier.max_lifetime(seconds(max_lifetime)),
            None => verifier,
        }
    }
}
