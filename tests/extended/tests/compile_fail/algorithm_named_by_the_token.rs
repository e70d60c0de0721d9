//! A verifier takes no algorithm from the token.

use jwt_ring::{Claims, Unverified, Verifier, VerifyingKey};

fn confuse(jwt: &str, key: &VerifyingKey) {
    let algorithm = Unverified::parse(jwt).unwrap().header().algorithm();
    let _ = Verifier::new().verify::<Claims>(jwt, key, algorithm);
}

fn main() {}
