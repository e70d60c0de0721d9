//! Guides, with examples that are compiled.
//!
//! | to | read |
//! |---|---|
//! | switch from another crate | [`from_jsonwebtoken`], [`from_jwt_simple`], [`from_jwt_compact`] |
//! | verify tokens of Keycloak, Entra ID, Auth0, Okta, Cognito, Google, Firebase, GitHub or Kubernetes | [`providers`] |
//! | verify tokens of several issuers | [`issuers`] |
//! | find the cause of an error | [`errors`] |
//! | generate, convert, load and publish keys | [`keys`] |
//! | fetch keys when they change, and rotate one's own | [`rotation`] |
//! | sign with a key in a KMS or HSM | [`kms`] |
//! | sign the assertions of service accounts | [`service_accounts`] |
//! | verify the same tokens again and again | [`caching`] |
//! | reject tokens before they expire | [`revocation`] |
//! | accept one-time tokens once, on several servers | [`replay`] |
//! | test a service | `testing`, with the feature of this name |
//! | read the design and the threat model | [`design`] |

#[doc = include_str!("guide/providers.md")]
pub mod providers {}

#[doc = include_str!("guide/from_jsonwebtoken.md")]
pub mod from_jsonwebtoken {}

#[doc = include_str!("guide/from_jwt_compact.md")]
pub mod from_jwt_compact {}

#[doc = include_str!("guide/from_jwt_simple.md")]
pub mod from_jwt_simple {}

#[doc = include_str!("guide/issuers.md")]
pub mod issuers {}

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[cfg(feature = "pem")]
#[doc = include_str!("guide/keys.md")]
pub mod keys {}

#[doc = include_str!("guide/rotation.md")]
pub mod rotation {}

#[doc = include_str!("guide/kms.md")]
pub mod kms {}

#[doc = include_str!("guide/service_accounts.md")]
pub mod service_accounts {}

#[doc = include_str!("guide/caching.md")]
pub mod caching {}

#[doc = include_str!("guide/revocation.md")]
pub mod revocation {}

#[doc = include_str!("guide/replay.md")]
pub mod replay {}

#[cfg(feature = "testing")]
#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/design.md")]
pub mod design {}
