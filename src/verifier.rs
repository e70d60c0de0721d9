//! Verifying tokens: the order of the checks, from top to bottom.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serde::de::{Deserialize, DeserializeOwned};

use crate::base64url;
use crate::claim::Claim;
use crate::claims::{self, Claims};
use crate::clock::{Clock, SystemClock};
use crate::compact::{self, Compact};
use crate::error::VerifyError;
use crate::header::{self, Header};
use crate::key::VerifyingKey;
use crate::keys::Keys;
use crate::keys::ours::Ours;
use crate::numeric_date::NumericDate;
use crate::signature;
use crate::token::Token;

/// The length in bytes of the longest token, unless set: more than any server takes as a header,
/// and little enough to be worth refusing early what is longer (CVE-2025-30204).
const DEFAULT_MAX_SIZE: usize = 64 * 1024;

/// What a token must be in order to be accepted: a policy.
///
/// Build it once, share it, and verify any number of tokens with `&self`. Whose signature counts is
/// not its business: keys are an argument, because they rotate by themselves.
///
/// # Defaults
///
/// | what | default | to change it |
/// |---|---|---|
/// | `exp` | required | [`allow_missing_expiry`](Self::allow_missing_expiry) |
/// | `nbf` | honoured when present | |
/// | `iat` | must be a date when present | [`max_age`](Self::max_age) |
/// | `iss` | not looked at | [`issuer`](Self::issuer) |
/// | `aud` | refused when present | [`audience`](Self::audience) |
/// | `sub`, `jti` | must be strings when present | [`subject`](Self::subject), [`require`](Self::require) |
/// | `typ` | absent or `JWT` | [`token_type`](Self::token_type) |
/// | leeway | none | [`leeway`](Self::leeway) |
/// | length | 64 KiB | [`max_size`](Self::max_size) |
/// | clock | [`SystemClock`] | [`clock`](Self::clock) |
///
/// To expect a claim is to require it: a token without it is refused, and so is one where it has a
/// wrong type.
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
#[must_use = "a verifier does nothing until it verifies"]
pub struct Verifier {
    issuers: Vec<String>,
    audiences: Vec<String>,
    subjects: Vec<String>,
    token_types: Vec<String>,
    required: Vec<Claim>,
    expiry_may_be_missing: bool,
    max_age: Option<Duration>,
    leeway: Duration,
    max_size: usize,
    clock: Arc<dyn Clock>,
}

/// Building the policy.
impl Verifier {
    /// Makes a policy with the [defaults](Self#defaults).
    pub fn new() -> Self {
        Self {
            issuers: Vec::new(),
            audiences: Vec::new(),
            subjects: Vec::new(),
            token_types: Vec::new(),
            required: Vec::new(),
            expiry_may_be_missing: false,
            max_age: None,
            leeway: Duration::ZERO,
            max_size: DEFAULT_MAX_SIZE,
            clock: Arc::new(SystemClock),
        }
    }

    /// Expects `iss` to be this, byte for byte. Called again, it adds an alternative.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Expects `aud` to hold this, byte for byte. Called again, it adds an alternative.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Expects `sub` to be this, byte for byte. Called again, it adds an alternative.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subjects.push(subject.into());
        self
    }

    /// Expects the header's `typ` to be this, for instance `at+jwt`: without regard to case, and
    /// with `application/` left out or not (RFC 7515 §4.1.9). Called again, it adds an alternative.
    pub fn token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token_types.push(token_type.into());
        self
    }

    /// Requires a claim to be there, whatever its value. (For `aud` that is not enough: a token with
    /// one is for somebody, and [`audience`](Self::audience) says for whom.)
    pub fn require(mut self, claim: Claim) -> Self {
        self.required.push(claim);
        self
    }

    /// Accepts tokens without `exp`. One that has expired is refused all the same.
    pub fn allow_missing_expiry(mut self) -> Self {
        self.expiry_may_be_missing = true;
        self
    }

    /// Refuses tokens that were issued longer ago than this, and requires `iat` for it.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Sets by how much the clocks of issuer and verifier may differ, for `exp`, `nbf` and
    /// [`max_age`](Self::max_age). A minute is a usual value.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Sets the length of the longest token that is looked at, in bytes.
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// Sets where the time comes from. It is read once for each token.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

/// Verifying.
impl Verifier {
    /// Verifies a token, with one [`VerifyingKey`], a [`KeySet`](crate::KeySet), or [`Keys`] of
    /// your own.
    ///
    /// `T` is the type of the custom claims: any type that serde reads from a JSON object, or `()`.
    /// It sees every member of the payload that is not a registered claim, and those registered
    /// claims that are fields of it. (A struct with `#[serde(flatten)]` does not tell serde its
    /// fields, and sees none of the registered ones.)
    ///
    /// # Errors
    ///
    /// The first check that fails, in the order of the variants of [`VerifyError`]. Nothing of the
    /// payload is decoded before the signature holds.
    pub fn verify<T: DeserializeOwned>(
        &self,
        token: &str,
        keys: &(impl Keys + ?Sized),
    ) -> Result<Token<T>, VerifyError> {
        let mut buffer = Vec::new();
        let (authentic, _) = self.authenticate(token, keys, &mut buffer)?;
        self.admit(authentic, self.now())
    }

    /// Verifies a token like [`verify`](Self::verify), into claims that borrow from a buffer.
    ///
    /// The payload is decoded into the buffer, whatever it held before. The registered claims are
    /// `Cow<str>`; of custom ones, a `&str` field can hold what has no escapes, and a `Cow<str>` with
    /// `#[serde(borrow)]` can hold all. Of a usual token, nothing is allocated: with a buffer that is
    /// used again and again, a header as [`Signer`](crate::Signer) writes it for plain JWTs and access
    /// tokens, a `kid` of at most 46 bytes, one audience, and no escapes.
    ///
    /// ```
    /// # use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Verifier};
    /// # use std::time::Duration;
    /// #[derive(serde::Deserialize)]
    /// struct App<'a> {
    ///     role: &'a str,
    /// }
    ///
    /// # let key = SigningKey::generate(Algorithm::HS256)?;
    /// # let keys = key.verifying_key();
    /// # let claims = Claims::new(&SystemClock, Duration::from_secs(900));
    /// # let jwt = Signer::new(key).sign(&claims.custom(serde_json::json!({ "role": "admin" })))?;
    /// let mut buffer = Vec::new();
    /// let token = Verifier::new().verify_borrowed::<App<'_>>(&jwt, &keys, &mut buffer)?;
    /// assert_eq!(token.claims().custom.role, "admin");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify).
    pub fn verify_borrowed<'b, T: Deserialize<'b>>(
        &self,
        token: &str,
        keys: &(impl Keys + ?Sized),
        buffer: &'b mut Vec<u8>,
    ) -> Result<Token<T, Cow<'b, str>>, VerifyError> {
        let (authentic, _) = self.authenticate(token, keys, buffer)?;
        self.admit(authentic, self.now())
    }

    /// The checks up to the signature, in their order. Returns the key as well, for those who
    /// remember it.
    pub(crate) fn authenticate<'b, 'k>(
        &self,
        token: &str,
        keys: &'k (impl Keys + ?Sized),
        buffer: &'b mut Vec<u8>,
    ) -> Result<(Authentic<'b, 'k>, Cow<'k, VerifyingKey>), VerifyError> {
        self.check_size(token)?;
        let compact = Compact::split(token)?;
        header::check_length(compact.header)?;
        let header = match keys.known_header(compact.header, Ours) {
            Some(known) => Cow::Borrowed(known),
            None => Cow::Owned(Header::decode(compact.header)?),
        };
        let key = keys.key(&header)?;
        key.check_algorithm(&header)?;
        check_signature(&compact, &key)?;
        let payload = compact::decode_text(compact.payload, buffer)?;
        Ok((Authentic { header, payload }, key))
    }

    /// The time, to be read once for each token.
    pub(crate) fn now(&self) -> NumericDate {
        self.clock.now()
    }

    /// The checks after it.
    pub(crate) fn admit<'b, T, S>(
        &self,
        authentic: Authentic<'b, '_>,
        now: NumericDate,
    ) -> Result<Token<T, S>, VerifyError>
    where
        T: Deserialize<'b>,
        S: AsRef<str> + From<Cow<'b, str>>,
    {
        let token = Token {
            claims: claims::read(authentic.payload)?,
            header: authentic.header.into_owned(),
        };
        self.check_policy(&token, now)?;
        Ok(token)
    }

    /// What is checked of a token whose signature holds, each time that it comes.
    pub(crate) fn check_policy<T, S: AsRef<str>>(
        &self,
        token: &Token<T, S>,
        now: NumericDate,
    ) -> Result<(), VerifyError> {
        self.check_token_type(&token.header)?;
        self.check_claims(&token.claims, now)
    }

    fn check_size(&self, token: &str) -> Result<(), VerifyError> {
        let (limit, found) = (self.max_size, token.len());
        if found > limit {
            return Err(VerifyError::TooLarge { limit, found });
        }
        Ok(())
    }

    fn check_token_type(&self, header: &Header) -> Result<(), VerifyError> {
        if header.is_of_type(&self.token_types) {
            Ok(())
        } else {
            Err(VerifyError::TokenType)
        }
    }

    fn check_claims<T, S: AsRef<str>>(
        &self,
        claims: &Claims<T, S>,
        now: NumericDate,
    ) -> Result<(), VerifyError> {
        self.check_presence(claims)?;
        self.check_times(claims, now)?;
        self.check_age(claims, now)?;
        one_of(Claim::Issuer, &self.issuers, claims.issuer.as_ref())?;
        self.check_audience(claims)?;
        one_of(Claim::Subject, &self.subjects, claims.subject.as_ref())
    }

    /// To expect a claim is to require it.
    fn check_presence<T, S>(&self, claims: &Claims<T, S>) -> Result<(), VerifyError> {
        let expected = [
            (Claim::Expiration, !self.expiry_may_be_missing),
            (Claim::IssuedAt, self.max_age.is_some()),
            (Claim::Issuer, !self.issuers.is_empty()),
            (Claim::Audience, !self.audiences.is_empty()),
            (Claim::Subject, !self.subjects.is_empty()),
        ];
        let expected = expected
            .iter()
            .filter(|(_, is)| *is)
            .map(|(claim, _)| claim);
        match expected
            .chain(&self.required)
            .find(|claim| !claims.has(**claim))
        {
            Some(claim) => Err(VerifyError::Missing(*claim)),
            None => Ok(()),
        }
    }

    fn check_times<T, S>(
        &self,
        claims: &Claims<T, S>,
        now: NumericDate,
    ) -> Result<(), VerifyError> {
        if let Some(at) = claims.expiration
            && now >= at.saturating_add(self.leeway)
        {
            return Err(VerifyError::Expired { at, now });
        }
        if let Some(at) = claims.not_before
            && now < at.saturating_sub(self.leeway)
        {
            return Err(VerifyError::NotYetValid { at, now });
        }
        Ok(())
    }

    fn check_age<T, S>(&self, claims: &Claims<T, S>, now: NumericDate) -> Result<(), VerifyError> {
        if let (Some(max_age), Some(issued_at)) = (self.max_age, claims.issued_at)
            && now > issued_at.saturating_add(max_age.saturating_add(self.leeway))
        {
            return Err(VerifyError::TooOld { issued_at, now });
        }
        Ok(())
    }

    fn check_audience<T, S: AsRef<str>>(&self, claims: &Claims<T, S>) -> Result<(), VerifyError> {
        match &claims.audience {
            None => Ok(()),
            Some(_) if self.audiences.is_empty() => Err(VerifyError::UnexpectedAudience),
            Some(found) if self.audiences.iter().any(|one| found.contains(one)) => Ok(()),
            Some(_) => Err(VerifyError::Mismatch(Claim::Audience)),
        }
    }
}

fn check_signature(compact: &Compact<'_>, key: &VerifyingKey) -> Result<(), VerifyError> {
    let (mut short, mut long);
    // All but RSA is short, and a kilobyte takes time to clear.
    let buffer: &mut [u8] =
        if compact.signature.len() <= base64url::encoded_length(signature::MAX_SHORT) {
            short = [0; signature::MAX_SHORT];
            &mut short
        } else {
            long = [0; signature::MAX_LENGTH];
            &mut long
        };
    let signature =
        base64url::decode_slice(compact.signature, buffer).ok_or(VerifyError::InvalidSignature)?;
    key.verify(compact.message, signature)
}

/// Checks a claim that is there against its expected values; none means that nothing is expected.
fn one_of(
    claim: Claim,
    expected: &[String],
    found: Option<&impl AsRef<str>>,
) -> Result<(), VerifyError> {
    match found.map(AsRef::as_ref) {
        Some(found) if !expected.is_empty() && expected.iter().all(|one| one != found) => {
            Err(VerifyError::Mismatch(claim))
        }
        _ => Ok(()),
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}

/// What stands in a token whose signature holds, and which nobody has read yet.
pub(crate) struct Authentic<'b, 'k> {
    header: Cow<'k, Header>,
    payload: &'b str,
}
