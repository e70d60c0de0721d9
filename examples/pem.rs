//! Keys from the PEM files that openssl writes: ES256 and RS256.
//!
//! ```sh
//! cargo run --example pem
//! ```

use std::error::Error;
use std::fs;
use std::time::Duration;

use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Token, Verifier, VerifyingKey};

fn main() -> Result<(), Box<dyn Error>> {
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/keys");
    let read = |name: &str| fs::read(format!("{keys}/{name}"));

    for (algorithm, name) in [(Algorithm::ES256, "es256"), (Algorithm::RS256, "rs256")] {
        // The issuer loads the private key. Its thumbprint serves as its id.
        let private = SigningKey::from_pem(algorithm, read(&format!("{name}.pem"))?)?;
        let signer = Signer::new(private.with_thumbprint_id()?);
        let claims = Claims::new(&SystemClock, Duration::from_secs(900)).subject("user-42");
        let jwt = signer.sign(&claims)?;

        // The service loads the public one.
        let public = VerifyingKey::from_pem(algorithm, read(&format!("{name}.public.pem"))?)?;
        let token: Token = Verifier::new().verify(&jwt, &public)?;

        println!(
            "{algorithm}: a token of {} characters, signed by {name}.pem",
            jwt.len()
        );
        println!("       verified with {name}.public.pem");
        println!("       kid {}", token.header().key_id().unwrap_or("none"));
        println!(
            "       sub {}",
            token.claims().subject.as_deref().unwrap_or("none")
        );
    }

    // A key that does not fit the algorithm is rejected when it is loaded.
    println!("\nKeys that do not fit are rejected when they are loaded:");
    for (algorithm, name) in [
        (Algorithm::RS256, "es256.pem"),
        (Algorithm::ES384, "es256.pem"),
        (Algorithm::ES256, "es256.public.pem"),
        (Algorithm::ES256, "README.md"),
    ] {
        match SigningKey::from_pem(algorithm, read(name)?) {
            Ok(_) => println!("  {name} for {algorithm}: loaded, which must not happen"),
            Err(error) => println!("  {name} for {algorithm}: {error}"),
        }
    }
    // A public key as an HMAC secret would let everyone who has it sign (CVE-2022-29217).
    if let Err(error) = SigningKey::from_secret(Algorithm::HS256, read("es256.public.pem")?) {
        println!("  es256.public.pem as a secret for HS256: {error}");
    }
    Ok(())
}
