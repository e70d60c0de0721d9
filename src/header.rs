//! The header of a token (RFC 7515 §4).

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::ser::{Error, Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::{SignError, VerifyError};
use crate::json::{self, Malformed};

/// The longest header in bytes. Headers with a certificate chain reach about 6 KiB, and a verifier
/// has no use for a header that long.
const MAX_SIZE: usize = 8 * 1024;

/// The `typ` of RFC 7519 §5.1.
const JWT: &str = "JWT";
/// The `typ` of RFC 9068 §2.1.
const ACCESS_TOKEN: &str = "at+jwt";

/// The parameters that this library reads.
const KNOWN: [&str; 6] = ["alg", "typ", "kid", "cty", "crit", "b64"];

/// The header of a token (RFC 7515 §4.1).
///
/// A [`Signer`](crate::Signer) writes it. Make one for a signature from elsewhere
/// ([`Unsigned`](crate::Unsigned)), and read it in a [`Token`](crate::Token) or in an implementation
/// of [`Keys`](crate::Keys). There it is untrusted input, of use for finding the key.
///
/// This library never reads `jwk`, `jku`, `x5u` or `x5c`, through which a token could bring its own
/// key (RFC 8725 §3.10).
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

    fn received_parameter(&self, wanted: &str) -> Option<json::Value<'_>> {
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

    /// Reads the header segment.
    pub(crate) fn decode(segment: &str) -> Result<Self, VerifyError> {
        if segment.len() > base64url::encoded_length(MAX_SIZE) {
            return Err(malformed("is longer than 8 KiB"));
        }
        let breaks = |Malformed(reason)| malformed(reason);
        let bytes = base64url::decode(segment).ok_or(breaks(json::NOT_BASE64URL))?;
        let received = String::from_utf8(bytes).map_err(|_| breaks(json::NOT_UTF8))?;
        let mut known = Known::default();
        json::object(&received, &mut |name, value| known.visit(name, value)).map_err(breaks)?;
        let (algorithm, typ, key_id, is_nested) = known.read()?;
        Ok(Self {
            algorithm,
            typ,
            key_id,
            is_nested,
            received,
            parameters: Map::new(),
        })
    }
}

/// A header that keys expect, with the segment that it decodes from.
///
/// Only this crate makes one; see [`Keys::known_header`](crate::Keys::known_header).
#[derive(Clone, Debug)]
pub struct KnownHeader {
    segment: String,
    header: Header,
}

impl KnownHeader {
    /// Returns the headers that a [`Signer`](crate::Signer) writes for plain JWTs and for access
    /// tokens.
    pub(crate) fn of_key(
        algorithm: Algorithm,
        key_id: Option<&str>,
    ) -> impl Iterator<Item = Self> + use<> {
        let known = [JWT, ACCESS_TOKEN].map(|typ| {
            let header = Header {
                typ: Some(Text::Own(Cow::Borrowed(typ))),
                key_id: key_id.map(|id| Text::Own(Cow::Owned(id.to_owned()))),
                ..Header::new(algorithm)
            };
            // No token has a header that cannot be encoded, for instance with a long id.
            let segment = header.encode().ok()?;
            Some(Self { segment, header })
        });
        known.into_iter().flatten()
    }

    pub(crate) fn segment(&self) -> &str {
        &self.segment
    }

    /// Returns the header, if it is that of the segment.
    pub(crate) fn of_segment(&self, segment: &str) -> Option<&Header> {
        (self.segment == segment).then_some(&self.header)
    }
}

/// The values of the parameters that this library reads.
#[derive(Default)]
struct Known<'t>([Option<json::Value<'t>>; KNOWN.len()]);

impl<'t> Known<'t> {
    fn visit(&mut self, name: &str, value: json::Value<'t>) {
        let index = KNOWN.iter().position(|known| *known == name);
        if let Some(slot) = index.and_then(|index| self.0.get_mut(index)) {
            *slot = Some(value);
        }
    }

    fn read(self) -> Result<(Algorithm, Option<Text>, Option<Text>, bool), VerifyError> {
        let [alg, typ, kid, cty, crit, b64] = self.0;
        let alg = string(alg, "has an `alg` that is not a string")?;
        let alg = alg.ok_or(malformed("has no `alg`"))?;
        let typ = text(typ, "has a `typ` that is not a string")?;
        let kid = text(kid, "has a `kid` that is not a string")?;
        let cty = string(cty, "has a `cty` that is not a string")?;
        // RFC 7797 §6 wants `b64` to be listed in `crit`, but `"b64":false` means the same without.
        for (parameter, is_present) in [
            ("crit", crit.is_some()),
            ("b64", b64.is_some_and(|value| value.text() != "true")),
        ] {
            if is_present {
                return Err(VerifyError::UnsupportedExtension { parameter });
            }
        }
        let algorithm = Algorithm::from_name(&alg).ok_or(VerifyError::UnsupportedAlgorithm)?;
        let is_nested = cty.is_some_and(|cty| is_same_media_type(&cty, JWT));
        Ok((algorithm, typ, kid, is_nested))
    }
}

fn string<'t>(
    value: Option<json::Value<'t>>,
    reason: &'static str,
) -> Result<Option<Cow<'t, str>>, VerifyError> {
    value
        .map(|value| value.string().ok_or(malformed(reason)))
        .transpose()
}

fn text(value: Option<json::Value<'_>>, reason: &'static str) -> Result<Option<Text>, VerifyError> {
    if let Some(range) = value.and_then(json::Value::plain_range) {
        return Ok(Some(Text::Received(range)));
    }
    let text = string(value, reason)?;
    Ok(text.map(|text| Text::Own(Cow::Owned(text.into_owned()))))
}

fn malformed(reason: &'static str) -> VerifyError {
    VerifyError::MalformedHeader { reason }
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
