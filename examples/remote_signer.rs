//! Signing with a private key in a KMS, an HSM, or another process.
//!
//! ```sh
//! cargo run --example remote_signer
//! ```

use std::error::Error;
use std::num::TryFromIntError;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, Header, Signature, SigningKey, SystemClock, Token, Unsigned, Verifier,
};

/// A substitute for a cloud KMS, which returns ECDSA signatures in DER.
struct Kms(SigningKey);

impl Kms {
    const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/2026-11";

    async fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
        let raw = self.0.sign(signing_input)?;
        let (r, s) = raw.as_ref().split_at(32);
        Ok(der(0x30, &[der_integer(r)?, der_integer(s)?].concat())?)
    }
}

fn der_integer(number: &[u8]) -> Result<Vec<u8>, TryFromIntError> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros..];
    let sign = digits.first().is_none_or(|byte| *byte >= 0x80);
    der(0x02, &[&[0][..usize::from(sign)], digits].concat())
}

fn der(tag: u8, contents: &[u8]) -> Result<Vec<u8>, TryFromIntError> {
    Ok([&[tag, contents.len().try_into()?], contents].concat())
}

/// The library writes the signing input, the caller waits for the signature, and the library
/// completes the token. It needs no trait and no runtime.
async fn sign(kms: &Kms) -> Result<String, Box<dyn Error>> {
    let header = Header::new(Algorithm::ES256).with_key_id(Kms::KEY);
    let claims = Claims::new(&SystemClock, Duration::from_secs(900)).subject("user-42");
    let unsigned = Unsigned::new(&header, &claims)?;
    println!(
        "sent to the KMS:   {} bytes",
        unsigned.signing_input().len()
    );

    let der = kms.sign(unsigned.signing_input()).await?;
    println!("answered in DER:   {} bytes", der.len());

    let signature = Signature::from_der(Algorithm::ES256, der)?;
    println!("raw for the token: {} bytes", signature.as_ref().len());
    Ok(unsigned.with_signature(&signature)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let key = SigningKey::generate(Algorithm::ES256)?;
    let keys = key.verifying_key();
    let kms = Kms(key);

    let jwt = block_on(sign(&kms))?;
    let token: Token = Verifier::new().verify(&jwt, &keys)?;
    println!(
        "verified:          kid {}",
        token.header().key_id().unwrap_or("none")
    );

    // A signature that was not converted is an error, not a token that every verifier rejects.
    let header = Header::new(Algorithm::ES256);
    let unsigned = Unsigned::new(&header, &serde_json::json!({}))?;
    let der = block_on(kms.sign(unsigned.signing_input()))?;
    let unconverted = Signature::from_bytes(Algorithm::ES256, der).unwrap_err();
    println!("\nDER, unconverted:  {unconverted}");
    Ok(())
}

/// A runtime does this.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
