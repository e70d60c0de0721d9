//! The claim `events` of security event tokens (RFC 8417 §2.2), and other claims that are objects.

use serde_json::{Map, Value};

use crate::claim::Claim;
use crate::claims::Payload;
use crate::error::VerifyError;
use crate::json::{self, Malformed};
use crate::oauth::one_time::mismatch;

/// Checks that `events` is an object of objects, not empty and without duplicate names, and shows the
/// name of each event to `visit`.
pub(super) fn check_events(
    payload: &Payload<'_>,
    visit: &mut dyn FnMut(&str),
) -> Result<(), VerifyError> {
    let claim = Claim::Events;
    payload.check_type(claim)?;
    let value = payload.get(claim).ok_or(VerifyError::Missing(claim))?;
    let (mut is_empty, mut are_objects) = (true, true);
    let event = &mut |name: &str, event: json::Value<'_>| {
        is_empty = false;
        are_objects &= event.is_object();
        visit(name);
    };
    json::object(value.text(), event).map_err(malformed)?;
    match (is_empty, are_objects) {
        (true, _) => Err(mismatch(claim, &[])),
        (_, false) => Err(VerifyError::WrongType(claim)),
        _ => Ok(()),
    }
}

/// Reads a claim that is an object without duplicate names, if it is present.
pub(super) fn object(
    payload: &Payload<'_>,
    claim: Claim,
) -> Result<Option<Map<String, Value>>, VerifyError> {
    payload.check_type(claim)?;
    let Some(value) = payload.get(claim) else {
        return Ok(None);
    };
    json::object(value.text(), &mut |_, _| ()).map_err(malformed)?;
    match value.parse() {
        Some(Value::Object(members)) => Ok(Some(members)),
        _ => Err(VerifyError::WrongType(claim)),
    }
}

fn malformed(Malformed(reason): Malformed) -> VerifyError {
    VerifyError::MalformedPayload { reason }
}
