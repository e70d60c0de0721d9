//! The claims of an access token (RFC 9068 §2.2).

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::claims::Audience;
use crate::numeric_date::NumericDate;
use crate::oauth::Scope;
use crate::oauth::profile::profile_claims;

profile_claims! {
    /// The claims of an access token (RFC 9068 §2.2). Those that the RFC requires are plain fields.
    ///
    /// To sign, start with [`Signer::claims`](super::Signer::claims). To verify, name it as the type
    /// to verify into.
    pub struct AccessTokenClaims in access_token_claims {
        /// `iss`, the issuer.
        issuer: String = "iss",
        /// `sub`, the subject: the user, or the client if there is no user.
        subject: String = "sub",
        /// `aud`, the audience: the resource server.
        audience: Audience = "aud",
        /// `client_id`, the client that the token was issued to.
        client_id: String = "client_id",
        /// `exp`, the time from which the token is rejected.
        expiration: NumericDate = "exp",
        /// `iat`, the time at which the token was issued.
        issued_at: NumericDate = "iat",
        /// `jti`, the identifier of the token.
        jwt_id: String = "jti",
        /// `nbf`, the time before which the token is rejected.
        not_before: Option<NumericDate> = "nbf",
        /// `scope`, what the token allows.
        scope: Scope = "scope",
        /// `auth_time`, the time at which the user authenticated.
        auth_time: Option<NumericDate> = "auth_time",
        /// `acr`, the authentication context class.
        acr: Option<String> = "acr",
        /// `amr`, the authentication methods (RFC 8176).
        amr: Vec<String> = "amr",
        /// `roles` of the user (RFC 7643 §4.1.2).
        roles: Vec<String> = "roles" as ScimValues,
        /// `groups` of the user (RFC 7643 §4.1.2).
        groups: Vec<String> = "groups" as ScimValues,
        /// `entitlements` of the user (RFC 7643 §4.1.2).
        entitlements: Vec<String> = "entitlements" as ScimValues,
        /// `cnf`, the key that the presenter must prove to have (RFC 7800), for instance
        /// `{"jkt": ..}` for DPoP (RFC 9449 §6.1) or `{"x5t#S256": ..}` for mutual TLS (RFC 8705
        /// §3.1).
        confirmation: Option<Map<String, Value>> = "cnf",
    }
}

impl<T> AccessTokenClaims<T> {
    /// Sets `scope`, what the token allows.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

/// Names, or the objects that SCIM has for them, whose `value` is the name.
#[derive(Deserialize)]
struct ScimValues(Vec<ScimValue>);

#[derive(Deserialize)]
#[serde(untagged)]
enum ScimValue {
    Name(String),
    Object { value: String },
}

impl From<ScimValues> for Vec<String> {
    fn from(ScimValues(values): ScimValues) -> Self {
        let name = |value| match value {
            ScimValue::Name(name) | ScimValue::Object { value: name } => name,
        };
        values.into_iter().map(name).collect()
    }
}
