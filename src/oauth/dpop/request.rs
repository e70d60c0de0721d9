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
    /// Starts a request. `uri` is the absolute URI that the client sent the request to: the public
    /// scheme and host of the server from its configuration, and the path of the request. Query and
    /// fragment are ignored.
    ///
    /// Do not take the host from the headers `Host` or `X-Forwarded-Host`. The sender chooses them, and
    /// with them which server and path the proof is for: `api.example?` as a host makes a query of the
    /// path.
    ///
    /// ```
    /// use jwt_ring::oauth::dpop::Request;
    ///
    /// # let (origin, path) = ("https://api.example", "/orders");
    /// let uri = format!("{origin}{path}"); // `origin` is configured
    /// let request = Request::new("GET", &uri);
    /// ```
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

    /// Returns the access token, for instance to select its issuer among
    /// [`Issuers`](crate::Issuers).
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
    /// Shows no token, proof or query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("uri", &self.uri.split('?').next().unwrap_or_default())
            .finish_non_exhaustive()
    }
}
