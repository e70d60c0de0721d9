//! Signs a token, verifies it, and rejects an expired, a forged and an unsigned one.
//!
//! ```sh
//! cargo run --example hello
//! ```

use std::error::Error;
use std::time::Duration;

use jwt_ring::{Algorithm, Claims, FixedClock, Signer, SigningKey, SystemClock, Token, Verifier};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
struct App {
    role: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    // The issuer has the private key, the services have the public one. The `pem` example loads
    // keys from files.
    let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
    let keys = key.verifying_key();
    let signer = Signer::new(key);

    let claims = Claims::new(&SystemClock, Duration::from_secs(900))
        .issuer("https://issuer.example")
        .audience("https://api.example")
        .subject("user-42")
        .custom(App {
            role: "admin".into(),
        });
    let jwt = signer.sign(&claims)?;
    println!("a token:   {jwt}\n");

    // The policy of the service: what a token must be.
    let verifier = Verifier::new()
        .issuer("https://issuer.example")
        .audience("https://api.example");
    // A `Token` is made by verification only.
    let token: Token<Claims<App>> = verifier.verify(&jwt, &keys)?;
    let (header, claims) = (token.header(), token.claims());
    println!(
        "verified:  signed with {}, key {:?}",
        header.algorithm(),
        header.key_id()
    );
    println!(
        "           issuer  {}",
        claims.issuer.as_deref().unwrap_or("none")
    );
    println!(
        "           subject {}",
        claims.subject.as_deref().unwrap_or("none")
    );
    println!("           role    {}", claims.custom.role);
    if let Some(expiration) = claims.expiration {
        println!("           until   {expiration}\n");
    }

    // The same token when it has expired: the clock is part of the policy.
    let clock = FixedClock::at(std::time::SystemTime::now());
    clock.advance(Duration::from_secs(901));
    let expired = verifier
        .clone()
        .clock(clock)
        .verify::<Claims<App>>(&jwt, &keys);
    report("expired", expired);

    // The same token with another subject than "user-42": the signature is invalid.
    let forged = forge(&jwt);
    report("forged", verifier.verify::<Claims<App>>(&forged, &keys));

    // A token without a signature, by `alg: none`, which is not supported.
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyLTQyIn0.";
    report("unsigned", verifier.verify::<Claims<App>>(unsigned, &keys));
    Ok(())
}

/// Changes one character of the payload.
fn forge(jwt: &str) -> String {
    let payload = jwt.find('.').map_or(0, |dot| dot + 20);
    let (before, after) = jwt.split_at(payload);
    let changed = if after.starts_with('A') { "B" } else { "A" };
    format!("{before}{changed}{}", &after[1..])
}

fn report(what: &str, outcome: Result<Token<Claims<App>>, jwt_ring::VerifyError>) {
    match outcome {
        Ok(_) => println!("{what}: accepted, which must not happen"),
        Err(error) => println!(
            "{:10} rejected: {error} ({})",
            format!("{what}:"),
            error.code()
        ),
    }
}
