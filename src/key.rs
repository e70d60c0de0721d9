//! Keys. Each is made for one algorithm and keeps it.
//!
//! PEM, DER and JWK are encodings of `Material`, from which the four families make keys. *ring* is
//! called in `hmac`, `rsa`, `ecdsa`, `ed25519`, `digest` and `random`, and nowhere else.

mod der;
mod digest;
mod ecdsa;
mod ed25519;
mod hmac;
pub(crate) mod jwk;
mod material;
#[cfg(feature = "pem")]
mod pem;
mod public;
mod random;
mod rsa;
mod signing;
mod verifying;

pub(crate) use digest::hash_of;
pub(crate) use random::random_id;
pub use signing::SigningKey;
pub use verifying::VerifyingKey;
