//! The header of a token (RFC 7515 §4).

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::compact;
use crate::error::{SignError, VerifyError};
use crate::json::{self, Fault, Reserved};
use crate::short::Short;

/// The length in bytes of the longest header that is read. Headers with a certificate chain reach
/// about 6 KiB; nothing in a header that long is of use to a verifier.
const MAX_SIZE: usize = 8 * 1024;

/// The `typ` of RFC 7519 §5.1.
const PLAIN_JWT: &str = "JWT";
/// The `typ` of access tokens (RFC 9068 §2.1).
const ACCESS_TOKEN: &str = "at+jwt";

/// The header of a token (RFC 7515 §4.1): which algorithm, which type of token, which key.
///
/// A [`Signer`](crate::Signer) writes it by itself. Make one for a signature that is made
/// elsewhere ([`Unsigned`](crate::Unsigned)), and read it in a [`Token`](crate::Token) or in
/// [`Keys`](crate::Keys) of your own, where it is what a stranger sent: a hint for finding the key,
/// and nothing to believe.
///
/// This library never reads `jwk`, `jku`, `x5u` or `x5c`, through which a token could bring its own
/// key (RFC 8725 §3.10).
///
/// ```
/// use jwt_ring::{Algorithm, Header};
///
/// let header = Header::new(Algorithm::ES256).with_key_id("2026-11").with_member("nonce", "n-0S6");
/// assert_eq!(header.key_id(), Some("2026-11"));
/// assert_eq!(
///     serde_json::to_string(&header)?,
///     r#"{"alg":"ES256","typ":"JWT","kid":"2026-11","nonce":"n-0S6"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    algorithm: Algorithm,
    token_type: Option<Cow<'static, str>>,
    key_id: Option<Short>,
    members: Map<String, Value>,
}

impl Header {
    /// Makes a header for a plain JWT: `typ` is `JWT`, and there is no `kid`.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            token_type: Some(Cow::Borrowed(PLAIN_JWT)),
            key_id: None,
            members: Map::new(),
        }
    }

    /// Sets `typ`, for instance `at+jwt` (RFC 7515 §4.1.9).
    #[must_use]
    pub fn with_token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token_type = Some(Cow::Owned(token_type.into()));
        self
    }

    /// Sets `kid`: which key signs (RFC 7515 §4.1.4).
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into().as_str().into());
        self
    }

    /// Sets a member of your own. Signing fails if it is `alg`, `typ` or `kid`, which have methods
    /// of their own, or `crit` or `b64`, which are not supported.
    #[must_use]
    pub fn with_member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
        self
    }

    /// Returns `alg`: the algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns `typ`: the type of the token.
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.token_type.as_deref()
    }

    /// Returns `kid`: which key signed, as the token says.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_ref().map(Short::as_str)
    }

    /// Returns any other member, unchecked and as it came; none if it is, or holds, a number beyond
    /// the range of `f64`.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Tells whether the token is of the type expected, or a plain JWT where none is
    /// (RFC 8725 §3.11).
    pub(crate) fn is_of_type(&self, expected: &[String]) -> bool {
        match &self.token_type {
            None => expected.is_empty(),
            Some(found) if expected.is_empty() => is_same_type(found, PLAIN_JWT),
            Some(found) => expected.iter().any(|one| is_same_type(found, one)),
        }
    }

    /// The header segment.
    pub(crate) fn encode(&self) -> Result<String, SignError> {
        match self.members.keys().find(|name| Name::from(name).is_some()) {
            Some(member) => Err(SignError::ReservedMember(member.clone())),
            None => Ok(self.encode_own()),
        }
    }

    /// The header segment, where all members are of our own making.
    pub(crate) fn encode_own(&self) -> String {
        let members: Vec<_> = self
            .entries()
            .map(|(name, value)| format!("{}:{value}", Value::from(name)))
            .collect();
        base64url::encode(format!("{{{}}}", members.join(",")).as_bytes())
    }

    /// The members in the order in which they are written.
    fn entries(&self) -> impl Iterator<Item = (&str, Cow<'_, Value>)> {
        let string = |name, text: &str| (name, Cow::Owned(Value::from(text)));
        let own = self.members.iter();
        std::iter::once(string("alg", self.algorithm.name()))
            .chain(
                self.token_type()
                    .map(|token_type| string("typ", token_type)),
            )
            .chain(self.key_id().map(|key_id| string("kid", key_id)))
            .chain(own.map(|(name, value)| (name.as_str(), Cow::Borrowed(value))))
    }

    /// Reads the header segment.
    pub(crate) fn decode(segment: &str) -> Result<Self, VerifyError> {
        check_length(segment)?;
        let mut buffer = Vec::new();
        let mut fields = Fields::default();
        let Others(members) = compact::decode_text(segment, &mut buffer)
            .and_then(|text| json::read(text, &mut fields))
            .map_err(refusal)?;
        fields.into_header(members)
    }
}

/// Checks the length of a header segment.
pub(crate) fn check_length(segment: &str) -> Result<(), VerifyError> {
    if segment.len() > base64url::encoded_length(MAX_SIZE) {
        let reason = "is longer than 8 KiB";
        return Err(VerifyError::MalformedHeader { reason });
    }
    Ok(())
}

/// A header segment, and what it says: read once, so that it need not be read with every token.
///
/// What a segment says depends on nothing but the segment, so knowing it decides nothing.
#[derive(Clone, Debug)]
pub(crate) struct KnownHeader {
    pub(crate) segment: String,
    pub(crate) header: Header,
}

impl KnownHeader {
    /// The headers that a [`Signer`](crate::Signer) writes for plain JWTs and for access tokens.
    pub(crate) fn of_key(algorithm: Algorithm, id: Option<&str>) -> [Self; 2] {
        [PLAIN_JWT, ACCESS_TOKEN].map(|token_type| {
            let header = Header {
                token_type: Some(Cow::Borrowed(token_type)),
                key_id: id.map(Short::from),
                ..Header::new(algorithm)
            };
            Self {
                segment: header.encode_own(),
                header,
            }
        })
    }
}

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries())
    }
}

/// Compares media types without case, and with `application/` understood where there is no slash
/// (RFC 7515 §4.1.9).
fn is_same_type(one: &str, other: &str) -> bool {
    fn short(media_type: &str) -> &str {
        match media_type.split_once('/') {
            Some((tree, name))
                if tree.eq_ignore_ascii_case("application") && !name.contains('/') =>
            {
                name
            }
            _ => media_type,
        }
    }
    short(one).eq_ignore_ascii_case(short(other))
}

fn refusal(fault: Fault) -> VerifyError {
    let reason = match fault {
        Fault::Text(reason) => reason,
        // It fits whatever it holds.
        Fault::Missing(_) | Fault::Member(_) | Fault::Unfit => "is not a JSON object",
    };
    VerifyError::MalformedHeader { reason }
}

/// The members that have none to us: all that a `Value` can hold.
struct Others(Map<String, Value>);

impl<'de> Deserialize<'de> for Others {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OthersVisitor;

        impl<'de> Visitor<'de> for OthersVisitor {
            type Value = Others;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Others, A::Error> {
                let mut members = Map::new();
                while let Some((name, json)) = map.next_entry::<String, &RawValue>()? {
                    if let Ok(value) = serde_json::from_str(json.get()) {
                        members.insert(name, value);
                    }
                }
                Ok(Others(members))
            }
        }

        deserializer.deserialize_map(OthersVisitor)
    }
}

/// The members that have a meaning to us.
#[derive(Clone, Copy)]
enum Name {
    Algorithm,
    TokenType,
    KeyId,
    Critical,
    Base64,
}

impl Name {
    fn from(member: &str) -> Option<Self> {
        Some(match member {
            "alg" => Self::Algorithm,
            "typ" => Self::TokenType,
            "kid" => Self::KeyId,
            "crit" => Self::Critical,
            "b64" => Self::Base64,
            _ => return None,
        })
    }
}

/// The values of these members, as JSON text.
#[derive(Default)]
struct Fields<'a>([Option<&'a str>; 5]);

impl<'a> Fields<'a> {
    fn into_header(self, members: Map<String, Value>) -> Result<Header, VerifyError> {
        let Self([algorithm, token_type, key_id, critical, base64]) = self;
        let malformed = |reason| VerifyError::MalformedHeader { reason };
        let algorithm = string(algorithm)
            .map_err(malformed)?
            .ok_or_else(|| malformed("has no `alg`"))?;
        let token_type = string(token_type).map_err(malformed)?;
        let key_id = string(key_id).map_err(malformed)?;
        // `b64` is said to be understood only by listing it in `crit`, but a token that says
        // `"b64":false` without means it all the same (RFC 7797 §6).
        for (member, present) in [
            ("crit", critical.is_some()),
            ("b64", base64.is_some_and(|value| value != "true")),
        ] {
            if present {
                return Err(VerifyError::UnsupportedExtension { member });
            }
        }
        Ok(Header {
            algorithm: Algorithm::from_name(&algorithm).ok_or(VerifyError::UnsupportedAlgorithm)?,
            token_type: token_type.map(|text| Cow::Owned(text.into_owned())),
            key_id: key_id.as_deref().map(Short::from),
            members,
        })
    }
}

fn string(json: Option<&str>) -> Result<Option<Cow<'_, str>>, &'static str> {
    json.map(serde_json::from_str)
        .transpose()
        .map_err(|_| "has an `alg`, `typ` or `kid` that is not a string")
}

impl<'de> Reserved<'de> for Fields<'de> {
    type Name = Name;

    fn name(&self, member: &str) -> Option<Name> {
        Name::from(member)
    }

    fn take<D: Deserializer<'de>>(&mut self, name: Name, value: D) -> Result<(), Fault> {
        let value = <&RawValue>::deserialize(value).map_err(|_| Fault::Unfit)?;
        let field = match name {
            Name::Algorithm => &mut self.0[0],
            Name::TokenType => &mut self.0[1],
            Name::KeyId => &mut self.0[2],
            Name::Critical => &mut self.0[3],
            Name::Base64 => &mut self.0[4],
        };
        match field.replace(value.get()) {
            None => Ok(()),
            Some(_) => Err(json::DUPLICATE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_type;

    #[test]
    fn media_types_are_compared_as_rfc_7515_says() {
        for (one, other) in [
            ("JWT", "jwt"),
            ("at+jwt", "application/at+jwt"),
            ("Application/AT+JWT", "at+jwt"),
            ("text/x", "TEXT/X"),
        ] {
            assert!(is_same_type(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("JWT", "at+jwt"),
            ("application/a/b", "a/b"),
            ("text/at+jwt", "at+jwt"),
            ("", "JWT"),
            ("application/", "JWT"),
        ] {
            assert!(!is_same_type(one, other), "{one} {other}");
        }
    }
}
