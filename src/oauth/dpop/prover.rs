//! Makes proofs.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{TYP, token_hash, uri};
use crate::clock::{Clock, SystemClock};
use crate::error::{KeyError, SignError};
use crate::header::Header;
use crate::key::{SigningKey, random_id};
use crate::numeric_date::NumericDate;
use crate::signer::Signer;

/// Makes the DPoP proofs of a client (RFC 9449 §4.2).
#[derive(Debug)]
pub struct Prover {
    signer: Signer,
    thumbprint: String,
    clock: Arc<dyn Clock>,
}

impl Prover {
    /// Makes proofs by a private key, which the client keeps for itself.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoPublicHalf`] if the key is symmetric.
    pub fn new(key: impl Into<Arc<SigningKey>>) -> Result<Self, KeyError> {
        let key = key.into();
        let public = key.verifying_key();
        let (jwk, algorithm) = (public.to_bare_jwk()?, key.algorithm());
        // The key itself is in the header, so there is no `kid`.
        let header = |_| {
            Header::new(algorithm)
                .with_typ(TYP)
                .with_parameter("jwk", jwk)
        };
        Ok(Self {
            signer: Signer::with_header(key, header),
            thumbprint: public.thumbprint()?,
            clock: Arc::new(SystemClock),
        })
    }

    /// Sets the clock. Default: [`SystemClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Returns the thumbprint of the key, for the parameter `dpop_jkt` of an authorization request (RFC
    /// 9449 §10).
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Makes the proof of one request: the value of its `DPoP` header. Each request requires a new one.
    ///
    /// `access_token` is the token in the `Authorization` header; `None` for a token request. `nonce` is
    /// the last value of the header `DPoP-Nonce` from the same server, if it sent one.
    ///
    /// # Errors
    ///
    /// - [`SignError::MalformedPayload`] if the URI is not an absolute `http` or `https` URI, or has user
    ///   information.
    /// - [`SignError::Failed`] if the operating system returns no random bytes.
    pub fn proof(
        &self,
        method: &str,
        uri: &str,
        access_token: Option<&str>,
        nonce: Option<&str>,
    ) -> Result<String, SignError> {
        let issued_at = NumericDate::from_seconds(self.clock.now().seconds());
        let htu = uri::normalize(uri).ok_or(SignError::MalformedPayload {
            reason: "has an `htu` that is not an absolute URI of `http` or `https` without user information",
        })?;
        let mut claims = Map::new();
        let mut set = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        set("jti", random_id().ok_or(SignError::Failed)?.into());
        set("htm", method.into());
        set("htu", htu.into());
        set("iat", issued_at.seconds().into());
        if let Some(token) = access_token {
            set("ath", token_hash(token).into());
        }
        if let Some(nonce) = nonce {
            set("nonce", nonce.into());
        }
        self.signer.sign(&claims)
    }
}
