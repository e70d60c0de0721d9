//! Claims of your own: a struct, owned or borrowed, and one that knows registered claims itself.
//!
//! ```sh
//! cargo run --example custom_claims
//! ```

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use jwt_ring::{Algorithm, Claims, Clock, Signer, SigningKey, SystemClock, Token, Verifier};
use serde::{Deserialize, Serialize};

/// What the application adds to the registered claims.
#[derive(Debug, Deserialize, Serialize)]
struct App {
    role: String,
    team: String,
}

/// The same without copies: the text stays in the caller's buffer, but for what holds escapes.
#[derive(Debug, Deserialize)]
struct Borrowed<'a> {
    role: &'a str,
    #[serde(borrow)]
    team: Cow<'a, str>,
}

/// A struct with registered claims in it, as users of other crates have. It works unchanged.
#[derive(Debug, Deserialize, Serialize)]
struct Classic {
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

    let token: Token<App> = verifier.verify(&jwt, &keys)?;
    println!("owned:    {:?}", token.claims().custom);

    let mut buffer = Vec::new();
    let token = verifier.verify_borrowed::<Borrowed<'_>>(&jwt, &keys, &mut buffer)?;
    let Borrowed { role, team } = &token.claims().custom;
    println!("borrowed: role {role:?}, team {team:?}");

    let token: Token<Classic> = verifier.verify(&jwt, &keys)?;
    println!("classic:  {:?}", token.claims().custom);
    println!("          and beside it {:?}", token.claims().subject);

    // Without a struct: everything that is not a registered claim.
    let token: Token<serde_json::Value> = verifier.verify(&jwt, &keys)?;
    println!("value:    {}", token.claims().custom);

    // Signing a struct of your own as the whole payload.
    let exp = u64::try_from(SystemClock.now().seconds())? + 900;
    let classic = Classic {
        sub: "user-42".into(),
        exp,
        role: "admin".into(),
    };
    let whole = signer.sign(&classic)?;
    let token: Token<Classic> = verifier.verify(&whole, &keys)?;
    println!("whole:    {:?}", token.claims().custom);

    // What does not fit is an error that names the member, and never quotes a value.
    let misfit = signer.sign(&claims.clone().custom(serde_json::json!({ "role": 7 })))?;
    println!(
        "\nmisfit:   {}",
        verifier.verify::<App>(&misfit, &keys).unwrap_err()
    );
    let missing = signer.sign(&claims.clone())?;
    println!(
        "missing:  {}",
        verifier.verify::<App>(&missing, &keys).unwrap_err()
    );
    let shadow = signer.sign(&claims.custom(serde_json::json!({ "iss": "me" })));
    println!("shadow:   {}", shadow.unwrap_err());
    Ok(())
}
