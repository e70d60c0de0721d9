//! Several issuers, each with its own policy and keys.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::caching::{Cacheable, CachingVerifier};
use crate::claim::Claim;
use crate::claims::Payload;
use crate::compact::{self, Compact};
use crate::error::VerifyError;
use crate::json::{self, Malformed};
use crate::keys::Keys;
use crate::token::Token;
use crate::verifier::{Checked, DEFAULT_MAX_SIZE, PerCall, Verifier};

/// The issuers that a service trusts, each with a verifier and keys of its own.
///
/// The issuer of a token is read from the payload before the signature is checked, and selects the
/// verifier and the keys. That verifier then makes all its checks, and compares `iss` again. Keys of one
/// issuer never verify tokens of another.
///
/// `V` is [`Verifier`], or that of `access_token`, `id_token`, `identity_assertion` or `dpop` in
/// [`oauth`](crate::oauth); `K` are the keys. Use `Issuers<Arc<dyn Keys>>` for keys
/// of different types.
///
/// ```
/// use jwt_ring::{Algorithm, Claims, Issuers, Signer, SigningKey, SystemClock, Verifier, VerifyError};
/// use std::time::Duration;
///
/// let [key_a, key_b] = [SigningKey::generate(Algorithm::ES256)?, SigningKey::generate(Algorithm::ES256)?];
/// let issuers = Issuers::new()
///     .trust("https://a.example", Verifier::new().audience("api"), key_a.verifying_key())
///     .trust("https://b.example", Verifier::new().audience("api"), key_b.verifying_key());
///
/// let claims = Claims::new(&SystemClock, Duration::from_secs(900)).audience("api");
/// let jwt = Signer::new(key_a).sign(&claims.clone().issuer("https://a.example"))?;
/// let token = issuers.verify::<Claims>(&jwt)?;
/// assert_eq!(token.claims().issuer.as_deref(), Some("https://a.example"));
///
/// let jwt = Signer::new(key_b).sign(&claims.issuer("https://a.example"))?;
/// assert_eq!(issuers.verify::<Claims>(&jwt).unwrap_err(), VerifyError::InvalidSignature);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "issuers do nothing until `verify` is called"]
pub struct Issuers<K, V = Verifier> {
    trusted: Vec<Trusted<K, V>>,
    /// The index in `trusted` of each issuer.
    by_name: HashMap<String, usize>,
    max_size: usize,
}

#[derive(Clone)]
struct Trusted<K, V> {
    verifier: V,
    keys: K,
}

/// A verifier that can be made one of a single issuer.
pub(crate) trait ForIssuer {
    /// Expects this issuer alone. Issuers that were expected before are dropped.
    fn for_issuer(self, issuer: &str) -> Self;
}

/// A verifier that requires nothing but the token and the keys.
pub(crate) trait Check: Cacheable {
    /// Makes all checks, like [`Verifier::check`].
    fn check_token<'a, 'b>(
        &self,
        token: &str,
        keys: &'a dyn Keys,
        buffer: &'b mut Vec<u8>,
        slot: &'a mut Option<Payload<'b>>,
    ) -> Result<Checked<'a, 'b>, VerifyError>;
}

impl ForIssuer for Verifier {
    fn for_issuer(self, issuer: &str) -> Self {
        self.sole_issuer(issuer)
    }
}

impl Check for Verifier {
    fn check_token<'a, 'b>(
        &self,
        token: &str,
        keys: &'a dyn Keys,
        buffer: &'b mut Vec<u8>,
        slot: &'a mut Option<Payload<'b>>,
    ) -> Result<Checked<'a, 'b>, VerifyError> {
        self.check(token, keys, buffer, slot)
    }
}

impl<K, V> Issuers<K, V> {
    /// Trusts no issuer yet.
    pub fn new() -> Self {
        Self {
            trusted: Vec::new(),
            by_name: HashMap::new(),
            max_size: DEFAULT_MAX_SIZE,
        }
    }

    /// Sets the length of the longest token, in bytes, which is checked before the issuer is read. Default:
    /// 64 KiB. The verifier of the issuer checks its own limit as well.
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// Returns the verifier and the keys for a token whose issuer is trusted, for instance to fetch keys
    /// before the token is verified.
    ///
    /// The token is untrusted input: only its `iss` was read. Time and memory are linear in the length of
    /// the token, and no key is looked up.
    ///
    /// # Errors
    ///
    /// [`VerifyError::TooLarge`], [`VerifyError::Segments`], [`VerifyError::MalformedPayload`],
    /// [`VerifyError::Missing`] or [`VerifyError::WrongType`] of [`Claim::Issuer`], and
    /// [`VerifyError::UnknownIssuer`]. `null` is a wrong type, also with
    /// [`Verifier::null_as_missing`].
    pub fn select(&self, token: &str) -> Result<(&V, &K), VerifyError> {
        let (_, trusted) = self.find(token, &mut Vec::new())?;
        Ok((&trusted.verifier, &trusted.keys))
    }

    /// Finds the issuer that a token names. The payload is decoded into `buffer`.
    fn find(
        &self,
        token: &str,
        buffer: &mut Vec<u8>,
    ) -> Result<(usize, &Trusted<K, V>), VerifyError> {
        let issuer = unverified_issuer(token, self.max_size, buffer)?;
        let index = self.by_name.get(&*issuer).copied();
        let trusted = index.and_then(|index| Some((index, self.trusted.get(index)?)));
        trusted.ok_or(VerifyError::UnknownIssuer)
    }
}

/// Reads the issuer of a token that is not verified. The payload is decoded into `buffer`.
pub(crate) fn unverified_issuer<'b>(
    token: &str,
    limit: usize,
    buffer: &'b mut Vec<u8>,
) -> Result<Cow<'b, str>, VerifyError> {
    let found = token.len();
    if found > limit {
        return Err(VerifyError::TooLarge { limit, found });
    }
    let compact = Compact::split(token)?;
    let malformed = |Malformed(reason)| VerifyError::MalformedPayload { reason };
    let text = compact::decode_text(compact.payload, buffer).map_err(malformed)?;
    let claim = Claim::Issuer;
    // Not `Payload::scan`, which takes more memory than is allowed before the signature.
    let mut issuer = None;
    let mut visit = |name: &str, value| {
        if name == claim.name() {
            issuer = Some(value);
        }
    };
    json::object(text, &mut visit).map_err(malformed)?;
    let issuer = issuer.ok_or(VerifyError::Missing(claim))?;
    issuer.string().ok_or(VerifyError::WrongType(claim))
}

#[expect(private_bounds, reason = "its methods are private too")]
impl<K, V: ForIssuer> Issuers<K, V> {
    /// Trusts an issuer, for tokens whose `iss` is this, byte for byte. An issuer that is trusted again
    /// gets the new verifier and keys.
    ///
    /// The verifier expects this issuer alone; issuers that it was given before are dropped.
    pub fn trust(mut self, issuer: impl Into<String>, verifier: V, keys: K) -> Self {
        let issuer = issuer.into();
        let verifier = verifier.for_issuer(&issuer);
        let trusted = Trusted { verifier, keys };
        let index = *self.by_name.entry(issuer).or_insert(self.trusted.len());
        match self.trusted.get_mut(index) {
            Some(replaced) => *replaced = trusted,
            None => self.trusted.push(trusted),
        }
        self
    }
}

#[expect(private_bounds, reason = "its methods are private too")]
impl<K: Keys, V: Check> Issuers<K, V> {
    /// Verifies a token with the verifier and the keys of its issuer, like [`Verifier::verify`]. With an
    /// access token, it is the method `verify` of that verifier; a token that is bound to a key needs
    /// [`select`](Self::select).
    ///
    /// # Errors
    ///
    /// Those of [`select`](Self::select), then those of the verifier.
    pub fn verify<C: DeserializeOwned>(&self, token: &str) -> Result<Token<C>, VerifyError> {
        let (mut buffer, mut slot) = (Vec::new(), None);
        let (_, Trusted { verifier, keys }) = self.find(token, &mut buffer)?;
        let checked = verifier.check_token(token, keys, &mut buffer, &mut slot)?;
        checked.into_token()
    }

    /// Caches up to `capacity` verified tokens, whose claims are of type `C`.
    pub fn cached<C>(self, capacity: usize) -> CachingVerifier<C, Self> {
        CachingVerifier::new(self, capacity)
    }
}

#[expect(private_bounds, reason = "its methods are private too")]
impl<C: DeserializeOwned, K: Keys, V: Check> CachingVerifier<C, Issuers<K, V>> {
    /// Verifies a token like [`Issuers::verify`]. For a token in the cache, the keys and the verifier are
    /// those of its issuer.
    ///
    /// # Errors
    ///
    /// Those of [`Issuers::verify`].
    pub fn verify(&self, token: &str) -> Result<Arc<Token<C>>, VerifyError> {
        if let Some(entry) = self.get(token)
            && let Some(trusted) = self.verifier.trusted.get(entry.per_call.issuer)
            && let Some((entry, _)) = self.check_hit(entry, token, &trusted.keys)?
        {
            return Ok(Arc::clone(&entry.token));
        }
        let (mut buffer, mut slot) = (Vec::new(), None);
        let (index, Trusted { verifier, keys }) = self.verifier.find(token, &mut buffer)?;
        let mut checked = verifier.check_token(token, keys, &mut buffer, &mut slot)?;
        checked.per_call.issuer = index;
        self.keep(token, checked)
    }
}

impl<K, V: Cacheable> Cacheable for Issuers<K, V> {
    fn core(&self, per_call: &PerCall) -> Option<&Verifier> {
        let trusted = self.trusted.get(per_call.issuer)?;
        trusted.verifier.core(per_call)
    }
}

impl<K, V> Default for Issuers<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> fmt::Debug for Issuers<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}
