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
//! // The issuer signs. In production the key comes from a file: SigningKey::from_pem.
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
//! let token = verifier.verify::<Claims<App>>(&jwt, &keys)?;
//! assert_eq!(token.claims().subject.as_deref(), Some("user-42"));
//! assert_eq!(token.claims().custom.role, "admin");
//!
//! // A struct of your own that holds all its claims is read as it stands.
//! #[derive(Deserialize)]
//! struct MyClaims {
//!     sub: String,
//!     role: String,
//! }
//! let token = verifier.verify::<MyClaims>(&jwt, &keys)?;
//! assert_eq!(token.claims().sub, "user-42");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Distinctions enforced by types
//!
//! - **Key and algorithm.** A key is made *for* an algorithm. The token's `alg` is compared with
//!   it. Two kinds of keys serve each algorithm that their type allows: a JWK without `alg` in a
//!   [`KeySet`], and the `jwk` of a DPoP proof.
//! - **Policy and keys.** A [`Verifier`] states what a token must be; [`Keys`] supply the key. They
//!   change at different times.
//! - **Unverified and verified.** [`Unverified`] is untrusted input. A [`Token`] is made by a
//!   verifier only.
//! - **Expected and present.** Expecting a claim requires it, with the right type.
//! - **Checks and the caller's type.** All checks are made on the text of the payload, before the
//!   caller's type reads it. No type, and no feature of another crate, changes their outcome.
//! - **Deciding and I/O.** The library reads no files, fetches no keys, and takes the time from a
//!   [`Clock`].
//!
//! # Names
//!
//! | to | use |
//! |---|---|
//! | load or generate keys | [`SigningKey`], [`VerifyingKey`], for an [`Algorithm`] |
//! | sign tokens | [`Claims`], [`Signer`] |
//! | sign with a key in a KMS or HSM | [`Header`], [`Unsigned`], [`Signature`] |
//! | verify tokens | [`Verifier`], [`Token`] |
//! | verify the same tokens again and again | [`CachingVerifier`] |
//! | verify tokens of several issuers | [`Issuers`] |
//! | verify with several keys, or publish them | [`KeySet`], [`KeySetEntry`], [`Keys`], [`KnownHeader`] |
//! | sign and verify OAuth access tokens | [`oauth::access_token`] |
//! | verify ID tokens | [`oauth::id_token`] |
//! | sign and verify client assertions | [`oauth::client_assertion`] |
//! | verify security event tokens | [`oauth::security_event`] |
//! | verify logout tokens | [`oauth::logout_token`] |
//! | sign and verify identity assertions | [`oauth::identity_assertion`] |
//! | read bearer tokens from requests, and reject them | [`oauth::bearer`] |
//! | bind access tokens to a key of the client | [`oauth::dpop`] |
//! | know when to fetch keys, and rotate one's own | [`jwks`] |
//! | accept each one-time token once | [`replay`] |
//! | read a token before it is verified | [`Unverified`] |
//! | test a service with valid and invalid tokens | `testing`, with the feature of this name |
//! | read how, with compiled examples | [`guide`] |
//! | supply the time | [`Clock`], [`SystemClock`], [`FixedClock`], [`NumericDate`] |
//! | handle errors | [`KeyError`], [`KeyLookupError`], [`SignError`], [`VerifyError`], each with `code()` |
//!
//! # Scope
//!
//! Signed tokens in the compact form, with the algorithms of *ring*: HMAC, RSA, ECDSA on P-256 and
//! P-384, Ed25519. No encryption (JWE), no JSON serialization (RFC 7515 §7.2), no unsecured tokens,
//! no critical header extensions, no certificate chains, no HTTP. A payload is signed and not
//! encrypted: everyone who sees the token can read it.
//!
//! # Secrets
//!
//! Secrets are never in `Debug` output, errors or published key sets. Secret bytes that this crate
//! owns are overwritten before their memory is freed. The backend is responsible for what it holds,
//! and the caller for the text of a key that is passed in or exported.
//!
//! HMACs are compared and private keys are used by the backend, in constant time where it promises
//! that. Key loading is not constant-time, and errors reveal which check failed.
//!
//! # Features
//!
//! - `pem` (default): keys from and to PEM.
//! - `oauth` (default): the module [`oauth`], without further dependencies.
//! - `ring` (default): cryptography by *ring*.
//! - `aws-lc-rs`: cryptography by [aws-lc-rs](https://docs.rs/aws-lc-rs), also if `ring` is on.
//! - `testing`: the module `testing`, a test kit for services that accept tokens, without further
//!   dependencies. Turn it on for the tests alone, among the `dev-dependencies`. It turns `pem` on.
//! - `wasm-js`: required for `wasm32-unknown-unknown`, and without effect on other targets. Random
//!   bytes come from the `crypto` object of JavaScript, and the time of [`SystemClock`] from `Date.now`.
//!   The backend must be `ring`: `aws-lc-rs` cannot be built for that target.
//!
//! One of `ring` and `aws-lc-rs` is required: without the default features, add `features = ["ring"]`.
//!
//! # Backends
//!
//! *ring* and aws-lc-rs are the backends. The API is the same with both, and so are the results,
//! errors and rules for keys, also where aws-lc-rs alone would allow more: it signs with RSA keys
//! of 8192 bits, for instance. Both are built with a C compiler. aws-lc-rs usually needs no CMake.
//! On x86-64 Windows it needs NASM, unless `AWS_LC_SYS_PREBUILT_NASM=1` is in the environment. The
//! differences:
//!
//! - aws-lc-rs rejects an RSA private key whose private exponent, or one of its two CRT exponents, is not
//!   an inverse of `e`. *ring* signs without the private exponent and checks the others only by the
//!   signature that is made when a key is loaded, so such a key may load.
//! - aws-lc-rs keeps an RSA or EC public key parsed once a signature by it was valid, which takes 2 KiB
//!   with RSA of 2048 bits. An HMAC key takes 1.3 KiB instead of 0.2 KiB.

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
// Without these features, links to what they turn on lead nowhere.
#![cfg_attr(
    not(all(feature = "oauth", feature = "pem")),
    allow(rustdoc::broken_intra_doc_links)
)]

#[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
compile_error!(
    "jwt-ring has no cryptography: enable its feature `ring` (a default feature) or `aws-lc-rs`"
);

mod algorithm;
mod base64url;
mod caching;
mod claim;
mod claims;
mod clock;
mod compact;
mod der;
mod error;
#[cfg(feature = "oauth")]
pub mod guide;
mod header;
mod issuers;
mod json;
pub mod jwks;
mod key;
mod key_set;
mod keys;
mod numeric_date;
#[cfg(feature = "oauth")]
pub mod oauth;
pub mod replay;
mod secret;
mod signature;
mod signer;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod unverified;
mod verifier;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use caching::CachingVerifier;
pub use claim::Claim;
pub use claims::{Audience, Claims};
pub use clock::{Clock, FixedClock, SystemClock};
pub use error::{KeyError, KeyLookupError, SignError, VerifyError};
pub use header::{Header, KnownHeader};
pub use issuers::Issuers;
pub use key::{SigningKey, VerifyingKey};
pub use key_set::{IgnoredKey, KeySet, KeySetEntry};
pub use keys::Keys;
pub use numeric_date::NumericDate;
pub use signature::Signature;
pub use signer::{Signer, Unsigned};
pub use token::Token;
pub use unverified::Unverified;
pub use verifier::Verifier;

/// The README's examples are tests too.
#[cfg(all(doctest, feature = "pem"))]
#[doc = include_str!("../README.md")]
struct Readme;
