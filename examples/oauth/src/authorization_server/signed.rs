//! Signed texts that browsers keep for the server: pages and cookies.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, Clock, KeyError, SignError, Signer, SigningKey, Verifier, VerifyingKey,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::config::Config;

/// Signs and verifies texts of one kind, by a secret that all servers on a store share.
pub(super) struct Signed<T> {
    signer: Signer,
    key: VerifyingKey,
    verifier: Verifier,
    issuer: String,
    clock: Arc<dyn Clock>,
    content: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Signed<T> {
    /// `typ` is of this kind alone, so that no other JWT is one. `max_size` is in bytes.
    pub(super) fn new(
        secret: &[u8],
        typ: &str,
        max_size: usize,
        config: &Config,
    ) -> Result<Self, KeyError> {
        let (clock, issuer) = (&config.clock, &*config.issuer);
        let key = SigningKey::from_secret(Algorithm::HS256, secret)?;
        let verifier = Verifier::new().typ(typ).issuer(issuer).max_size(max_size);
        Ok(Self {
            key: key.verifying_key(),
            signer: Signer::new(key).typ(typ).max_size(max_size),
            verifier: verifier.clock(Arc::clone(clock)),
            issuer: issuer.into(),
            clock: Arc::clone(clock),
            content: PhantomData,
        })
    }

    pub(super) fn sign(&self, content: T, lifetime: Duration) -> Result<String, SignError> {
        let claims = Claims::new(&self.clock, lifetime).issuer(&*self.issuer);
        self.signer.sign(&claims.custom(content))
    }

    /// Returns the claims of a text that this server, or another one on the store, signed.
    pub(super) fn verify(&self, text: &str) -> Option<Claims<T>> {
        let token = self.verifier.verify::<Claims<T>>(text, &self.key).ok()?;
        Some(token.into_claims())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization_server::cookie::Browser;

    #[test]
    fn a_text_is_of_one_secret_kind_and_issuer() {
        let lifetime = Duration::from_secs(60);
        let signed = |secret: u8, typ: &str, issuer: &str| {
            let config = Config::new(issuer, []);
            Signed::<Browser>::new(&[secret; 32], typ, 400, &config).expect("a secret")
        };
        let (typ, issuer) = ("browser+jwt", "https://issuer.example");
        let text = signed(1, typ, issuer).sign(Browser::with_id("id"), lifetime);
        let text = text.expect("a text");
        let id = |by: Signed<Browser>| by.verify(&text).map(|claims| claims.custom.id);
        assert_eq!(id(signed(1, typ, issuer)).as_deref(), Some("id"));
        assert_eq!(id(signed(2, typ, issuer)), None);
        assert_eq!(id(signed(1, "message+jwt", issuer)), None);
        assert_eq!(id(signed(1, typ, "https://other.example")), None);
        let long = Browser::with_id(&"i".repeat(400));
        let error = signed(1, typ, issuer).sign(long, lifetime);
        assert!(matches!(error, Err(SignError::TooLarge { .. })));
    }
}
