//! One module for each implementation.

use crate::Algorithm;
use crate::claims::Payload;
use crate::jwks::Load;
use crate::peer::Peer;

mod biscuit;
#[cfg(feature = "openssl")]
mod josekit;
mod jsonwebtoken;
mod jwt;
mod jwt_compact;
mod jwt_ring;
mod jwt_simple;
mod oxitoken;

/// Returns the implementations that have the algorithm, this library first.
pub(crate) fn all<P: Payload>(algorithm: Algorithm) -> Vec<Peer> {
    let peers = [
        jwt_ring::peer::<P>(algorithm),
        jsonwebtoken::on_aws_lc::<P>(algorithm),
        jsonwebtoken::on_rust_crypto::<P>(algorithm),
        oxitoken::peer::<P>(algorithm),
        jwt_simple::peer::<P>(algorithm),
        jwt_compact::peer::<P>(algorithm),
        biscuit::peer::<P>(algorithm),
        jwt::peer::<P>(algorithm),
        #[cfg(feature = "openssl")]
        josekit::peer::<P>(algorithm),
    ];
    peers.into_iter().flatten().collect()
}

/// Loads JWK Sets with this library.
pub(crate) const LOAD: Load = ("jwt-ring", jwt_ring::load);

/// The other implementations that load JWK Sets.
pub(crate) const OTHER_LOADS: &[Load] = &[
    ("jsonwebtoken, aws_lc_rs", jsonwebtoken::load),
    #[cfg(feature = "openssl")]
    ("josekit, OpenSSL", josekit::load),
];
