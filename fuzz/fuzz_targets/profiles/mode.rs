//! The verifiers of the profiles, and the rules that those of any token are set to.

use jwt_ring::Claim;

use crate::input::NOW;
use crate::reference::{self, Policy};
use crate::settings::{Audiences, Settings, seconds};

/// The verifiers. Those of access tokens and identity assertions have two methods, and that of ID tokens
/// one for refreshes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    Access,
    AccessBound,
    OtherAccess,
    Id,
    IdRefreshed,
    Logout,
    Client,
    Identity,
    IdentityBound,
    Event,
}

pub(crate) const MODES: [Mode; 10] = [
    Mode::Access,
    Mode::AccessBound,
    Mode::OtherAccess,
    Mode::Id,
    Mode::IdRefreshed,
    Mode::Logout,
    Mode::Client,
    Mode::Identity,
    Mode::IdentityBound,
    Mode::Event,
];

/// The client of assertions.
pub(crate) const CLIENT: &str = "c";

impl Mode {
    /// The values of `typ`, and whether it may be absent.
    pub(crate) fn typs(self) -> (&'static [&'static str], bool) {
        match self {
            Self::Access | Self::AccessBound => (&["at+jwt"], false),
            Self::OtherAccess => (&["at+jwt", "JWT"], true),
            Self::Id | Self::IdRefreshed => (&["JWT"], true),
            Self::Logout => (&["logout+jwt", "JWT"], true),
            Self::Client => (&["client-authentication+jwt", "JWT"], true),
            Self::Identity | Self::IdentityBound => (&["oauth-id-jag+jwt"], false),
            Self::Event => (&["secevent+jwt"], false),
        }
    }

    fn required(self) -> &'static [Claim] {
        use Claim::{Audience, Expiration, IssuedAt, Issuer, JwtId, Subject};
        match self {
            Self::Access | Self::AccessBound | Self::Identity | Self::IdentityBound => {
                &[Issuer, Subject, Audience, Expiration, IssuedAt, JwtId]
            }
            Self::OtherAccess => &[Issuer, Subject, Expiration],
            Self::Id | Self::IdRefreshed => &[Issuer, Subject, Audience, Expiration, IssuedAt],
            Self::Logout => &[Issuer, Audience, Expiration, IssuedAt, JwtId],
            Self::Client => &[Issuer, Subject, Audience, Expiration, JwtId],
            Self::Event => &[Issuer, IssuedAt, JwtId],
        }
    }

    /// Returns the rules that are those of any token.
    pub(crate) fn policy(self, settings: &Settings) -> Policy {
        let mut required: Vec<Claim> = settings.required.into_iter().collect();
        required.extend(self.required());
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        let mut issuers = vec!["i"];
        if self == Self::Client {
            issuers.clear();
        }
        if settings.another_issuer {
            issuers.push("i2");
        }
        Policy {
            issuers: owned(&issuers),
            audiences: self.audiences(settings),
            typs: owned(self.typs().0),
            required,
            allow_missing_expiration: settings.allow_missing_expiration || self == Self::Event,
            null_as_missing: settings.null_as_missing,
            max_age: settings.max_age.map(seconds),
            max_lifetime: settings.max_lifetime.map(seconds),
            leeway: seconds(settings.leeway.unwrap_or(0)),
            now: (NOW, 0),
            ..Policy::default()
        }
    }

    fn audiences(self, settings: &Settings) -> reference::Audiences {
        let mut contains = vec!["a".to_owned()];
        if matches!(self, Self::Id | Self::IdRefreshed) && settings.another_client {
            contains.push("c2".into());
        }
        match (self, settings.audiences) {
            (Self::Client | Self::Identity | Self::IdentityBound, _)
            | (Self::Logout, Audiences::Unchanged) => reference::Audiences::Sole("a".into()),
            (Self::Logout, Audiences::Another) => reference::Audiences::Contains(vec!["a2".into()]),
            (Self::OtherAccess | Self::Event, Audiences::Any) => reference::Audiences::Any,
            (_, Audiences::Another) => {
                contains.push("a2".into());
                reference::Audiences::Contains(contains)
            }
            (_, Audiences::Unchanged | Audiences::Any) => reference::Audiences::Contains(contains),
        }
    }
}
