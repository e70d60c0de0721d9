//! The shapes of access tokens: RFC 9068, and those of providers that have others.

use std::str::FromStr;

use jwt_ring::oauth::Scope;
use jwt_ring::oauth::access_token::Verifier;
use jwt_ring::{Claim, NumericDate};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The claims of a token.
pub(super) type Claims = Map<String, Value>;

/// What the claims of a verified token mean, in any profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub issuer: String,
    /// The user, or the client if there is no user. Unique for one issuer.
    pub subject: String,
    pub client_id: String,
    /// Whether the client acts for itself, so that the scope is none that a user gave it. `false` also
    /// if the profile cannot tell: service accounts of Keycloak are users.
    pub is_client: bool,
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
    #[error("expected the claim `aud` to have an audience that is accepted, found others")]
    Audience,
    #[error("expected the claim `typ` to be Bearer or DPoP, found none or another")]
    Type,
}

impl ProfileError {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Claim(_) => "profile_claim",
            Self::Client => "profile_client",
            Self::Audience => "profile_audience",
            Self::Type => "profile_type",
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
            // Few of its tokens have `aud`: `check` compares the client, and `aud` if there is one.
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
            Self::Entra | Self::Okta => &["scp"],
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
        let subject = text(claims, &["sub"])?;
        self.check(audiences, &client_id, claims)?;
        let is_client = self.is_client(&subject, &client_id, claims);
        // The verifier has checked its type.
        let auth_time = claims.get("auth_time");
        Ok(Principal {
            issuer: issuer.into(),
            scope: self.scope(is_client, claims)?,
            subject,
            client_id,
            is_client,
            auth_time: auth_time.and_then(|time| NumericDate::deserialize(time).ok()),
        })
    }

    /// Makes the checks of some providers.
    fn check(
        self,
        audiences: &[String],
        client_id: &String,
        claims: &Claims,
    ) -> Result<(), ProfileError> {
        match self {
            Self::Cognito if !audiences.contains(client_id) => Err(ProfileError::Client),
            Self::Cognito if !has_audience(audiences, claims) => Err(ProfileError::Audience),
            // Its tokens of other uses, as ID, Refresh and Logout, have the same `typ` in the header.
            Self::Keycloak if !matches!(string(claims, "typ"), Some("Bearer" | "DPoP")) => {
                Err(ProfileError::Type)
            }
            _ => Ok(()),
        }
    }

    fn is_client(self, subject: &str, client_id: &str, claims: &Claims) -> bool {
        match self {
            Self::Rfc9068 | Self::Cognito | Self::Okta => subject == client_id,
            Self::Auth0 => subject.strip_suffix("@clients") == Some(client_id),
            // `idtyp` is an optional claim. A service principal is its own object.
            Self::Entra => match claims.get("idtyp") {
                Some(kind) => kind == "app",
                None => string(claims, "oid") == Some(subject),
            },
            Self::Keycloak => false,
        }
    }

    fn scope(self, is_client: bool, claims: &Claims) -> Result<Scope, ProfileError> {
        let (name, value) = match first(claims, self.scope_claims()) {
            Some(found) => found,
            // The roles of a user would give the client more than the user gave it.
            None if self == Self::Entra => match claims.get("roles") {
                Some(roles) if is_client && roles.is_array() => ("roles", roles),
                _ => return Err(ProfileError::Claim("scp")),
            },
            None => return Ok(Scope::default()),
        };
        Scope::deserialize(value).map_err(|_| ProfileError::Claim(name))
    }
}

/// Returns whether `aud` has one of the audiences, or is absent.
fn has_audience(audiences: &[String], claims: &Claims) -> bool {
    let is_ours = |one: &Value| audiences.iter().any(|ours| one == ours.as_str());
    match claims.get("aud") {
        None => true,
        Some(Value::Array(all)) => all.iter().any(is_ours),
        Some(one) => is_ours(one),
    }
}

fn string<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_acts_for_itself_is_no_user() {
        for (profile, subject, is_client) in [
            (Profile::Rfc9068, "shop", true),
            (Profile::Rfc9068, "alice", false),
            (Profile::Cognito, "shop", true),
            (Profile::Okta, "shop", true),
            (Profile::Okta, "alice", false),
            (Profile::Auth0, "shop@clients", true),
            (Profile::Auth0, "shop", false),
            (Profile::Auth0, "other@clients", false),
            (Profile::Keycloak, "shop", false),
        ] {
            let mut claims = Claims::from_iter([("sub".into(), subject.into())]);
            claims.insert(profile.client_claims()[0].into(), "shop".into());
            claims.insert("typ".into(), "Bearer".into());
            let found = profile.principal("issuer", &["shop".into()], &claims);
            let found = found.expect("a principal").is_client;
            assert_eq!(found, is_client, "{profile:?} {subject}");
        }
    }
}
