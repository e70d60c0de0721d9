//! One module for each implementation.

use crate::jwks::Load;
use crate::{Algorithm, Peer};

mod biscuit;
#[cfg(feature = "openssl")]
mod josekit;
mod jsonwebtoken;
mod jwt;
mod jwt_compact;
mod jwt_ring;
mod jwt_simple;
mod oxitoken;

/// All implementations, this library first; `None` for those without the algorithm.
pub(crate) const ALL: &[fn(Algorithm) -> Option<Peer>] = &[
    jwt_ring::peer,
    jsonwebtoken::on_aws_lc,
    jsonwebtoken::on_rust_crypto,
    oxitoken::peer,
    jwt_simple::peer,
    jwt_compact::peer,
    biscuit::peer,
    jwt::peer,
    #[cfg(feature = "openssl")]
    josekit::peer,
];

/// The implementations that load JWK Sets, this library first.
pub(crate) const LOADS: &[Load] = &[
    ("jwt-ring", jwt_ring::load),
    ("jsonwebtoken, aws_lc_rs", jsonwebtoken::load),
    #[cfg(feature = "openssl")]
    ("josekit, OpenSSL", josekit::load),
];
