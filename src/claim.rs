//! The claims that this library checks.

use std::fmt;

/// A claim that this library knows by name: the registered ones (RFC 7519 §4.1), and those that
/// OAuth and OpenID Connect add for their tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Claim {
    /// `iss`, the issuer (RFC 7519 §4.1.1).
    Issuer,
    /// `sub`, the subject (RFC 7519 §4.1.2).
    Subject,
    /// `aud`, the audience (RFC 7519 §4.1.3).
    Audience,
    /// `exp`, the time from which the token is rejected (RFC 7519 §4.1.4).
    Expiration,
    /// `nbf`, the time before which the token is rejected (RFC 7519 §4.1.5).
    NotBefore,
    /// `iat`, the time at which the token was issued (RFC 7519 §4.1.6).
    IssuedAt,
    /// `jti`, the identifier of the token (RFC 7519 §4.1.7).
    JwtId,
    /// `nonce`, the value that the client sent with its request (OpenID Connect Core §2).
    Nonce,
    /// `azp`, the client that the ID token was issued to (OpenID Connect Core §2).
    AuthorizedParty,
    /// `auth_time`, the time at which the user signed in (OpenID Connect Core §2).
    AuthTime,
    /// `at_hash`, the hash of the access token (OpenID Connect Core §3.1.3.6).
    AccessTokenHash,
    /// `cnf`, the key that the token is bound to (RFC 7800 §3.1).
    Confirmation,
    /// `client_id`, the client that the access token was issued to (RFC 9068 §2.2).
    ClientId,
    /// `events`, the security events that the token states (RFC 8417 §2.2).
    Events,
    /// `c_hash`, the hash of the authorization code (OpenID Connect Core §3.3.2.11).
    CodeHash,
    /// `s_hash`, the hash of the state (FAPI 1.0 Advanced §5.1).
    StateHash,
    /// `token_use`, by which Amazon Cognito distinguishes access tokens from ID tokens.
    TokenUse,
    /// `scope`, what the access token allows (RFC 8693 §4.2).
    Scope,
    /// `acr`, the authentication context class (OpenID Connect Core §2).
    Acr,
    /// `amr`, the authentication methods (OpenID Connect Core §2).
    Amr,
    /// `roles` of the user (RFC 9068 §2.2.3.1).
    Roles,
    /// `groups` of the user (RFC 9068 §2.2.3.1).
    Groups,
    /// `entitlements` of the user (RFC 9068 §2.2.3.1).
    Entitlements,
    /// `typ`, by which Keycloak distinguishes access tokens from others. It is not the header parameter.
    Typ,
    /// `htm`, the HTTP method of the request that a DPoP proof is for (RFC 9449 §4.2).
    Htm,
    /// `htu`, the URI of the request that a DPoP proof is for (RFC 9449 §4.2).
    Htu,
    /// `ath`, the hash of the access token that a DPoP proof is for (RFC 9449 §4.2).
    Ath,
    /// `sid`, the session that a logout token ends (OpenID Connect Back-Channel Logout §2.4).
    SessionId,
    /// `toe`, the time at which a security event occurred (RFC 8417 §2.2).
    TimeOfEvent,
    /// `txn`, the transaction that a security event belongs to (RFC 8417 §2.2).
    TransactionId,
    /// `sub_id`, the subject in a structured form (RFC 9493 §4.1).
    SubjectId,
    /// `resource`, the resources that the access is for (RFC 8707 §2).
    Resource,
}

/// The type that the value of a claim must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Date,
    /// A string or an array of strings.
    Strings,
    ArrayOfStrings,
    Array,
    Object,
}

impl Claim {
    /// How many claims there are, each of which `as usize` is below.
    pub(crate) const COUNT: usize = 32;

    /// The registered claims, in the order in which they are checked.
    pub(crate) const REGISTERED: [Self; 7] = [
        Self::Expiration,
        Self::NotBefore,
        Self::IssuedAt,
        Self::Issuer,
        Self::Audience,
        Self::Subject,
        Self::JwtId,
    ];

    /// Returns the name of the claim in a payload, for instance `iss`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::Expiration => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::JwtId => "jti",
            Self::Nonce => "nonce",
            Self::AuthorizedParty => "azp",
            Self::AuthTime => "auth_time",
            Self::AccessTokenHash => "at_hash",
            Self::Confirmation => "cnf",
            Self::ClientId => "client_id",
            Self::Events => "events",
            Self::CodeHash => "c_hash",
            Self::StateHash => "s_hash",
            Self::TokenUse => "token_use",
            Self::Scope => "scope",
            Self::Acr => "acr",
            Self::Amr => "amr",
            Self::Roles => "roles",
            Self::Groups => "groups",
            Self::Entitlements => "entitlements",
            Self::Typ => "typ",
            Self::Htm => "htm",
            Self::Htu => "htu",
            Self::Ath => "ath",
            Self::SessionId => "sid",
            Self::TimeOfEvent => "toe",
            Self::TransactionId => "txn",
            Self::SubjectId => "sub_id",
            Self::Resource => "resource",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "iss" => Self::Issuer,
            "sub" => Self::Subject,
            "aud" => Self::Audience,
            "exp" => Self::Expiration,
            "nbf" => Self::NotBefore,
            "iat" => Self::IssuedAt,
            "jti" => Self::JwtId,
            "azp" => Self::AuthorizedParty,
            "cnf" => Self::Confirmation,
            "nonce" => Self::Nonce,
            "at_hash" => Self::AccessTokenHash,
            "auth_time" => Self::AuthTime,
            "client_id" => Self::ClientId,
            "events" => Self::Events,
            "c_hash" => Self::CodeHash,
            "s_hash" => Self::StateHash,
            "token_use" => Self::TokenUse,
            "scope" => Self::Scope,
            "acr" => Self::Acr,
            "amr" => Self::Amr,
            "roles" => Self::Roles,
            "groups" => Self::Groups,
            "entitlements" => Self::Entitlements,
            "typ" => Self::Typ,
            "htm" => Self::Htm,
            "htu" => Self::Htu,
            "ath" => Self::Ath,
            "sid" => Self::SessionId,
            "toe" => Self::TimeOfEvent,
            "txn" => Self::TransactionId,
            "sub_id" => Self::SubjectId,
            "resource" => Self::Resource,
            _ => return None,
        })
    }

    /// Returns the registered claim of this name.
    pub(crate) fn registered(name: &str) -> Option<Self> {
        // All registered names are that long.
        if name.len() != 3 {
            return None;
        }
        Self::from_name(name).filter(|claim| Self::REGISTERED.contains(claim))
    }

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Expiration
            | Self::NotBefore
            | Self::IssuedAt
            | Self::AuthTime
            | Self::TimeOfEvent => Kind::Date,
            // RFC 8693 has a string, some issuers an array.
            Self::Audience | Self::Scope | Self::Resource => Kind::Strings,
            Self::Amr => Kind::ArrayOfStrings,
            // Of strings, or of the objects of SCIM (RFC 7643 §4.1.2).
            Self::Roles | Self::Groups | Self::Entitlements => Kind::Array,
            Self::Confirmation | Self::Events | Self::SubjectId => Kind::Object,
            Self::Issuer
            | Self::Subject
            | Self::JwtId
            | Self::Nonce
            | Self::AuthorizedParty
            | Self::AccessTokenHash
            | Self::ClientId
            | Self::CodeHash
            | Self::StateHash
            | Self::TokenUse
            | Self::Acr
            | Self::Typ
            | Self::Htm
            | Self::Htu
            | Self::Ath
            | Self::SessionId
            | Self::TransactionId => Kind::String,
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "a string",
            Self::Date => "a number of seconds since 1970",
            Self::Strings => "a string or an array of strings",
            Self::ArrayOfStrings => "an array of strings",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Claim;

    #[test]
    fn names_and_claims_are_the_same() {
        let names = [
            "iss",
            "sub",
            "aud",
            "exp",
            "nbf",
            "iat",
            "jti",
            "nonce",
            "azp",
            "auth_time",
            "at_hash",
            "cnf",
            "client_id",
            "events",
            "c_hash",
            "s_hash",
            "token_use",
            "scope",
            "acr",
            "amr",
            "roles",
            "groups",
            "entitlements",
            "typ",
            "htm",
            "htu",
            "ath",
            "sid",
            "toe",
            "txn",
            "sub_id",
            "resource",
        ];
        assert_eq!(names.len(), Claim::COUNT);
        for (index, name) in names.into_iter().enumerate() {
            let claim = Claim::from_name(name).expect(name);
            assert_eq!(claim.name(), name);
            assert_eq!(claim as usize, index);
            let is_registered = Claim::REGISTERED.contains(&claim);
            assert_eq!(Claim::registered(name), is_registered.then_some(claim));
        }
        assert_eq!(Claim::from_name("ISS"), None);
    }
}
