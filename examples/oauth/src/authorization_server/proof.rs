//! DPoP at the token endpoint (RFC 9449 §5, §8).

use axum::http::HeaderMap;
use jwt_ring::oauth::dpop::{DpopError, Proof, Request};
use jwt_ring::replay::OneTime;

use super::Server;
use super::clients::Client;
use super::error::Error;
use crate::replay::first_use;

/// Verifies the proof of a token request. Returns `None` if there is none and the client requires none.
pub(super) fn proof(
    server: &Server,
    client: &Client,
    headers: &HeaderMap,
) -> Result<Option<OneTime<Proof>>, Error> {
    // From the configuration, because the sender chooses the `Host` header.
    let uri = server.url("/token");
    let request = Request::new("POST", &uri).dpop(headers.get_all("DPoP"));
    match server.proofs.verify(&request) {
        Ok(proof) => Ok(Some(proof)),
        Err(DpopError::NoProof) if !client.requires_dpop => Ok(None),
        Err(error) => Err(invalid(&error)),
    }
}

/// Records the use of a proof and returns it.
pub(super) fn use_up(server: &Server, proof: OneTime<Proof>) -> Result<Proof, Error> {
    let proof = first_use(&*server.store, proof, server.now())?;
    let replayed = || Error::new("invalid_dpop_proof", "the DPoP proof was used before");
    proof.ok_or_else(|| replayed().because("replayed"))
}

fn invalid(error: &DpopError) -> Error {
    let reason = match error {
        DpopError::Proof(error) => error.code(),
        error => error.code(),
    };
    match error {
        DpopError::NonceRequired => Error::new(
            "use_dpop_nonce",
            "expected a DPoP proof with a nonce of this server",
        ),
        DpopError::NoProof => {
            Error::new("invalid_dpop_proof", "this client must send a DPoP proof")
        }
        _ => Error::new("invalid_dpop_proof", "the DPoP proof is invalid"),
    }
    .because(reason)
}
