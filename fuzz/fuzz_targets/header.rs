//! Any header, signed: read as the naive rules read it, and written as it was read.

#![no_main]

#[path = "../../tests/reference/mod.rs"]
mod reference;

use jwt_ring::{Algorithm, Header, Unsigned, Unverified, Verifier};
use jwt_ring_fuzz::{PUBLIC, forge};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|json: &[u8]| {
    let token = forge(json, "{}");
    if token.len() > 64 * 1024 {
        return;
    }
    let expected = reference::header(json);
    let outcome = Unverified::parse(&token);
    let (alg, typ, kid) = match (&outcome, expected) {
        (Ok(_), Ok(expected)) => expected,
        (outcome, expected) => {
            let code = outcome.as_ref().err().map(jwt_ring::VerifyError::code);
            assert_eq!(code, expected.err().as_deref());
            return;
        }
    };
    let header = outcome.expect("both agree").header().clone();
    assert_eq!(header.algorithm(), alg.parse().expect("both agree"));
    assert_eq!(header.token_type(), typ.as_deref());
    assert_eq!(header.key_id(), kid.as_deref());
    check_written(&header);

    let verifier = Verifier::new().allow_missing_expiry();
    let is_plain = typ.is_none_or(|typ| {
        typ.eq_ignore_ascii_case("jwt") || typ.eq_ignore_ascii_case("application/jwt")
    });
    let is_accepted = verifier.verify::<()>(&token, &PUBLIC[0]).is_ok();
    assert_eq!(
        is_accepted,
        header.algorithm() == Algorithm::HS256 && is_plain
    );
});

fn check_written(header: &Header) {
    match Unsigned::new(header, &serde_json::json!({})) {
        Ok(unsigned) => {
            let message = String::from_utf8(unsigned.message().to_vec()).expect("ASCII");
            let again = format!("{message}.");
            let again = Unverified::parse(&again).expect("what we write, we read");
            assert_eq!(members(again.header()), members(header));
        }
        // `"b64": true` is read over; it is not kept, so nothing reserved is left to refuse.
        Err(error) => panic!("{error}"),
    }
    let value = members(header);
    assert_eq!(value["alg"], header.algorithm().name());
    assert_eq!(value.get("kid").and_then(Value::as_str), header.key_id());
}

/// The header as JSON, without its fractions: serde_json reads some of them one digit off.
fn members(header: &Header) -> Value {
    let mut value = serde_json::to_value(header).expect("JSON");
    drop_fractions(&mut value);
    value
}

fn drop_fractions(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(drop_fractions),
        Value::Object(all) => all.values_mut().for_each(drop_fractions),
        Value::Number(number) if number.is_f64() => *value = Value::Null,
        _ => {}
    }
}
