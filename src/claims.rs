//! The claims of a token (RFC 7519 §4).

use std::borrow::Cow;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::claim::Claim;
use crate::clock::Clock;
use crate::json::Text;
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
///
/// `S` is the type of the strings: `String`, or `Cow<str>` where they are
/// [borrowed](crate::Verifier::verify_borrowed).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims<T = (), S = String> {
    /// `iss`: who issued the token.
    pub issuer: Option<S>,
    /// `sub`: whom the token is about.
    pub subject: Option<S>,
    /// `aud`: for whom the token is meant.
    pub audience: Option<Audience<S>>,
    /// `exp`: from when on the token is refused.
    pub expiration: Option<NumericDate>,
    /// `nbf`: until when the token is refused.
    pub not_before: Option<NumericDate>,
    /// `iat`: when the token was issued.
    pub issued_at: Option<NumericDate>,
    /// `jti`: the token's own identifier.
    pub jwt_id: Option<S>,
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
}

impl<S> Claims<(), S> {
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

impl<T, S> Claims<T, S> {
    /// Sets `iss`: who issues the token.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<S>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets `sub`: whom the token is about.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<S>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Adds to `aud`: for whom the token is meant. Called again, it adds another audience.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<S>) -> Self {
        self.audience.get_or_insert_default().push(audience.into());
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
    pub fn jwt_id(mut self, jwt_id: impl Into<S>) -> Self {
        self.jwt_id = Some(jwt_id.into());
        self
    }

    /// Sets the custom claims: a struct or map that becomes members of the payload beside the
    /// registered claims.
    ///
    /// Signing fails if it holds a registered claim itself, or is no JSON object.
    #[must_use]
    pub fn custom<U>(self, custom: U) -> Claims<U, S> {
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

impl<T: Serialize, S: Serialize> Serialize for Claims<T, S> {
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience<S = String>(List<S>);

/// One string is the usual case, and needs no list. It is never a list of one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum List<S> {
    One(S),
    Many(Vec<S>),
}

impl<S> Audience<S> {
    fn push(&mut self, audience: S) {
        self.0 = match std::mem::replace(&mut self.0, List::Many(Vec::new())) {
            List::One(first) => List::Many(vec![first, audience]),
            List::Many(all) if all.is_empty() => List::One(audience),
            List::Many(mut all) => {
                all.push(audience);
                List::Many(all)
            }
        };
    }

    fn as_slice(&self) -> &[S] {
        match &self.0 {
            List::One(one) => std::slice::from_ref(one),
            List::Many(all) => all,
        }
    }
}

impl<S: AsRef<str>> Audience<S> {
    /// Tells whether the audience is one of these, byte for byte.
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        self.iter().any(|one| one == audience)
    }

    /// Returns the audiences in the order of the token.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.as_slice().iter().map(AsRef::as_ref)
    }
}

impl<S> Default for Audience<S> {
    fn default() -> Self {
        Self(List::Many(Vec::new()))
    }
}

impl<S, A: Into<S>> FromIterator<A> for Audience<S> {
    fn from_iter<I: IntoIterator<Item = A>>(audiences: I) -> Self {
        let mut all = Self::default();
        for audience in audiences {
            all.push(audience.into());
        }
        all
    }
}

impl<S: Serialize> Serialize for Audience<S> {
    /// Writes a string where there is one audience, else an array.
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        match &self.0 {
            List::One(one) => one.serialize(serializer),
            List::Many(all) => all.serialize(serializer),
        }
    }
}

impl<'de, S: From<Cow<'de, str>>> Deserialize<'de> for Audience<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AudienceVisitor<S>(PhantomData<S>);

        impl<'de, S: From<Cow<'de, str>>> Visitor<'de> for AudienceVisitor<S> {
            type Value = Audience<S>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_borrowed_str<E>(self, audience: &'de str) -> Result<Audience<S>, E> {
                Ok(Audience(List::One(Cow::Borrowed(audience).into())))
            }

            fn visit_str<E>(self, audience: &str) -> Result<Audience<S>, E> {
                Ok(Audience(List::One(
                    Cow::<'de, str>::Owned(audience.to_owned()).into(),
                )))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Audience<S>, A::Error> {
                let mut audiences = Audience::default();
                while let Some(Text(audience)) = all.next_element()? {
                    audiences.push(audience.into());
                }
                Ok(audiences)
            }
        }

        deserializer.deserialize_any(AudienceVisitor(PhantomData))
    }
}
