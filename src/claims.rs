//! The claims of a token (RFC 7519 §4).

mod audience;
mod fit;
mod name;
mod payload;
mod read;
mod value;
mod write;

use std::time::Duration;

pub use audience::Audience;
pub(crate) use fit::fit;
pub(crate) use payload::{Payload, Times};
#[cfg(feature = "oauth")]
pub(crate) use read::{Known, read};
#[cfg(feature = "oauth")]
pub(crate) use write::Others;
pub(crate) use write::{NOT_AN_OBJECT, SHADOWS, VARIANT_WITH_FIELDS};

use crate::clock::Clock;
use crate::numeric_date::NumericDate;

/// The claims of a token: the registered ones (RFC 7519 §4.1) as fields, and custom ones of type
/// `T`.
///
/// To sign, start with [`Claims::new`]. To verify, name it as the type to verify into:
/// `verify::<Claims>` or `verify::<Claims<T>>`. A struct of your own that holds `sub` and `exp`
/// beside its other fields needs no `Claims`: name the struct itself.
///
/// ```
/// use jwt_ring::{Claims, FixedClock, NumericDate};
/// use std::time::Duration;
///
/// let clock = FixedClock::at(NumericDate::from_seconds(1_000));
/// let claims = Claims::new(&clock, Duration::from_secs(900))
///     .issuer("https://issuer.example")
///     .subject("user-42")
///     .custom(serde_json::json!({ "role": "admin" }));
/// assert_eq!(
///     serde_json::to_string(&claims)?,
///     r#"{"iss":"https://issuer.example","sub":"user-42","exp":1900,"iat":1000,"role":"admin"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Custom claims
///
/// `T` sees all members of the payload but the registered claims: as a struct, map, enum (of one
/// member), `Option`, newtype or `serde_json::Value`. `()` ignores them. To be signed, a variant of an
/// enum must hold a struct or another value: one with fields of its own is read only.
///
/// A struct `T` that declares a registered claim is an error, and so is a `T` that writes one. A
/// struct with `#[serde(flatten)]`, and a tagged or untagged enum, do not declare their fields to
/// serde: in them, a registered claim is always missing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims<T = ()> {
    /// `iss`, the issuer.
    pub issuer: Option<String>,
    /// `sub`, the subject.
    pub subject: Option<String>,
    /// `aud`, the audience.
    pub audience: Option<Audience>,
    /// `exp`, the time from which the token is rejected.
    pub expiration: Option<NumericDate>,
    /// `nbf`, the time before which the token is rejected.
    pub not_before: Option<NumericDate>,
    /// `iat`, the time at which the token was issued.
    pub issued_at: Option<NumericDate>,
    /// `jti`, the identifier of the token.
    pub jwt_id: Option<String>,
    /// The custom claims: all other members of the payload.
    pub custom: T,
}

impl Claims {
    /// Starts the claims of a token that is issued now and expires after `lifetime`.
    ///
    /// `iat` is the clock's time, rounded down to whole seconds; `exp` is `iat` plus `lifetime`.
    #[must_use]
    pub fn new(clock: &(impl Clock + ?Sized), lifetime: Duration) -> Self {
        let issued_at = NumericDate::from_seconds(clock.now().seconds());
        Self {
            expiration: Some(issued_at.saturating_add(lifetime)),
            issued_at: Some(issued_at),
            ..Self::EMPTY
        }
    }

    /// No `Default`: a lifetime is mandatory.
    const EMPTY: Self = Self {
        issuer: None,
        subject: None,
        audience: None,
        expiration: None,
        not_before: None,
        issued_at: None,
        jwt_id: None,
        custom: (),
    };
}

impl<T> Claims<T> {
    /// Sets `iss`, the issuer.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets `sub`, the subject.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Adds to `aud`, the audience. Called again, it adds another one.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience.get_or_insert_default().push(audience.into());
        self
    }

    /// Sets `nbf`, the time before which the token is rejected, written in whole seconds.
    #[must_use]
    pub fn not_before(mut self, not_before: impl Into<NumericDate>) -> Self {
        self.not_before = Some(not_before.into());
        self
    }

    /// Sets `jti`, the identifier of the token.
    #[must_use]
    pub fn jwt_id(mut self, jwt_id: impl Into<String>) -> Self {
        self.jwt_id = Some(jwt_id.into());
        self
    }

    /// Sets the custom claims: a struct or map whose members stand beside the registered claims.
    ///
    /// Signing fails with [`SignError::ShadowedClaim`](crate::SignError::ShadowedClaim) if it has a
    /// registered claim.
    #[must_use]
    pub fn custom<U>(self, custom: U) -> Claims<U> {
        Claims {
            issuer: self.issuer,
            subject: self.subject,
            audience: self.audience,
            expiration: self.expiration,
            not_before: self.not_before,
            issued_at: self.issued_at,
            jwt_id: self.jwt_id,
            custom,
        }
    }
}
