//! Custom claims: beside the registered ones, or all in one struct, owned or borrowed.
//!
//! ```sh
//! cargo run --example custom_claims
//! ```

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use jwt_ring::{Algorithm, Claims, Clock, Signer, SigningKey, SystemClock, Token, Verifier};
use serde::{Deserialize, Serialize};

/// The custom claims of the application.
#[derive(Debug, Deserialize, Serialize)]
struct App {
    role: String,
    team: String,
}

/// All claims, borrowed from the caller's buffer. A string with escapes needs a `Cow`.
#[derive(Debug, Deserialize)]
struct Borrowed<'a> {
    sub: &'a str,
    role: &'a str,
    #[serde(borrow)]
    team: Cow<'a, str>,
}

/// All claims in one struct, as with other crates.
#[derive(Debug, Deserialize, Serialize)]
struct MyClaims {
    sub: String,
    exp: u64,
    role: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let key = SigningKey::generate(Algorithm::HS256)?;
    let keys = key.verifying_key();
    let signer = Signer::new(key);
    let verifier = Verifier::new();

    let claims = Claims::new(&SystemClock, Duration::from_secs(900)).subject("user-42");
    let app = App {
        role: "admin".into(),
        team: "the \"night\" shift".into(),
    };
    let jwt = signer.sign(&claims.clone().custom(app))?;

    // `Claims<App>`: the registered claims as fields, the others in `custom`.
    let token: Token<Claims<App>> = verifier.verify(&jwt, &keys)?;
    println!("claims:   sub {:?}", token.claims().subject);
    println!("          and {:?}", token.claims().custom);

    // Any other type is read from the whole payload.
    let token: Token<MyClaims> = verifier.verify(&jwt, &keys)?;
    println!("struct:   {:?}", token.claims());

    let mut buffer = Vec::new();
    let token = verifier.verify_borrowed::<Borrowed<'_>>(&jwt, &keys, &mut buffer)?;
    let Borrowed { sub, role, team } = token.claims();
    println!("borrowed: sub {sub:?}, role {role:?}, team {team:?}");

    let token: Token<serde_json::Value> = verifier.verify(&jwt, &keys)?;
    println!("value:    {}", token.claims());

    // Signing such a struct.
    let mine = MyClaims {
        sub: "user-42".into(),
        exp: u64::try_from(SystemClock.now().seconds())? + 900,
        role: "admin".into(),
    };
    let token: Token<MyClaims> = verifier.verify(&signer.sign(&mine)?, &keys)?;
    println!("signed:   {:?}", token.claims());

    // If a payload does not fit, the error names the member and quotes no value.
    let wrong_type = signer.sign(&claims.clone().custom(serde_json::json!({ "role": 7 })))?;
    println!(
        "\nwrong type: {}",
        verifier
            .verify::<Claims<App>>(&wrong_type, &keys)
            .unwrap_err()
    );
    let missing = signer.sign(&claims.clone())?;
    println!(
        "missing:    {}",
        verifier.verify::<Claims<App>>(&missing, &keys).unwrap_err()
    );
    let shadowed = signer.sign(&claims.custom(serde_json::json!({ "iss": "me" })));
    println!("shadowed:   {}", shadowed.unwrap_err());
    Ok(())
}
