//! Verifying an ID token at the client: `cargo run --example oidc_id_token`.

use std::time::Duration;

use jwt_ring::oauth::id_token::{IdTokenClaims, Verifier, access_token_hash};
use jwt_ring::{Algorithm, Clock, NumericDate, Signer, SigningKey, SystemClock};
use serde::{Deserialize, Serialize};

/// The claims about the user that the client needs.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Profile {
    name: String,
    email: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The provider, after the user signed in.
    let key = SigningKey::generate(Algorithm::ES256)?.with_thumbprint_id()?;
    let keys = key.verifying_key();
    let signer = Signer::new(key);
    let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    let sign = |nonce: Option<&str>| {
        let now = NumericDate::from_seconds(SystemClock.now().seconds());
        let mut claims = IdTokenClaims::new(
            "https://issuer.example",
            "user-42",
            "web-shop",
            now,
            now.saturating_add(Duration::from_secs(300)),
        );
        claims.nonce = nonce.map(str::to_owned);
        claims.access_token_hash = Some(access_token_hash(Algorithm::ES256, access_token));
        signer.sign(&claims.custom(Profile {
            name: "Alice".into(),
            email: "alice@example.com".into(),
        }))
    };

    // The client, which sent this nonce along with its request.
    let nonce = "n-0S6_WzA2Mj";
    let verifier = Verifier::new("https://issuer.example", "web-shop");
    let jwt = sign(Some(nonce))?;
    let first = verifier.verify::<IdTokenClaims<Profile>>(&jwt, &keys, Some(nonce))?;
    verifier.check_access_token(&first, access_token)?;
    let profile = &first.claims().custom;
    println!("{} <{}> signed in", profile.name, profile.email);

    let error = verifier
        .verify::<IdTokenClaims>(&jwt, &keys, Some("another"))
        .expect_err("a token for another request");
    println!("in answer to another request: {error}");

    // Later, with a refresh.
    let jwt = sign(None)?;
    verifier.verify_refreshed::<IdTokenClaims, _>(&jwt, &keys, first.claims())?;
    println!("still the same user after a refresh");
    Ok(())
}
