//! Guides, with examples that are compiled.

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/providers.md")]
pub mod providers {}

#[cfg(feature = "pem")]
#[doc = include_str!("guide/keys.md")]
pub mod keys {}

#[doc = include_str!("guide/kms.md")]
pub mod kms {}

#[doc = include_str!("guide/rotation.md")]
pub mod rotation {}

#[doc = include_str!("guide/caching.md")]
pub mod caching {}

#[cfg(feature = "testing")]
#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/issuers.md")]
pub mod issuers {}

#[doc = include_str!("guide/replay.md")]
pub mod replay {}

#[doc = include_str!("guide/revocation.md")]
pub mod revocation {}

#[doc = include_str!("guide/service_accounts.md")]
pub mod service_accounts {}
