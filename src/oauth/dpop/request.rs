//! The parts of an HTTP request that a proof is checked against.

use std::fmt;

use super::DpopError;
use crate::oauth::bearer;

/// The method, the URI and the headers of an HTTP request.
#[derive(Clone)]
pub struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
    authorization: Vec<&'a [u8]>,
    dpop: Vec<&'a [u8]>,
}

impl<'a> Request<'a> {
    /// Starts a request. `uri` is the absolute URI that the client sent the request to, as it is from
    /// outside: behind a proxy, with the scheme and host of the proxy. Query and fragment are ignored.
    #[must_use]
    pub fn new(method: &'a str, uri: &'a str) -> Self {
        Self {
            method,
            uri,
            authorization: Vec::new(),
            dpop: Vec::new(),
        }
    }

    /// Adds the values of the `Authorization` headers, all of them.
    #[must_use]
    pub fn authorization<V>(mut self, values: impl IntoIterator<Item = &'a V>) -> Self
    where
        V: AsRef<[u8]> + ?Sized + 'a,
    {
        self.authorization
            .extend(values.into_iter().map(AsRef::as_ref));
        self
    }

    /// Adds the values of the `DPoP` headers, all of them.
    #[must_use]
    pub fn dpop<V>(mut self, values: impl IntoIterator<Item = &'a V>) -> Self
    where
        V: AsRef<[u8]> + ?Sized + 'a,
    {
        self.dpop.extend(values.into_iter().map(AsRef::as_ref));
        self
    }

    /// Returns the access token, for instance to find out its issuer.
    ///
    /// # Errors
    ///
    /// - [`DpopError::NoToken`]: no `Authorization` header, or one of another scheme than `DPoP`.
    /// - [`DpopError::InvalidRequest`]: several headers, or what follows `DPoP` cannot be a token.
    pub fn access_token(&self) -> Result<&'a str, DpopError> {
        let values = self.authorization.iter().copied();
        bearer::credentials("DPoP", values).map_err(|rejection| match rejection {
            bearer::Rejection::NoToken => DpopError::NoToken,
            _ => DpopError::InvalidRequest,
        })
    }

    pub(super) fn proof(&self) -> Result<&'a str, DpopError> {
        match *self.dpop {
            [] => Err(DpopError::NoProof),
            [proof] => std::str::from_utf8(proof).map_err(|_| DpopError::InvalidRequest),
            _ => Err(DpopError::SeveralProofs),
        }
    }
}

impl fmt::Debug for Request<'_> {
    /// Shows neither token nor proof.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}
