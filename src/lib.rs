//! JSON Web Tokens (RFC 7519) on [*ring*](https://docs.rs/ring): signing, verifying, and keys.
//!
//! ```
//! use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Token, Verifier};
//! use serde::{Deserialize, Serialize};
//! use std::time::Duration;
//!
//! #[derive(Deserialize, Serialize)]
//! struct App {
//!     role: String,
//! }
//!
//! // The issuer mints. In production the key comes from a file: SigningKey::from_pem.
//! let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
//! let keys = key.verifying_key();
//! let signer = Signer::new(key);
//! let claims = Claims::new(&SystemClock, Duration::from_secs(900))
//!     .issuer("https://issuer.example")
//!     .audience("https://api.example")
//!     .subject("user-42")
//!     .custom(App { role: "admin".into() });
//! let jwt: String = signer.sign(&claims)?;
//!
//! // The service verifies.
//! let verifier = Verifier::new().issuer("https://issuer.example").audience("https://api.example");
//! let token: Token<App> = verifier.verify(&jwt, &keys)?;
//! assert_eq!(token.claims().subject.as_deref(), Some("user-42"));
//! assert_eq!(token.claims().custom.role, "admin");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is kept apart
//!
//! The known holes of JWT libraries come from distinctions that their types do not make. These are
//! made here:
//!
//! - **Key and algorithm.** A key is made *for* an algorithm. The token's `alg` is compared with it,
//!   and never chooses anything.
//! - **Policy and keys.** A [`Verifier`] says what a token must be; [`Keys`] say whose signature
//!   counts. They change at different times.
//! - **Unverified and verified.** [`Unverified`] is what a stranger sent. A [`Token`] is made by a
//!   [`Verifier`] only, so holding one is the proof.
//! - **Expected and present.** To expect a claim is to require it, with the right type.
//! - **Deciding and doing.** The library reads no files, fetches no keys, and takes the time from a
//!   [`Clock`].
//!
//! # The names
//!
//! | to | use |
//! |---|---|
//! | load or make keys | [`SigningKey`], [`VerifyingKey`], for an [`Algorithm`] |
//! | mint tokens | [`Claims`], [`Signer`] |
//! | mint with a key in a KMS or HSM | [`Header`], [`Unsigned`], [`Signature`] |
//! | verify tokens | [`Verifier`], [`Token`] |
//! | verify the same tokens again and again | [`Remembering`] |
//! | verify with several keys, or publish them | [`KeySet`], [`Keys`] |
//! | mint and verify OAuth access tokens, and ID tokens | [`access_token`], [`id_token`] |
//! | read bearer tokens out of requests, and refuse them | [`bearer`] |
//! | know when to fetch keys, and rotate one's own | [`key_cache`], [`key_ring`] |
//! | look at a token without believing it | [`Unverified`] |
//! | say what time it is | [`Clock`], [`SystemClock`], [`FixedClock`], [`NumericDate`] |
//! | learn what went wrong | [`KeyError`], [`SignError`], [`VerifyError`], each with `code()` |
//!
//! # Scope
//!
//! Signed tokens in the compact form, with the algorithms that *ring* has: HMAC, RSA, ECDSA on P-256
//! and P-384, Ed25519. No encryption (JWE), no JSON serialization (RFC 7515 §7.2), no unsecured
//! tokens, no critical header extensions, no certificate chains, no HTTP. A payload is readable by
//! anybody who sees the token: it is signed, not encrypted.
//!
//! # Secrets
//!
//! Secrets are never in `Debug`, errors or published key sets. Secret bytes that this crate owns are
//! overwritten when they are dropped; what *ring* holds is in *ring*'s care. (The text of a private JWK
//! is yours; where it writes base64url with JSON escapes, for which there is no need, a copy of that
//! text is dropped as it is.)
//!
//! Signing and verifying do with secrets only what *ring* does, in constant time where that is its
//! promise: HMACs are compared so, and private keys are used so. Not promised is that *loading* a
//! key takes the same time whatever it holds, or that a refusal hides at which check it came about:
//! a stranger may learn that a signature held, and that the claims were the reason.
//!
//! # Features
//!
//! - `pem` (default): keys from and to PEM, with `rustls-pki-types`.

#![forbid(unsafe_code)]
#![warn(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod access_token;
mod algorithm;
mod base64url;
pub mod bearer;
mod claim;
mod claims;
mod clock;
mod compact;
mod der;
mod error;
mod header;
pub mod id_token;
mod json;
mod key;
pub mod key_cache;
pub mod key_ring;
mod key_set;
mod keys;
mod numeric_date;
mod remember;
mod scope;
mod secret;
mod short;
mod signature;
mod signer;
mod token;
mod unverified;
mod verifier;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use claim::Claim;
pub use claims::{Audience, Claims};
pub use clock::{Clock, FixedClock, SystemClock};
pub use error::{KeyError, SignError, VerifyError};
pub use header::Header;
pub use key::{SigningKey, VerifyingKey};
pub use key_set::{IgnoredKey, KeySet};
pub use keys::Keys;
pub use numeric_date::NumericDate;
pub use remember::Remembering;
pub use signature::Signature;
pub use signer::{Signer, Unsigned};
pub use token::Token;
pub use unverified::Unverified;
pub use verifier::Verifier;

/// The README's examples are tests too.
#[cfg(all(doctest, feature = "pem"))]
#[doc = include_str!("../README.md")]
struct Readme;
