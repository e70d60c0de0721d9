//! The parameters of a request.

use axum::extract::rejection::{BytesRejection, RawFormRejection};
use axum::extract::{FromRequest, RawForm, Request};
use axum::http::{Method, StatusCode};
use jwt_ring::oauth::Scope;
use url::form_urlencoded;

use super::error::Error;

/// The parameters of a request, in order and with duplicates.
///
/// They are extracted from the query of a GET or HEAD request and from the body of a POST request.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Returns a parameter. A duplicate is an error, and an empty one is absent (RFC 6749 §3.1).
    pub(super) fn get(&self, name: &str) -> Result<Option<&str>, Error> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Error::invalid_request("a parameter was sent twice")),
            (first, None) => Ok(first
                .map(|(_, value)| &**value)
                .filter(|value| !value.is_empty())),
        }
    }

    /// Returns a parameter that the request must have.
    pub(super) fn require(&self, name: &str) -> Result<&str, Error> {
        let missing = || Error::invalid_request("a required parameter is missing");
        self.get(name)?.ok_or_else(missing)
    }

    pub(super) fn scope(&self) -> Result<Option<Scope>, Error> {
        let scope = self.get("scope")?.map(str::parse).transpose();
        scope.map_err(|_| Error::new("invalid_scope", "the scope is malformed"))
    }

    /// Returns the resource. Access tokens of this server have one audience, so several are an error
    /// (RFC 8707 §2).
    pub(super) fn resource(&self) -> Result<Option<&str>, Error> {
        let several = |_| Error::new("invalid_target", "expected one resource");
        self.get("resource").map_err(several)
    }
}

impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = Error;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Error> {
        // `RawForm` would read the body.
        if request.method() == Method::HEAD {
            *request.method_mut() = Method::GET;
        }
        let RawForm(form) = RawForm::from_request(request, state)
            .await
            .map_err(|rejection| match rejection {
                RawFormRejection::InvalidFormContentType(_) => Error::invalid_request(
                    "expected the content type application/x-www-form-urlencoded",
                ),
                RawFormRejection::BytesRejection(BytesRejection::FailedToBufferBody(error))
                    if error.status() == StatusCode::PAYLOAD_TOO_LARGE =>
                {
                    let error = Error::invalid_request("the body is too large");
                    error.with_status(StatusCode::PAYLOAD_TOO_LARGE)
                }
                _ => Error::invalid_request("the body cannot be read"),
            })?;
        Ok(Self(form_urlencoded::parse(&form).into_owned().collect()))
    }
}
