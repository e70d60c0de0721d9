//! The header of a token (RFC 7515 §4).

mod decode;
mod known;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::ser::{Error, Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::{SignError, VerifyError};
use crate::json;
pub use known::KnownHeader;

/// The `typ` of RFC 7519 §5.1.
const JWT: &str = "JWT";
/// The header of a token (RFC 7515 §4.1).
///
/// A [`Signer`](crate::Signer) writes it. Make one for a signature from elsewhere
/// ([`Unsigned`](crate::Unsigned)), and read it in a [`Token`](crate::Token) or in an implementation
/// of [`Keys`](crate::Keys). There it is untrusted input, of use for finding the key.
///
/// Verifiers of tokens never read `jwk`, `jku`, `x5u` or `x5c`, through which a token could bring
/// its own key (RFC 8725 §3.10). A DPoP proof is verified with the `jwk` in its header.
///
/// ```
/// use jwt_ring::{Algorithm, Header};
///
/// let header = Header::new(Algorithm::ES256)
///     .with_key_id("2026-11")
///     .with_parameter("nonce", "n-0S6");
/// assert_eq!(header.key_id(), Some("2026-11"));
/// assert_eq!(
///     serde_json::to_string(&header)?,
///     r#"{"alg":"ES256","typ":"JWT","kid":"2026-11","nonce":"n-0S6"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Header {
    algorithm: Algorithm,
    typ: Option<Text>,
    key_id: Option<Text>,
    /// Whether `cty` says that the payload is another token.
    is_nested: bool,
    /// The header as it was received; empty for one that was made here.
    received: String,
    /// The parameters that were set here.
    parameters: Map<String, Value>,
}

/// A parameter that is a string.
#[derive(Clone, Debug)]
enum Text {
    /// A part of the header as it was received, which saves an allocation.
    Received(Range<usize>),
    Own(Cow<'static, str>),
}

impl Header {
    /// Makes a header with `typ` set to `JWT` and without `kid`.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            typ: Some(Text::Own(Cow::Borrowed(JWT))),
            key_id: None,
            is_nested: false,
            received: String::new(),
            parameters: Map::new(),
        }
    }

    /// Sets `typ`, the media type of the token, for instance `at+jwt` (RFC 7515 §4.1.9).
    #[must_use]
    pub fn with_typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(Text::Own(Cow::Owned(typ.into())));
        self
    }

    /// Sets `kid`, the identifier of the key (RFC 7515 §4.1.4).
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(Text::Own(Cow::Owned(key_id.into())));
        self
    }

    /// Sets another parameter.
    ///
    /// Signing fails with [`SignError::ReservedParameter`] if it is `alg`, `typ` or `kid`, which
    /// have methods of their own, or `crit` or `b64`, which are not supported.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    /// Returns `alg`, the signature algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns `typ`, the media type of the token.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.text(self.typ.as_ref())
    }

    /// Returns `kid`, the identifier of the key.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.text(self.key_id.as_ref())
    }

    /// Returns any parameter, parsed on each call.
    ///
    /// `None` if it is absent, or if `serde_json` cannot hold it: a number outside the range of
    /// `f64`, or an object with a name that `serde_json` reserves for itself.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<Value> {
        match name {
            "alg" => Some(self.algorithm.name().into()),
            "typ" => self.typ().map(Value::from),
            "kid" => self.key_id().map(Value::from),
            _ => match self.parameters.get(name) {
                Some(value) => Some(value.clone()),
                None => self.received_parameter(name)?.parse(),
            },
        }
    }

    fn text<'a>(&'a self, text: Option<&'a Text>) -> Option<&'a str> {
        match text? {
            Text::Received(range) => self.received.get(range.clone()),
            Text::Own(text) => Some(text),
        }
    }

    /// Returns a parameter of a header that was received, as text.
    pub(crate) fn received_parameter(&self, wanted: &str) -> Option<json::Value<'_>> {
        let mut found = None;
        let scanned = json::object(&self.received, &mut |name, value| {
            if name == wanted {
                found = Some(value);
            }
        });
        scanned.ok()?;
        found
    }

    /// Returns whether `typ` is one of those expected or, if none is, absent or `JWT` (RFC 8725
    /// §3.11).
    pub(crate) fn has_typ(&self, expected: &[String], allow_missing: bool) -> bool {
        match self.typ() {
            None => allow_missing || expected.is_empty(),
            Some(found) if expected.is_empty() => is_same_media_type(found, JWT),
            Some(found) => expected.iter().any(|one| is_same_media_type(found, one)),
        }
    }

    /// Returns whether the payload is another token (RFC 7519 §5.2).
    pub(crate) fn is_nested(&self) -> bool {
        self.is_nested
    }

    /// Returns the header segment, which every verifier of this library reads.
    pub(crate) fn encode(&self) -> Result<String, SignError> {
        let reserved = |name: &&String| is_own(name) || matches!(&***name, "crit" | "b64");
        if let Some(name) = self.parameters.keys().find(reserved) {
            return Err(SignError::ReservedParameter(name.clone()));
        }
        let malformed = |reason| SignError::MalformedHeader { reason };
        let json = serde_json::to_string(self)
            .map_err(|_| malformed("has a parameter that serde_json cannot hold"))?;
        let segment = base64url::encode(json.as_bytes());
        match Self::decode(&segment) {
            Ok(header) if header.is_nested => Err(malformed("says that the payload is a token")),
            Ok(_) => Ok(segment),
            Err(VerifyError::MalformedHeader { reason }) => Err(malformed(reason)),
            Err(_) => Err(malformed("cannot be read again")),
        }
    }
}

/// Compares media types without case; `application/` may be left out if there is no other slash
/// (RFC 7515 §4.1.9).
fn is_same_media_type(one: &str, other: &str) -> bool {
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
    one == other || short(one).eq_ignore_ascii_case(short(other))
}

impl Serialize for Header {
    /// Writes `alg`, `typ`, `kid`, then the other parameters.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("alg", self.algorithm.name())?;
        if let Some(typ) = self.typ() {
            map.serialize_entry("typ", typ)?;
        }
        if let Some(key_id) = self.key_id() {
            map.serialize_entry("kid", key_id)?;
        }
        let others = self
            .others()
            .ok_or_else(|| S::Error::custom("has a parameter that serde_json cannot hold"))?;
        for (name, value) in &others {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Header {
    /// Returns the parameters that have no method of their own. `None` if `serde_json` cannot hold
    /// one of them.
    fn others(&self) -> Option<Map<String, Value>> {
        let mut others = Map::new();
        let mut is_complete = true;
        // A header that was made here is no text, and has none.
        let _ = json::object(&self.received, &mut |name, value| {
            if !is_own(name) && !self.parameters.contains_key(name) {
                let value = value.parse();
                is_complete &= value.is_some();
                others.extend(value.map(|value| (name.to_owned(), value)));
            }
        });
        let set = self.parameters.iter().filter(|(name, _)| !is_own(name));
        others.extend(set.map(|(name, value)| (name.clone(), value.clone())));
        is_complete.then_some(others)
    }
}

/// Returns whether a parameter has a method of its own.
fn is_own(name: &str) -> bool {
    matches!(name, "alg" | "typ" | "kid")
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut header = f.debug_struct("Header");
        header
            .field("algorithm", &self.algorithm)
            .field("typ", &self.typ())
            .field("key_id", &self.key_id());
        match self.others() {
            Some(others) => header.field("parameters", &others).finish(),
            None => header.finish_non_exhaustive(),
        }
    }
}

impl PartialEq for Header {
    /// Compares the parameters as `serde_json` holds them, else the headers as they were received.
    fn eq(&self, other: &Self) -> bool {
        let known = |header: &Self| (header.algorithm, header.is_nested);
        known(self) == known(other)
            && (self.typ(), self.key_id()) == (other.typ(), other.key_id())
            && match (self.others(), other.others()) {
                (Some(one), Some(other)) => one == other,
                _ => self.received == other.received && self.parameters == other.parameters,
            }
    }
}

impl Eq for Header {}

#[cfg(test)]
mod tests {
    use super::is_same_media_type;

    #[test]
    fn media_types_are_compared_as_rfc_7515_says() {
        for (one, other) in [
            ("JWT", "jwt"),
            ("at+jwt", "application/at+jwt"),
            ("Application/AT+JWT", "at+jwt"),
            ("text/x", "TEXT/X"),
        ] {
            assert!(is_same_media_type(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("JWT", "at+jwt"),
            ("application/a/b", "a/b"),
            ("text/at+jwt", "at+jwt"),
            ("", "JWT"),
            ("application/", "JWT"),
        ] {
            assert!(!is_same_media_type(one, other), "{one} {other}");
        }
    }
}
