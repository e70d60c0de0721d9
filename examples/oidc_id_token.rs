//! An ID token, which tells the client who signed in: `cargo run --example oidc_id_token`.

use std::time::Duration;

use jwt_ring::id_token::{IdToken, Verifier, access_token_hash};
use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock};
use serde::{Deserialize, Serialize};

/// What the client wants to know of the user.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
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
        let mut custom = IdToken::<Profile>::default();
        custom.nonce = nonce.map(str::to_owned);
        custom.at_hash = Some(access_token_hash(Algorithm::ES256, access_token));
        custom.own.name = "Alice".into();
        custom.own.email = "alice@example.com".into();
        let claims = Claims::new(&SystemClock, Duration::from_secs(300))
            .issuer("https://issuer.example")
            .subject("user-42")
            .audience("web-shop")
            .custom(custom);
        signer.sign(&claims)
    };

    // The client, which sent this nonce along with its request.
    let nonce = "n-0S6_WzA2Mj";
    let verifier = Verifier::new("https://issuer.example", "web-shop");
    let jwt = sign(Some(nonce))?;
    let first = verifier.verify::<Profile>(&jwt, &keys, Some(nonce))?;
    verifier.check_access_token(&first, access_token)?;
    let profile = &first.claims().custom.own;
    println!("{} <{}> signed in", profile.name, profile.email);

    let error = verifier
        .verify::<Profile>(&jwt, &keys, Some("another"))
        .expect_err("an answer to somebody else's request");
    println!("in answer to another request: {error}");

    // Later, with a refresh.
    let jwt = sign(None)?;
    verifier.verify_refreshed::<Profile, _>(&jwt, &keys, &first)?;
    println!("still the same user after a refresh");
    Ok(())
}
