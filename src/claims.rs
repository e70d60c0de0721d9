//! The claims of a token (RFC 7519 §4).

use std::time::Duration;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::clock::Clock;
use crate::error::Claim;
use crate::numeric_date::NumericDate;

mod read;
mod write;

pub(crate) use read::read;

/// The claims of a token: the registered ones of RFC 7519 §4.1, and custom ones of type `T`.
///
/// To mint, start with [`Claims::new`] and add what the token is to say. To verify, a
/// [`Verifier`](crate::Verifier) hands them out inside of a [`Token`](crate::Token).
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims<T = ()> {
    /// `iss`: who issued the token.
    pub issuer: Option<String>,
    /// `sub`: whom the token is about.
    pub subject: Option<String>,
    /// `aud`: for whom the token is meant.
    pub audience: Option<Audience>,
    /// `exp`: from when on the token is refused.
    pub expiration: Option<NumericDate>,
    /// `nbf`: until when the token is refused.
    pub not_before: Option<NumericDate>,
    /// `iat`: when the token was issued.
    pub issued_at: Option<NumericDate>,
    /// `jti`: the token's own identifier.
    pub jwt_id: Option<String>,
    /// The custom claims: every other member of the payload.
    pub custom: T,
}

impl Claims {
    /// Starts the claims of a token that is issued now and expires after `lifetime`.
    ///
    /// `iat` is the clock's time in whole seconds, which is what most other implementations read;
    /// `exp` is that plus the lifetime.
    #[must_use]
    pub fn new(clock: &(impl Clock + ?Sized), lifetime: Duration) -> Self {
        let issued_at = NumericDate::from_seconds(clock.now().seconds());
        Self {
            expiration: Some(issued_at.saturating_add(lifetime)),
            issued_at: Some(issued_at),
            ..Self::NONE
        }
    }

    /// No `Default`: whoever mints says how long the token lives.
    const NONE: Self = Self {
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
    /// Sets `iss`: who issues the token.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets `sub`: whom the token is about.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Adds to `aud`: for whom the token is meant. Called again, it adds another audience.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        let audiences = self.audience.get_or_insert_default();
        audiences.0.push(audience.into());
        self
    }

    /// Sets `nbf`: until when the token is refused.
    #[must_use]
    pub fn not_before(mut self, not_before: impl Into<NumericDate>) -> Self {
        self.not_before = Some(not_before.into());
        self
    }

    /// Sets `jti`: the token's own identifier.
    #[must_use]
    pub fn jwt_id(mut self, jwt_id: impl Into<String>) -> Self {
        self.jwt_id = Some(jwt_id.into());
        self
    }

    /// Sets the custom claims: a struct or map that becomes members of the payload beside the
    /// registered claims.
    ///
    /// Signing fails if it holds a registered claim itself, or is no JSON object.
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

    /// Tells whether a registered claim is there.
    pub(crate) fn has(&self, claim: Claim) -> bool {
        match claim {
            Claim::Issuer => self.issuer.is_some(),
            Claim::Subject => self.subject.is_some(),
            Claim::Audience => self.audience.is_some(),
            Claim::Expiration => self.expiration.is_some(),
            Claim::NotBefore => self.not_before.is_some(),
            Claim::IssuedAt => self.issued_at.is_some(),
            Claim::JwtId => self.jwt_id.is_some(),
        }
    }
}

impl<T: Serialize> Serialize for Claims<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn entry<M: SerializeMap>(
            map: &mut M,
            claim: Claim,
            value: &Option<impl Serialize>,
        ) -> Result<(), M::Error> {
            match value {
                Some(value) => map.serialize_entry(claim.name(), value),
                None => Ok(()),
            }
        }

        let mut map = serializer.serialize_map(None)?;
        entry(&mut map, Claim::Issuer, &self.issuer)?;
        entry(&mut map, Claim::Subject, &self.subject)?;
        entry(&mut map, Claim::Audience, &self.audience)?;
        entry(&mut map, Claim::Expiration, &self.expiration)?;
        entry(&mut map, Claim::NotBefore, &self.not_before)?;
        entry(&mut map, Claim::IssuedAt, &self.issued_at)?;
        entry(&mut map, Claim::JwtId, &self.jwt_id)?;
        self.custom.serialize(write::Members(&mut map))?;
        map.end()
    }
}

/// The audiences of a token: `aud`, a string or an array of strings (RFC 7519 §4.1.3).
///
/// ```
/// use jwt_ring::Audience;
///
/// let audience: Audience = ["https://api.example", "https://files.example"].into_iter().collect();
/// assert!(audience.contains("https://api.example"));
/// assert_eq!(audience.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience(Vec<String>);

impl Audience {
    /// Tells whether the audience is one of these, byte for byte.
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        self.iter().any(|one| one == audience)
    }

    /// Returns the audiences in the order of the token.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for Audience {
    fn from_iter<I: IntoIterator<Item = S>>(audiences: I) -> Self {
        Self(audiences.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Audience {
    /// Writes a string where there is one audience, else an array.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            all => all.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AudienceVisitor;

        impl<'de> Visitor<'de> for AudienceVisitor {
            type Value = Audience;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E: serde::de::Error>(self, audience: &str) -> Result<Audience, E> {
                Ok(Audience(vec![audience.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Audience, A::Error> {
                let mut audiences = Vec::new();
                while let Some(audience) = all.next_element()? {
                    audiences.push(audience);
                }
                Ok(Audience(audiences))
            }
        }

        deserializer.deserialize_any(AudienceVisitor)
    }
}
