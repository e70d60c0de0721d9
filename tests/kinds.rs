//! Every kind of token against every verifier: only the one it is meant for takes it (RFC 8725
//! §3.11, §3.12), although all are of one issuer and signed with one key.

mod support;

use jwt_ring::{Algorithm, SigningKey, Verifier, VerifyError, access_token, id_token};
use serde_json::{Value, json};
use support::{NOW, clock, forge};

const ISSUER: &str = "https://issuer.example";
const API: &str = "https://api.example";
const CLIENT: &str = "web-shop";
const NONCE: &str = "n-0S6_WzA2Mj";

const KINDS: [&str; 5] = ["plain", "access", "id", "logout", "dpop"];

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn token(kind: &str, audience: &str) -> String {
    let mut payload = json!({
        "iss": ISSUER, "aud": audience, "sub": "user-42", "iat": NOW, "exp": NOW + 60, "jti": "1",
    });
    let (typ, own) = match kind {
        "access" => ("at+jwt", json!({ "client_id": CLIENT, "scope": "read" })),
        "id" => ("JWT", json!({ "nonce": NONCE })),
        "logout" => (
            "logout+jwt",
            json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } }),
        ),
        "dpop" => ("dpop+jwt", json!({ "htm": "GET", "htu": API })),
        _ => ("JWT", json!({})),
    };
    for (name, value) in own.as_object().expect("an object") {
        payload[name] = value.clone();
    }
    let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
    forge(&key(), header, payload.to_string())
}

fn verify(verifier: &str, token: &str, audience: &str) -> Result<(), VerifyError> {
    let keys = &key().verifying_key();
    let plain = Verifier::new()
        .issuer(ISSUER)
        .audience(audience)
        .clock(clock());
    match verifier {
        "access" => access_token::Verifier::new(ISSUER, audience)
            .clock(clock())
            .verify::<()>(token, keys)
            .map(drop),
        "id" => id_token::Verifier::new(ISSUER, audience)
            .clock(clock())
            .verify::<()>(token, keys, Some(NONCE))
            .map(drop),
        "logout" => plain
            .token_type("logout+jwt")
            .verify::<Value>(token, keys)
            .map(drop),
        "dpop" => plain
            .token_type("dpop+jwt")
            .verify::<Value>(token, keys)
            .map(drop),
        _ => plain.verify::<Value>(token, keys).map(drop),
    }
}

/// Whom a kind of token is for.
fn audience(kind: &str) -> &'static str {
    match kind {
        "id" | "logout" => CLIENT,
        _ => API,
    }
}

#[test]
fn only_the_diagonal_passes() {
    for kind in KINDS {
        for verifier in KINDS {
            let result = verify(verifier, &token(kind, audience(kind)), audience(verifier));
            assert_eq!(
                result.is_ok(),
                kind == verifier,
                "{kind} {verifier}: {result:?}"
            );
        }
    }
}

/// An API that calls itself as a client does. OpenID Connect gives ID tokens no type of their own, so
/// a verifier of plain JWTs cannot tell: hence access tokens with theirs.
#[test]
fn types_hold_also_where_audiences_do_not() {
    for kind in KINDS {
        for verifier in KINDS {
            let result = verify(verifier, &token(kind, CLIENT), CLIENT);
            let expected = kind == verifier || (kind, verifier) == ("id", "plain");
            assert_eq!(result.is_ok(), expected, "{kind} {verifier}: {result:?}");
        }
    }
}
