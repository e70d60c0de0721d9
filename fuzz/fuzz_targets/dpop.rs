//! Any header and payload of a proof, signed by the key in it: it is accepted only if it satisfies the
//! rules of RFC 9449, as serde_json reads it.

#![no_main]

use jwt_ring::oauth::dpop::{ProofVerifier, Request};
use jwt_ring::{Algorithm, FixedClock, NumericDate};
use jwt_ring_fuzz::{KEYS, forge_with};
use libfuzzer_sys::{arbitrary, fuzz_target};
use serde_json::Value;

#[derive(arbitrary::Arbitrary, Debug)]
struct Input<'a> {
    typ: Option<&'a str>,
    htm: Option<&'a str>,
    htu: Option<&'a str>,
    jti: &'a str,
    iat: i8,
    /// Text between the members of the payload.
    extra: &'a str,
    uri: &'a str,
}

const NOW: i64 = 1_000;

fuzz_target!(|input: Input<'_>| {
    let [.., key] = &*KEYS;
    let text = |value: &str| serde_json::to_string(value).expect("a string");
    let header = format!(
        r#"{{"alg":"EdDSA","typ":{},"jwk":{}}}"#,
        text(input.typ.unwrap_or("dpop+jwt")),
        serde_json::to_string(&key.verifying_key()).expect("a JWK"),
    );
    let payload = format!(
        r#"{{"htm":{},"htu":{},"jti":{},"iat":{}{}}}"#,
        text(input.htm.unwrap_or("GET")),
        text(input.htu.unwrap_or(input.uri)),
        text(input.jti),
        NOW + i64::from(input.iat),
        input.extra,
    );
    let proof = forge_with(key, &header, &payload);

    let proofs = ProofVerifier::new().clock(FixedClock::at(NumericDate::from_seconds(NOW)));
    let request = Request::new("GET", input.uri).dpop([&proof]);
    let Ok(verified) = proofs.verify(&request) else {
        return;
    };
    let expiration = verified.replay_key().expiration().seconds();
    let verified = verified.without_replay_check();
    assert_eq!(verified.algorithm, Algorithm::EdDSA);
    assert_eq!(Ok(verified.thumbprint), key.verifying_key().thumbprint());

    let header: Value = serde_json::from_str(&header).expect("JSON");
    let typ = header["typ"].as_str().expect("a typ").to_ascii_lowercase();
    assert!(typ == "dpop+jwt" || typ == "application/dpop+jwt", "{typ}");
    let payload: Value = serde_json::from_str(&payload).expect("JSON");
    assert_eq!(payload["htm"], "GET");
    assert_eq!(payload["jti"], *verified.jwt_id);
    assert!((1..=256).contains(&verified.jwt_id.len()));
    let issued_at = payload["iat"].as_f64().expect("a number");
    assert!((issued_at - NOW as f64).abs() <= 60.0);
    assert!(expiration as f64 > issued_at + 60.0);
    if input.htu.is_none() {
        assert!(input.uri.contains("://"));
    }
});
