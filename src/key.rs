//! Keys, each for one algorithm.
//!
//! PEM, DER and JWK are decoded to `Material`, from which the four families make keys. The crate that
//! does the cryptography is named here, and called in `hmac`, `rsa`, `ecdsa`, `ed25519`, `digest` and
//! `random`, and nowhere else.

mod curve;
mod der;
mod digest;
mod ecdsa;
mod ed25519;
mod hmac;
pub(crate) mod jwk;
mod key_text;
mod material;
#[cfg(feature = "pem")]
mod pem;
mod public;
mod public_jwk;
#[cfg(feature = "oauth")]
mod random;
mod rsa;
mod signing;
mod verifying;

// Both crates have the same modules. What differs is where it is called.
#[cfg(feature = "aws-lc-rs")]
use aws_lc_rs as backend;
#[cfg(not(feature = "aws-lc-rs"))]
use ring as backend;

#[cfg(feature = "oauth")]
pub(crate) use digest::hash_of;
pub(crate) use digest::sha256;
pub(crate) use hmac::PREPARED_SIZE as PREPARED_HMAC_SIZE;
#[cfg(feature = "oauth")]
pub(crate) use random::random_id;
pub use signing::SigningKey;
pub use verifying::VerifyingKey;
