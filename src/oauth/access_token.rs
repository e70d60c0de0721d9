//! Access tokens (RFC 9068): signing in an authorization server, verifying in a resource server.
//!
//! ```
//! use jwt_ring::oauth::access_token::{self, AccessTokenClaims};
//! use jwt_ring::{Algorithm, SigningKey};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, Serialize)]
//! struct App {
//!     tenant: String,
//! }
//!
//! // The authorization server.
//! let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
//! let keys = key.verifying_key();
//! let signer = access_token::Signer::new(key, "https://issuer.example");
//! let claims = signer
//!     .claims("user-42", "https://api.example", "web-shop")?
//!     .scope("orders:read".parse()?)
//!     .custom(App { tenant: "acme".into() });
//! let jwt = signer.sign(&claims)?;
//!
//! // The resource server.
//! let verifier = access_token::Verifier::new("https://issuer.example", "https://api.example");
//! let token = verifier.verify::<AccessTokenClaims<App>>(&jwt, &keys)?;
//! assert_eq!(token.claims().client_id, "web-shop");
//! assert!(token.claims().scope.contains("orders:read"));
//! assert_eq!(token.claims().custom.tenant, "acme");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Access tokens of providers
//!
//! Keycloak, Okta, Entra ID, Auth0 and Amazon Cognito issue access tokens that are not RFC 9068: `typ` is
//! `JWT` or absent, and some claims are missing or have other names.
//! [`allow_typ_jwt`](Verifier::allow_typ_jwt) accepts them, and distinguishes them from ID tokens. Name
//! the claims that you need in a struct of yours, whose required fields must be present. [`Scope`] reads
//! a string of names and an array of names.
//!
//! [`Scope`]: crate::oauth::Scope
//!
//! | provider | `iss` | `aud` | claims |
//! |---|---|---|---|
//! | Keycloak | `https://HOST/realms/REALM` | by an audience mapper | `azp`: the client; `scope`: a string; `realm_access.roles` |
//! | Okta | `https://DOMAIN/oauth2/SERVER`, a custom authorization server | that of the server | no `typ`; `cid`: the client; `scp`: an array |
//! | Entra ID, version 1.0 | `https://sts.windows.net/TENANT/` | the application ID URI of the API, or its client ID | `ver`: `"1.0"`; `appid`: the client; `scp`: a string, if there is a user; `roles` |
//! | Entra ID, version 2.0 | `https://login.microsoftonline.com/TENANT/v2.0` | the client ID of the API | `ver`: `"2.0"`; `azp`: the client; `scp` and `roles` as above |
//! | Auth0 | `https://DOMAIN/`, with the slash | the identifier of the API, and `https://DOMAIN/userinfo` | `azp`: the client; `scope`: a string; your own as `https://…` names |
//! | Amazon Cognito | `https://cognito-idp.REGION.amazonaws.com/POOL` | none | `client_id`; `token_use`; `scope`: a string |
//!
//! ```
//! use jwt_ring::Claim;
//! use jwt_ring::oauth::Scope;
//! use jwt_ring::oauth::access_token::Verifier;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct KeycloakClaims {
//!     sub: String,
//!     azp: String,
//!     scope: Scope,
//! }
//!
//! let keycloak =
//!     Verifier::new("https://id.example/realms/acme", "orders-api").allow_typ_jwt();
//! // keycloak.verify::<KeycloakClaims>(&jwt, &keys)
//!
//! #[derive(Deserialize)]
//! struct OktaClaims {
//!     sub: String,
//!     cid: String,
//!     #[serde(rename = "scp")]
//!     scope: Scope,
//! }
//!
//! let okta =
//!     Verifier::new("https://acme.okta.com/oauth2/default", "api://default").allow_typ_jwt();
//!
//! // Entra ID: the manifest of the API decides which version its tokens have, and this verifier accepts
//! // both. The field `scope` requires `scp`, which ID tokens for the same client ID do not have. For
//! // tokens of a daemon, require the optional claim `idtyp` to be `app`. `oid` and `tid` identify the user.
//! #[derive(Deserialize)]
//! struct EntraClaims {
//!     oid: String,
//!     tid: String,
//!     #[serde(rename = "scp")]
//!     scope: Scope,
//!     #[serde(default)]
//!     roles: Vec<String>,
//!     #[serde(alias = "appid")]
//!     azp: String,
//! }
//!
//! let (tenant, api) = ("aaaabbbb-0000-cccc-1111-dddd2222eeee", "00001111-aaaa-2222-bbbb-3333cccc4444");
//! let entra = Verifier::new(format!("https://login.microsoftonline.com/{tenant}/v2.0"), api)
//!     .map_verifier(|verifier| {
//!         verifier
//!             .issuer(format!("https://sts.windows.net/{tenant}/"))
//!             .audience(format!("api://{api}"))
//!     })
//!     .allow_typ_jwt();
//!
//! // Auth0: one of several audiences is enough. The names of custom claims are URLs.
//! #[derive(Deserialize)]
//! struct Auth0Claims {
//!     sub: String,
//!     azp: String,
//!     scope: Scope,
//!     #[serde(rename = "https://orders.example/roles", default)]
//!     roles: Vec<String>,
//! }
//!
//! let auth0 =
//!     Verifier::new("https://acme.eu.auth0.com/", "https://orders.example").allow_typ_jwt();
//!
//! // Cognito: `token_use` distinguishes access tokens from ID tokens. Compare `client_id` with the
//! // clients of your own, because every client of the pool gets such tokens.
//! let cognito = Verifier::new(
//!     "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example",
//!     "unused",
//! )
//! .allow_typ_jwt()
//! .map_verifier(|verifier| verifier.any_audience().require(Claim::TokenUse));
//! ```
//!
//! ID tokens of Google and Firebase, which their clients send to services:
//! [`id_token::Verifier`](crate::oauth::id_token::Verifier).

mod claims;
mod signer;
mod verifier;

pub use claims::AccessTokenClaims;
pub use signer::Signer;
pub use verifier::Verifier;

/// The `typ` of access tokens (RFC 9068 §2.1).
const TYP: &str = "at+jwt";
