//! The verifier and its policy.

mod check;
mod policy;

use std::sync::Arc;
use std::time::Duration;

use serde::de::{Deserialize, DeserializeOwned};

use crate::algorithm::Algorithm;
use crate::claim::Claim;
use crate::clock::{Clock, SystemClock};
use crate::error::VerifyError;
use crate::keys::Keys;
use crate::token::Token;
pub(crate) use check::{Checked, PerCall};
use policy::{Audiences, Policy};

/// The longest token in bytes, unless set: more than any server accepts as a header, and small
/// enough to bound the work for one token (CVE-2025-30204).
pub(crate) const DEFAULT_MAX_SIZE: usize = 64 * 1024;

/// Verifies tokens against a policy: what a token must be in order to be accepted.
///
/// Build it once, share it, and verify any number of tokens with `&self`. It holds no keys; they are
/// passed to [`verify`](Self::verify) because they rotate independently.
///
/// # Defaults
///
/// | what | default | to change it |
/// |---|---|---|
/// | `exp` | required | [`allow_missing_expiration`](Self::allow_missing_expiration) |
/// | `nbf` | checked if present | |
/// | `iat` | a date if present | [`max_age`](Self::max_age), [`max_lifetime`](Self::max_lifetime) |
/// | `iss` | not compared | [`issuer`](Self::issuer) |
/// | `aud` | rejected if present | [`audience`](Self::audience), [`sole_audience`](Self::sole_audience), [`any_audience`](Self::any_audience) |
/// | `sub`, `jti` | strings if present | [`subject`](Self::subject), [`require`](Self::require) |
/// | `null` | a wrong type | [`null_as_missing`](Self::null_as_missing) |
/// | `typ` | absent or `JWT` | [`typ`](Self::typ) |
/// | `alg` | that of the key | [`algorithms`](Self::algorithms) |
/// | leeway | 0 | [`leeway`](Self::leeway) |
/// | length | at most 64 KiB | [`max_size`](Self::max_size) |
/// | clock | [`SystemClock`] | [`clock`](Self::clock) |
///
/// Expecting a claim requires it: a token without it is rejected, and so is one where it has a wrong
/// type.
///
/// ```
/// use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Token, Verifier};
/// use std::time::Duration;
///
/// let key = SigningKey::generate(Algorithm::ES256)?;
/// let keys = key.verifying_key();
/// let claims = Claims::new(&SystemClock, Duration::from_secs(900))
///     .issuer("https://issuer.example")
///     .audience("https://api.example");
/// let jwt = Signer::new(key).sign(&claims)?;
///
/// let verifier = Verifier::new().issuer("https://issuer.example").audience("https://api.example");
/// let token: Token = verifier.verify(&jwt, &keys)?;
/// assert_eq!(token.claims().issuer.as_deref(), Some("https://issuer.example"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "Validation")]
#[must_use = "a verifier does nothing until `verify` is called"]
pub struct Verifier {
    policy: Policy,
    max_size: usize,
    clock: Arc<dyn Clock>,
}

/// Building the policy.
impl Verifier {
    /// Makes a verifier with the [defaults](Self#defaults).
    pub fn new() -> Self {
        Self {
            policy: Policy::default(),
            max_size: DEFAULT_MAX_SIZE,
            clock: Arc::new(SystemClock),
        }
    }

    /// Expects `iss` to be this, byte for byte. Called again, it adds an alternative.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.policy.issuers.push(issuer.into());
        self
    }

    /// Expects `iss` to be this and nothing else, for [`Issuers`](crate::Issuers).
    pub(crate) fn sole_issuer(mut self, issuer: &str) -> Self {
        self.policy.issuers = vec![issuer.to_owned()];
        self
    }

    /// Expects `aud` to contain this, byte for byte. Called again, it adds an alternative.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.policy.audiences.add(audience.into());
        self
    }

    /// Expects `aud` to be this and nothing else, as a string or an array of one. It replaces
    /// earlier settings of audiences.
    pub fn sole_audience(mut self, audience: impl Into<String>) -> Self {
        self.policy.audiences = Audiences::Sole(audience.into());
        self
    }

    /// Accepts any `aud`, and none. It replaces earlier settings of audiences.
    pub fn any_audience(mut self) -> Self {
        self.policy.audiences = Audiences::Any;
        self
    }

    /// Expects `sub` to be this, byte for byte. Called again, it adds an alternative.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.policy.subjects.push(subject.into());
        self
    }

    /// Expects the header's `typ` to be this, for instance `at+jwt`, compared without case and with
    /// or without `application/` (RFC 7515 §4.1.9). Called again, it adds an alternative.
    pub fn typ(mut self, typ: impl Into<String>) -> Self {
        self.policy.typs.push(typ.into());
        self
    }

    /// Replaces the expected values of `typ`, for a profile.
    #[cfg(feature = "oauth")]
    pub(crate) fn with_typs(mut self, typs: &[&str], allow_missing: bool) -> Self {
        self.policy.typs = typs.iter().map(|typ| (*typ).to_owned()).collect();
        self.policy.allow_missing_typ = allow_missing;
        self
    }

    /// Adds the issuer and the audiences of a profile if none is compared.
    #[cfg(feature = "oauth")]
    pub(crate) fn with_parties<'a>(
        mut self,
        issuer: &str,
        audiences: impl IntoIterator<Item = &'a str>,
        allow_any_audience: bool,
    ) -> Self {
        if self.policy.issuers.is_empty() {
            self.policy.issuers.push(issuer.to_owned());
        }
        match self.policy.audiences {
            Audiences::Any if allow_any_audience => self,
            Audiences::Contains(_) | Audiences::Sole(_) => self,
            Audiences::Any | Audiences::Absent => audiences.into_iter().fold(self, Self::audience),
        }
    }

    /// Adds an audience of a profile if alternatives are compared.
    #[cfg(feature = "oauth")]
    pub(crate) fn with_alternative(self, audience: &str) -> Self {
        match self.policy.audiences {
            Audiences::Contains(_) => self.audience(audience),
            _ => self,
        }
    }

    /// Returns how far clocks may differ.
    #[cfg(feature = "oauth")]
    pub(crate) fn leeway_of(&self) -> Duration {
        self.policy.leeway
    }

    /// Expects the header's `alg` to be one of these, by its exact name. Called again, it adds to
    /// them; an empty list allows none.
    ///
    /// A token must name its key's algorithm in any case. This restricts keys that are loaded from
    /// elsewhere, for instance a provider's key set.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        let allowed = self.policy.algorithms.get_or_insert_default();
        allowed.extend(algorithms);
        self
    }

    /// Requires a claim to be present and of its type, with any value. A token with `aud` is
    /// rejected all the same, unless an audience is expected or any is accepted.
    pub fn require(mut self, claim: Claim) -> Self {
        self.policy.required.push(claim);
        self
    }

    /// Accepts tokens without `exp`. An expired token is rejected all the same.
    pub fn allow_missing_expiration(mut self) -> Self {
        self.policy.allow_missing_expiration = true;
        self
    }

    /// Treats a claim that is `null` as missing, for issuers that write absent claims so. By default
    /// `null` is a wrong type. It includes claims that a profile forbids, such as a `nonce`.
    pub fn null_as_missing(mut self) -> Self {
        self.policy.null_as_missing = true;
        self
    }

    /// Rejects tokens that were issued longer ago than this, or in the future. It requires `iat`.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.policy.max_age = Some(max_age);
        self
    }

    /// Rejects tokens that expire later than this after they were issued. It requires `iat` and
    /// `exp`, and does not limit how far `iat` is in the future, which [`max_age`](Self::max_age)
    /// does.
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.policy.max_lifetime = Some(max_lifetime);
        self
    }

    /// Sets how far the clocks of issuer and verifier may differ, for `exp`, `nbf` and
    /// [`max_age`](Self::max_age). Default: 0; a minute is usual.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.policy.leeway = leeway;
        self
    }

    /// Sets the length of the longest token, in bytes. Default: 64 KiB.
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// Sets the clock, which is read once per verification. Default: [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

/// Verifying.
impl Verifier {
    /// Verifies a token with one [`VerifyingKey`](crate::VerifyingKey), a
    /// [`KeySet`](crate::KeySet), or [`Keys`] of your own.
    ///
    /// `C` is the type of the claims: [`Claims`](crate::Claims), or any type that serde_json reads
    /// from an object. All checks are made before `C` is read, and do not depend on it. `()` always
    /// fails: for a token without custom claims, use `Claims`. A value that `C` leaves unread is
    /// skipped.
    ///
    /// serde_json itself does not read: numbers outside the range of `f64` into a
    /// `serde_json::Value`; through `#[serde(flatten)]` or a tagged or untagged enum, `u128`,
    /// `Box<RawValue>`, the keys of a map as integers and, with its feature `arbitrary_precision`,
    /// fractions.
    ///
    /// # Errors
    ///
    /// The first check that fails, in the order of the variants of [`VerifyError`]. Nothing of the
    /// payload is decoded before the signature is valid.
    #[doc(alias = "decode")]
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
    ) -> Result<Token<C>, VerifyError> {
        let (mut buffer, mut slot) = (Vec::new(), None);
        let checked = self.check(token, keys, &mut buffer, &mut slot)?;
        checked.into_token()
    }

    /// Verifies a token like [`verify`](Self::verify), into claims that borrow from a buffer.
    ///
    /// The buffer is overwritten with the decoded payload. A `&str` field can hold a string without
    /// escapes, a `Cow<str>` with `#[serde(borrow)]` any string. With a buffer that has the room
    /// already, the only allocation is that of the header.
    ///
    /// ```
    /// # use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Verifier};
    /// # use std::time::Duration;
    /// #[derive(serde::Deserialize)]
    /// struct MyClaims<'a> {
    ///     sub: &'a str,
    ///     role: &'a str,
    /// }
    ///
    /// # let key = SigningKey::generate(Algorithm::HS256)?;
    /// # let keys = key.verifying_key();
    /// # let claims = Claims::new(&SystemClock, Duration::from_secs(900)).subject("user-42");
    /// # let jwt = Signer::new(key).sign(&claims.custom(serde_json::json!({ "role": "admin" })))?;
    /// let mut buffer = Vec::new();
    /// let token = Verifier::new().verify_borrowed::<MyClaims<'_>>(&jwt, &keys, &mut buffer)?;
    /// assert_eq!((token.claims().sub, token.claims().role), ("user-42", "admin"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify).
    pub fn verify_borrowed<'b, C: Deserialize<'b>>(
        &self,
        token: &str,
        keys: &dyn Keys,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Token<C>, VerifyError> {
        let mut slot = None;
        let checked = self.check(token, keys, buffer, &mut slot)?;
        checked.into_token()
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}
