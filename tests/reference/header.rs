//! The rules of headers.

use super::json::Json;
use super::{Members, object};

/// The header parameters that the library reads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) typ: Option<String>,
    pub(crate) kid: Option<String>,
    pub(crate) all: Members,
}

/// Returns the header, or the error code.
pub(crate) fn read(json: &[u8]) -> Result<Header, String> {
    const ALGORITHMS: [&str; 13] = [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
        "ES384", "EdDSA", "Ed25519",
    ];
    if json.len() > 8 * 1024 {
        return Err("malformed_header".into());
    }
    let all = object(json, false).ok_or("malformed_header")?;
    let get = |name: &str| {
        let member = all.iter().find(|(one, _)| one == name);
        member.map(|(_, value)| value)
    };
    let string = |name| match get(name).map(Json::as_text) {
        Some(None) => Err("malformed_header"),
        found => Ok(found.flatten()),
    };
    let alg = string("alg")?.ok_or("malformed_header")?;
    let (typ, kid) = (string("typ")?, string("kid")?);
    string("cty")?;
    if get("crit").is_some() {
        return Err("unsupported_extension crit".into());
    }
    if get("b64").is_some_and(|b64| *b64 != Json::Bool(true)) {
        return Err("unsupported_extension b64".into());
    }
    if !ALGORITHMS.contains(&alg.as_str()) {
        return Err("unsupported_algorithm".into());
    }
    Ok(Header { alg, typ, kid, all })
}

/// Lowers the case and removes `application/` (RFC 7515 §4.1.9).
pub(super) fn media_type(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    match text.strip_prefix("application/") {
        Some(rest) if !rest.contains('/') => rest.to_owned(),
        _ => text,
    }
}
