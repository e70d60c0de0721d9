//! Reads the header of a token.

use std::borrow::Cow;

use serde_json::Map;

use super::{Header, JWT, Text, is_same_media_type};
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::VerifyError;
use crate::json::{self, Malformed};

/// The longest header in bytes. Headers with a certificate chain reach about 6 KiB, and a verifier
/// has no use for a header that long.
const MAX_SIZE: usize = 8 * 1024;

/// The parameters that this library reads.
const KNOWN: [&str; 6] = ["alg", "typ", "kid", "cty", "crit", "b64"];

impl Header {
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
