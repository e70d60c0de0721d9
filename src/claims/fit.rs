//! Reads a payload that was checked into the caller's type.

use serde::de::Deserialize;

use super::read::DECLARES_KNOWN;
use crate::error::VerifyError;
use crate::json;

/// Reads a payload into the caller's type, as serde_json reads it.
pub(crate) fn fit<'t, C: Deserialize<'t>>(text: &'t str) -> Result<C, VerifyError> {
    // From a `str` serde_json reads the keys of a map as `bool` from the second byte on, and panics
    // if that is within a character. From bytes, which it checks again, it is slower.
    let result = if text.is_ascii() {
        serde_json::from_str(text)
    } else {
        serde_json::from_slice(text.as_bytes())
    };
    result.map_err(|error| misfit(text, &error))
}

/// Says which member does not fit. The words of serde_json are dropped, because they quote values.
fn misfit(text: &str, error: &serde_json::Error) -> VerifyError {
    let message = error.to_string();
    let (member, problem) = if message.starts_with(DECLARES_KNOWN) {
        (None, DECLARES_KNOWN)
    } else if let Some(member) = member_at(text, offset(text, error)) {
        (Some(member), "does not fit the type asked for")
    } else if message.starts_with("invalid type: map, expected unit") {
        let problem = "does not fit `()`: name `Claims` for a token without custom claims";
        (None, problem)
    } else if let Some(field) = missing_field(&message) {
        let problem = "is missing, and the type asked for requires it";
        (Some(field.to_owned()), problem)
    } else {
        (None, "does not fit the type asked for")
    };
    VerifyError::CustomClaims { member, problem }
}

/// Returns the number of bytes that serde_json had read.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive('\n');
    let before: usize = lines
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    before + error.column()
}

/// Returns the name of the member that holds the byte before `offset`, in its name or value.
fn member_at(text: &str, offset: usize) -> Option<String> {
    // serde_json reads the space after a value before it reports an error of the type.
    let read = text.get(..offset)?.trim_ascii_end();
    if matches!(read.trim_ascii_start(), "" | "{") {
        return None;
    }
    let offset = read.len();
    let mut found = None;
    let scanned = json::object(text, &mut |name, value| {
        if found.is_none() && offset <= value.range().end {
            found = Some(name.to_owned());
        }
    });
    scanned.ok()?;
    found
}

/// Returns the field from the sentence with which serde reports that one is missing. Only the name
/// in our error depends on the sentence.
fn missing_field(message: &str) -> Option<&str> {
    let (field, _) = message.strip_prefix("missing field `")?.split_once('`')?;
    Some(field)
}
