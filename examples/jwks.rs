//! A provider's keys: publish them, verify by `kid`, rotate.
//!
//! ```sh
//! cargo run --example jwks
//! ```

use std::error::Error;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, KeySet, Signer, SigningKey, SystemClock, Token, Verifier, VerifyError,
};

fn main() -> Result<(), Box<dyn Error>> {
    let november = signer("2026-11")?;
    let december = signer("2026-12")?;
    let verifier = Verifier::new().issuer("https://issuer.example");

    // November: the issuer signs with one key and publishes the next one.
    let published = publish(&[&november, &december])?;
    println!("published at the jwks_uri:\n{published}\n");

    // The service fetches the document with any HTTP client and parses it.
    let keys = KeySet::from_json(&published)?;
    let old_token = sign(&november)?;
    report(
        "November's token, November's keys",
        verifier.verify(&old_token, &keys),
    );

    // December: the issuer signs with the next key, which all services have fetched by now.
    let new_token = sign(&december)?;
    report(
        "December's token, November's keys",
        verifier.verify(&new_token, &keys),
    );

    // January: the old key is removed from the set, and its tokens are rejected.
    let keys = KeySet::from_json(publish(&[&december])?)?;
    report(
        "November's token, December's keys",
        verifier.verify(&old_token, &keys),
    );

    // An unsupported key, or one that is not for signatures, does not affect the others.
    let mixed = published.replace(
        r#"{"keys":["#,
        r#"{"keys":[{"kty":"AKP","alg":"ML-DSA-44","kid":"pq"},{"kty":"RSA","use":"enc","n":"","e":""},"#,
    );
    let keys = KeySet::from_json(&mixed)?;
    println!("\n{} keys work; left out:", keys.len());
    for ignored in keys.ignored() {
        let name = ignored.key_id.as_deref().unwrap_or("without kid");
        println!("  number {} ({name}): {}", ignored.index, ignored.error);
    }
    report(
        "November's token, mixed keys",
        verifier.verify(&old_token, &keys),
    );
    Ok(())
}

fn signer(id: &str) -> Result<Signer, Box<dyn Error>> {
    Ok(Signer::new(
        SigningKey::generate(Algorithm::ES256)?.with_id(id),
    ))
}

fn publish(signers: &[&Signer]) -> serde_json::Result<String> {
    let keys: KeySet = signers
        .iter()
        .map(|signer| signer.key().verifying_key())
        .collect();
    serde_json::to_string(&keys)
}

fn sign(signer: &Signer) -> Result<String, Box<dyn Error>> {
    let claims = Claims::new(&SystemClock, Duration::from_secs(900))
        .issuer("https://issuer.example")
        .subject("user-42");
    Ok(signer.sign(&claims)?)
}

fn report(what: &str, outcome: Result<Token, VerifyError>) {
    match outcome {
        Ok(token) => println!(
            "{what}: verified by {:?}",
            token.header().key_id().unwrap_or("?")
        ),
        Err(error) => println!("{what}: rejected: {error}"),
    }
}
