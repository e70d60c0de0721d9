//! The claims of an identity assertion.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::claims::Audience;
use crate::numeric_date::NumericDate;
use crate::oauth::Scope;
use crate::oauth::profile::profile_claims;

profile_claims! {
    /// The claims of an identity assertion (draft-ietf-oauth-identity-assertion-authz-grant §3.1). Those
    /// that the draft requires are plain fields.
    ///
    /// To sign, start with [`Signer::claims`](super::Signer::claims). To verify, name it as the type to
    /// verify into.
    pub struct IdentityAssertionClaims in identity_assertion_claims {
        /// `iss`, the issuer: the identity provider.
        issuer: String = "iss",
        /// `sub`, the subject: the user, as the identity provider names it to the audience.
        subject: String = "sub",
        /// `aud`, the audience: the authorization server of the other service.
        audience: Audience = "aud",
        /// `client_id`, the client, as the audience names it.
        client_id: String = "client_id",
        /// `exp`, the time from which the assertion is rejected.
        expiration: NumericDate = "exp",
        /// `iat`, the time at which the assertion was issued.
        issued_at: NumericDate = "iat",
        /// `jti`, the identifier of the assertion.
        jwt_id: String = "jti",
        /// `nbf`, the time before which the assertion is rejected.
        not_before: Option<NumericDate> = "nbf",
        /// `scope`, what the access token may allow at most.
        scope: Scope = "scope",
        /// `resource`, the resources that the access is for (RFC 8707 §2).
        resource: Vec<String> = "resource" as Resources,
        /// `authorization_details`, what the access token may allow, as objects (RFC 9396 §2).
        authorization_details: Vec<Value> = "authorization_details",
        /// `act`, who acts for the user (RFC 8693 §4.1).
        actor: Option<Map<String, Value>> = "act",
        /// `tenant` of the identity provider. It identifies the user together with `iss` and `sub`.
        tenant: Option<String> = "tenant",
        /// `aud_tenant`, the tenant of the audience.
        audience_tenant: Option<String> = "aud_tenant",
        /// `aud_sub`, the user, as the audience names it.
        audience_subject: Option<String> = "aud_sub",
        /// `email` of the user.
        email: Option<String> = "email",
        /// `auth_time`, the time at which the user authenticated.
        auth_time: Option<NumericDate> = "auth_time",
        /// `acr`, the authentication context class.
        acr: Option<String> = "acr",
        /// `amr`, the authentication methods (RFC 8176).
        amr: Vec<String> = "amr",
        /// `cnf`, the key that the client must prove to have (RFC 7800).
        confirmation: Option<Map<String, Value>> = "cnf",
    }
}

impl<T> IdentityAssertionClaims<T> {
    /// Sets `scope`, what the access token may allow at most.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

/// A string or an array of strings.
#[derive(Deserialize)]
struct Resources(Audience);

impl From<Resources> for Vec<String> {
    fn from(Resources(all): Resources) -> Self {
        all.iter().map(String::from).collect()
    }
}
