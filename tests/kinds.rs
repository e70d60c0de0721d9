//! Every kind of token against every verifier: only the verifier of its kind accepts it (RFC 8725
//! §3.11, §3.12), although all have one issuer and one key.

mod support;

use jwt_ring::oauth::{access_token, id_token};
use jwt_ring::{Algorithm, Claim, SigningKey, Verifier, VerifyError};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

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
    let own = match kind {
        "access" => json!({ "client_id": CLIENT, "scope": "read" }),
        "id" => json!({ "nonce": NONCE }),
        "logout" => {
            json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } })
        }
        "dpop" => json!({ "htm": "GET", "htu": API }),
        _ => json!({}),
    };
    for (name, value) in own.as_object().expect("an object") {
        payload[name] = value.clone();
    }
    let header = format!(r#"{{"alg":"HS256","typ":"{}"}}"#, typ(kind));
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
            .map_verifier(|verifier| verifier.clock(clock()))
            .verify::<Value>(token, keys)
            .map(drop),
        "id" => id_token::Verifier::new(ISSUER, audience)
            .map_verifier(|verifier| verifier.clock(clock()))
            .verify::<Value>(token, keys, Some(NONCE))
            .map(drop),
        "logout" => plain
            .typ("logout+jwt")
            .verify::<Value>(token, keys)
            .map(drop),
        "dpop" => plain.typ("dpop+jwt").verify::<Value>(token, keys).map(drop),
        _ => plain.verify::<Value>(token, keys).map(drop),
    }
}

/// The audience of a kind of token.
fn audience(kind: &str) -> &'static str {
    match kind {
        "id" | "logout" => CLIENT,
        _ => API,
    }
}

/// The `typ` of a kind of token.
fn typ(kind: &str) -> &'static str {
    match kind {
        "access" => "at+jwt",
        "logout" => "logout+jwt",
        "dpop" => "dpop+jwt",
        _ => "JWT",
    }
}

/// What a verifier of another kind rejects first: `typ`, and where that is the same, the claim that
/// differs.
fn rejected(kind: &str, verifier: &str, otherwise: String) -> String {
    match typ(kind) == typ(verifier) {
        true => otherwise,
        false => match verifier {
            "plain" => errors::typ_mismatch(&[]),
            _ => errors::typ_mismatch(&[typ(verifier)]),
        },
    }
}

#[test]
fn each_verifier_accepts_its_kind_only() {
    for kind in KINDS {
        for verifier in KINDS {
            let result = verify(verifier, &token(kind, audience(kind)), audience(verifier));
            let found = result.map_err(|error| errors::text(&error));
            let expected = match audience(verifier) {
                _ if kind == verifier => Ok(()),
                audience => {
                    let otherwise = errors::mismatch(Claim::Audience, &[audience]);
                    Err(rejected(kind, verifier, otherwise))
                }
            };
            assert_eq!(found, expected, "{kind} {verifier}");
        }
    }
}

/// The audience of the API is the id of the client. OpenID Connect defines no `typ` for ID tokens, so a
/// verifier of plain JWTs accepts them; access tokens have their own `typ`.
#[test]
fn typ_distinguishes_kinds_where_the_audience_does_not() {
    for kind in KINDS {
        for verifier in KINDS {
            let result = verify(verifier, &token(kind, CLIENT), CLIENT);
            let found = result.map_err(|error| errors::text(&error));
            let expected = match (kind, verifier) {
                ("id", "plain") => Ok(()),
                _ if kind == verifier => Ok(()),
                _ => Err(rejected(kind, verifier, errors::missing(Claim::Nonce))),
            };
            assert_eq!(found, expected, "{kind} {verifier}");
        }
    }
}
