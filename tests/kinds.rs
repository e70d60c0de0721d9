//! Every kind of token against every verifier: only the verifier of its kind accepts it (RFC 8725
//! §3.11, §3.12), although all have one issuer and one key.

mod support;

use jwt_ring::oauth::{
    access_token, client_assertion, id_token, identity_assertion, logout_token, security_event,
};
use jwt_ring::{Algorithm, Claim, SigningKey, Verifier, VerifyError};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const ISSUER: &str = "https://issuer.example";
const API: &str = "https://api.example";
const CLIENT: &str = "web-shop";
const NONCE: &str = "n-0S6_WzA2Mj";

const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

const KINDS: [&str; 8] = [
    "plain", "access", "id", "logout", "event", "client", "identity", "dpop",
];

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
        "logout" | "event" => json!({ "events": { LOGOUT: {} } }),
        "client" => json!({ "sub": ISSUER }),
        "identity" => json!({ "client_id": CLIENT }),
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
        "logout" => logout_token::Verifier::new(ISSUER, audience)
            .map_verifier(|verifier| verifier.clock(clock()))
            .verify::<Value>(token, keys)
            .map(drop),
        "event" => security_event::Verifier::new(ISSUER, audience)
            .map_verifier(|verifier| verifier.clock(clock()))
            .verify::<Value>(token, keys)
            .map(drop),
        // The issuer is the client as well.
        "client" => client_assertion::Verifier::new(audience)
            .map_verifier(|verifier| verifier.clock(clock()))
            .verify::<Value>(token, ISSUER, keys)
            .map(drop),
        "identity" => identity_assertion::Verifier::new(ISSUER, audience)
            .map_verifier(|verifier| verifier.clock(clock()))
            .verify::<Value>(token, CLIENT, keys)
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
        "event" => "secevent+jwt",
        "client" => "client-authentication+jwt",
        "identity" => "oauth-id-jag+jwt",
        "dpop" => "dpop+jwt",
        _ => "JWT",
    }
}

/// Whether a verifier accepts `JWT`, as its specification requires.
fn allows_typ_jwt(verifier: &str) -> bool {
    ["plain", "id", "logout", "client"].contains(&verifier)
}

/// What a verifier rejects in a token of another kind with a `typ` that it accepts.
fn own_claim(verifier: &str) -> Option<String> {
    match verifier {
        "id" => Some(errors::missing(Claim::Nonce)),
        "logout" => Some(errors::missing(Claim::Events)),
        "client" => Some(errors::mismatch(Claim::Subject, &[ISSUER])),
        // OpenID Connect defines no `typ` for ID tokens, so a verifier of plain JWTs accepts them.
        _ => None,
    }
}

/// The error of a token of a kind, given the audiences of the token and of the verifier.
fn expected(kind: &str, verifier: &str, [found, audience]: [&str; 2]) -> Option<String> {
    if kind == verifier {
        return None;
    }
    if typ(kind) == "JWT" && allows_typ_jwt(verifier) {
        return match found == audience {
            true => own_claim(verifier),
            false => Some(errors::mismatch(Claim::Audience, &[audience])),
        };
    }
    Some(match verifier {
        "plain" => errors::typ_mismatch(&[]),
        "logout" | "client" => errors::typ_mismatch(&[typ(verifier), "JWT"]),
        _ => errors::typ_mismatch(&[typ(verifier)]),
    })
}

#[test]
fn each_verifier_accepts_its_kind_only() {
    for kind in KINDS {
        for verifier in KINDS {
            let audiences = [kind, verifier].map(audience);
            let result = verify(verifier, &token(kind, audiences[0]), audiences[1]);
            let found = result.err().map(|error| errors::text(&error));
            let expected = expected(kind, verifier, audiences);
            assert_eq!(found, expected, "{kind} {verifier}");
        }
    }
}

/// The audience of the API is the id of the client.
#[test]
fn typ_distinguishes_kinds_where_the_audience_does_not() {
    for kind in KINDS {
        for verifier in KINDS {
            let result = verify(verifier, &token(kind, CLIENT), CLIENT);
            let found = result.err().map(|error| errors::text(&error));
            let expected = expected(kind, verifier, [CLIENT; 2]);
            assert_eq!(found, expected, "{kind} {verifier}");
        }
    }
}
