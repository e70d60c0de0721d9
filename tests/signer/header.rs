//! Header parameters.

use jwt_ring::{Algorithm, Claims, Header, SignError, Signer, Unsigned, Unverified};
use serde_json::{Value, json};

use crate::support;
use crate::{TOO_DEEP, TOO_LONG, header_of, key, nested, signer, verifier};

#[test]
fn the_header_has_the_parameters_that_were_set() {
    let signer = Signer::new(key().with_id("a \"kid\""));
    let header = |signer: &Signer| header_of(&signer.sign(&json!({})).expect("a token"));
    assert_eq!(
        header(&signer),
        r#"{"alg":"HS256","typ":"JWT","kid":"a \"kid\""}"#
    );
    let signer = signer
        .header_parameter("x", 1)
        .typ("first")
        .header_parameter("jwk", json!({ "kty": "EC" }))
        .header_parameter("cty", "json")
        .typ("at+jwt")
        .header_parameter("x", json!([null]));
    // The last value of a parameter counts. The order of the others is that of serde_json's map.
    let others = json!({ "x": [null], "jwk": { "kty": "EC" }, "cty": "json" }).to_string();
    let known = r#"{"alg":"HS256","typ":"at+jwt","kid":"a \"kid\"""#;
    let expected = format!("{known},{}", &others[1..]);
    assert_eq!(header(&signer), expected);
    let token = signer.sign(&json!({})).expect("a token");
    let token = verifier()
        .typ("at+jwt")
        .verify::<Claims>(&token, &key().verifying_key());
    let token = token.expect("a valid token");
    assert_eq!(token.header().parameter("x"), Some(json!([null])));
    assert_eq!(
        token.header().parameter("jwk"),
        Some(json!({ "kty": "EC" }))
    );
    assert_eq!(token.header().parameter("alg"), Some(json!("HS256")));
    assert_eq!(token.header().parameter("typ"), Some(json!("at+jwt")));
    assert_eq!(token.header().parameter("kid"), Some(json!("a \"kid\"")));
    assert_eq!(token.header().parameter("absent"), None);

    let made = Header::new(Algorithm::HS256)
        .with_typ("x+jwt")
        .with_key_id("k");
    let made = made
        .with_parameter("nonce", "n")
        .with_parameter("nonce", "m");
    let text = r#"{"alg":"HS256","typ":"x+jwt","kid":"k","nonce":"m"}"#;
    assert_eq!(serde_json::to_string(&made).ok().as_deref(), Some(text));
    assert_eq!(made.parameter("nonce"), Some(json!("m")));
    assert_eq!(
        (made.parameter("alg"), made.typ()),
        (Some(json!("HS256")), Some("x+jwt"))
    );
    let unsigned = Unsigned::new(&made, &json!({})).expect("an unsigned token");
    let segments = str::from_utf8(unsigned.signing_input()).expect("text");
    assert_eq!(header_of(segments), text);
}

/// Signs with a header parameter, through `Signer` and `Unsigned`.
fn with_parameter(name: &str, value: Value) -> Result<String, SignError> {
    let header = Header::new(Algorithm::HS256).with_parameter(name, value.clone());
    let unsigned = Unsigned::new(&header, &json!({})).map(drop);
    let signer = signer().header_parameter(name, value);
    let mut text = "Bearer ".to_owned();
    let result = signer.sign_into(&json!({}), &mut text);
    assert_eq!(unsigned.err(), result.clone().err());
    result
        .map(|()| text["Bearer ".len()..].to_owned())
        .inspect_err(|_| {
            assert_eq!(text, "Bearer ");
        })
}

fn malformed_header(reason: &str) -> String {
    format!("MalformedHeader {{ reason: {reason:?} }}")
}

#[test]
fn a_received_header_can_be_signed_again() {
    let received = r#"{"\u0061lg":"HS256","kid":"\u006b","b64":true,"x":[1],"y":1e400}"#;
    let token = support::forge(&key(), received, "{}");
    let token = verifier().verify::<Claims>(&token, &key().verifying_key());
    let header = token.expect("a valid token").header().clone();
    // A number that serde_json cannot hold. With `arbitrary_precision` it holds all.
    let unchanged = Unsigned::new(&header, &json!({})).map(drop);
    match serde_json::from_str::<Value>("1e400") {
        Ok(_) => assert_eq!(unchanged, Ok(())),
        Err(_) => {
            let error = unchanged.expect_err("a parameter would be lost");
            let reason = "has a parameter that serde_json cannot hold";
            assert_eq!(format!("{error:?}"), malformed_header(reason));
        }
    }
    let header = header
        .with_parameter("x", 2)
        .with_parameter("y", 4)
        .with_parameter("z", 3)
        .with_typ("JWT");
    let unsigned = Unsigned::new(&header, &json!({})).expect("an unsigned token");
    let signature = key().sign(unsigned.signing_input()).expect("a signature");
    let token = unsigned.with_signature(&signature).expect("a token");
    verifier()
        .verify::<Claims>(&token, &key().verifying_key())
        .expect("a valid token");
    let known = r#"{"alg":"HS256","typ":"JWT","kid":"k""#;
    let expected = format!(r#"{known},"b64":true,"x":2,"y":4,"z":3}}"#);
    assert_eq!(header_of(&token), expected);
}

#[test]
fn a_reserved_or_malformed_parameter_is_not_signed() {
    let error = |name: &str, value| {
        let error = with_parameter(name, value).expect_err("an invalid parameter");
        format!("{error:?}")
    };
    for name in ["alg", "typ", "kid", "crit", "b64"] {
        for value in [json!("HS256"), json!(true), json!(["exp"])] {
            assert_eq!(error(name, value), format!("ReservedParameter({name:?})"));
        }
    }
    for cty in ["JWT", "jwt", "application/jwt"] {
        let nested = malformed_header("says that the payload is a token");
        assert_eq!(error("cty", json!(cty)), nested);
    }
    let not_a_string = malformed_header("has a `cty` that is not a string");
    assert_eq!(error("cty", json!(1)), not_a_string);
    assert_eq!(error("x", nested(127, false)), malformed_header(TOO_DEEP));
    assert_eq!(error("x", nested(127, true)), malformed_header(TOO_DEEP));

    for (name, value) in [
        ("ALG", json!("none")),
        ("cty", json!("json")),
        ("", json!(null)),
        ("x5c", json!(["MIIB"])),
        ("$serde_json::private::RawValue", json!("7")),
        ("x", nested(126, false)),
        ("x", nested(126, true)),
    ] {
        let token = with_parameter(name, value).expect(name);
        let verified = verifier().verify::<Claims>(&token, &key().verifying_key());
        verified.expect("a valid token");
    }
    // A reserved parameter stays an error if more is set afterwards.
    let signer = signer().header_parameter("crit", json!([])).typ("at+jwt");
    let expected = SignError::ReservedParameter("crit".into());
    assert_eq!(signer.sign(&json!({})), Err(expected));
}

#[test]
fn a_header_longer_than_8_kib_is_not_signed() {
    let verify = |token: &str| {
        verifier()
            .typ("JWT")
            .verify::<Claims>(token, &key().verifying_key())
    };
    let empty = r#"{"alg":"HS256","typ":"JWT","x":""}"#.len();
    let fits = "x".repeat(8 * 1024 - empty);
    let token = with_parameter("x", json!(fits)).expect("8 KiB");
    assert_eq!(header_of(&token).len(), 8 * 1024);
    verify(&token).expect("a valid token");
    let error = with_parameter("x", json!(fits + "x")).expect_err("more than 8 KiB");
    assert_eq!(format!("{error:?}"), malformed_header(TOO_LONG));

    // Also through the id of the key, and `typ`.
    let empty = r#"{"alg":"HS256","typ":"JWT","kid":""}"#.len();
    let id = "k".repeat(8 * 1024 - empty);
    let token = Signer::new(key().with_id(&*id))
        .sign(&json!({}))
        .expect("8 KiB");
    verify(&token).expect("a valid token");
    let long = Signer::new(key().with_id(id + "k"));
    let long_typ = signer().typ("t".repeat(8 * 1024));
    for signer in [&long, &long_typ] {
        let error = signer.sign(&json!({})).expect_err("more than 8 KiB");
        assert_eq!(format!("{error:?}"), malformed_header(TOO_LONG));
    }
    // The header is made anew by each call.
    long_typ
        .typ("JWT")
        .sign(&json!({}))
        .expect("a short header");
}

/// Headers are compared and shown by what serde_json holds. If it cannot hold a parameter, they are compared
/// by their text, and the parameters are left out of `Debug`. It holds any number if another crate turns on
/// `arbitrary_precision`.
#[test]
fn a_header_that_serde_json_cannot_hold_is_compared_by_its_text() {
    let header = |text: &str| {
        let token = support::forge(&key(), text, "{}");
        Unverified::parse(&token)
            .expect("a header")
            .header()
            .clone()
    };
    let held = |order: &str| header(&format!(r#"{{"alg":"HS256",{order}}}"#));
    let (one, other) = (held(r#""x":1,"y":2"#), held(r#""y":2,"x":1"#));
    assert_eq!(one, other);
    assert!(format!("{one:?}").contains(r#""x": Number(1)"#), "{one:?}");
    let (one, other) = (held(r#""x":1e400,"y":2"#), held(r#""y":2,"x":1e400"#));
    let is_held = serde_json::from_str::<Value>("1e400").is_ok();
    assert_eq!(one, one.clone());
    assert_eq!(one == other, is_held);
    let debug = format!("{one:?}");
    assert_eq!(debug.ends_with("key_id: None, .. }"), !is_held, "{debug}");
}
