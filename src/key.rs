//! Keys. Each is made for one algorithm and keeps it.
//!
//! PEM, DER and JWK are encodings of one thing, `Material`; the four families make keys of it. They
//! and `primitive` are the only rooms that call *ring*.

mod der;
mod ecdsa;
mod ed25519;
mod hmac;
pub(crate) mod jwk;
mod material;
#[cfg(feature = "pem")]
mod pem;
mod primitive;
mod rsa;
mod signing;
mod verifying;

pub(crate) use primitive::{hash_of, random_id};
pub use signing::SigningKey;
pub use verifying::VerifyingKey;
