//! The shapes of access tokens: RFC 9068, and those of providers that have others.

use std::str::FromStr;

use jwt_ring::oauth::Scope;
use jwt_ring::oauth::access_token::Verifier;
use jwt_ring::{Claim, NumericDate};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The claims of a token.
pub(super) type Claims = Map<String, Value>;

/// What a verified token says, whatever its shape is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub issuer: String,
    /// The user, or the client if there is no user. Unique for one issuer.
    pub subject: String,
    pub client_id: String,
    pub scope: Scope,
    /// When the user authenticated, if the token says so.
    pub auth_time: Option<NumericDate>,
}

/// The shape of the access tokens of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Rfc9068,
    Auth0,
    Cognito,
    /// Both versions of the tokens of Microsoft Entra ID.
    Entra,
    Keycloak,
    Okta,
}

/// All profiles with their names.
const NAMES: [(Profile, &str); 6] = [
    (Profile::Rfc9068, "rfc9068"),
    (Profile::Auth0, "auth0"),
    (Profile::Cognito, "cognito"),
    (Profile::Entra, "entra"),
    (Profile::Keycloak, "keycloak"),
    (Profile::Okta, "okta"),
];

/// Why the claims of a verified token are not those of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ProfileError {
    #[error("expected the claim `{0}`, found none or another type")]
    Claim(&'static str),
    #[error("expected the claim `client_id` to be an audience that is accepted, found another")]
    Client,
}

impl ProfileError {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Claim(_) => "profile_claim",
            Self::Client => "profile_client",
        }
    }
}

impl Profile {
    /// Makes the verifier of access tokens of the issuer for one of the audiences.
    pub(super) fn verifier(self, issuer: &str, audiences: &[String]) -> Verifier {
        let first = audiences.first().map_or("", String::as_str);
        let verifier = Verifier::new(issuer, first).map_verifier(|verifier| {
            let others = audiences.iter().skip(1);
            others.fold(verifier, jwt_ring::Verifier::audience)
        });
        match self {
            Self::Rfc9068 => verifier,
            // Its tokens have no `aud`: `principal` compares the client instead.
            Self::Cognito => verifier
                .allow_typ_jwt()
                .map_verifier(|verifier| verifier.any_audience().require(Claim::TokenUse)),
            Self::Auth0 | Self::Entra | Self::Keycloak | Self::Okta => verifier.allow_typ_jwt(),
        }
    }

    /// The claims of which the first that is present names the client.
    ///
    /// ID tokens of Okta and Entra ID have none of these, so to require one rejects them if the API and
    /// the client have the same ID.
    fn client_claims(self) -> &'static [&'static str] {
        match self {
            Self::Rfc9068 | Self::Cognito => &["client_id"],
            Self::Auth0 | Self::Keycloak => &["azp"],
            Self::Entra => &["azp", "appid"],
            Self::Okta => &["cid"],
        }
    }

    /// The claims of which the first that is present is the scope.
    fn scope_claims(self) -> &'static [&'static str] {
        match self {
            Self::Rfc9068 | Self::Auth0 | Self::Cognito | Self::Keycloak => &["scope"],
            // Tokens of daemons have roles instead of a scope.
            Self::Entra => &["scp", "roles"],
            Self::Okta => &["scp"],
        }
    }

    /// Reads the claims of a verified token.
    pub(super) fn principal(
        self,
        issuer: &str,
        audiences: &[String],
        claims: &Claims,
    ) -> Result<Principal, ProfileError> {
        let client_id = text(claims, self.client_claims())?;
        if self == Self::Cognito && !audiences.contains(&client_id) {
            return Err(ProfileError::Client);
        }
        let scope = match first(claims, self.scope_claims()) {
            Some((name, value)) => {
                Scope::deserialize(value).map_err(|_| ProfileError::Claim(name))?
            }
            None if self == Self::Entra => return Err(ProfileError::Claim("scp")),
            None => Scope::default(),
        };
        let auth_time = claims.get("auth_time").map(NumericDate::deserialize);
        Ok(Principal {
            issuer: issuer.into(),
            subject: text(claims, &["sub"])?,
            client_id,
            scope,
            auth_time: auth_time
                .transpose()
                .map_err(|_| ProfileError::Claim("auth_time"))?,
        })
    }
}

fn first<'a>(claims: &'a Claims, names: &[&'static str]) -> Option<(&'static str, &'a Value)> {
    let mut found = names.iter().map(|name| Some((*name, claims.get(*name)?)));
    found.find_map(|found| found)
}

fn text(claims: &Claims, names: &[&'static str]) -> Result<String, ProfileError> {
    let value = first(claims, names).and_then(|(_, value)| value.as_str());
    let missing = || ProfileError::Claim(names.first().copied().unwrap_or_default());
    value.map(str::to_owned).ok_or_else(missing)
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = NAMES.iter().find(|(_, name)| *name == text);
        found.map(|(profile, _)| *profile).ok_or_else(|| {
            let names = NAMES.map(|(_, name)| name);
            format!("expected one of {}", names.join(", "))
        })
    }
}
