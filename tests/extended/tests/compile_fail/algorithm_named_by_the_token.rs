//! No token chooses the algorithm that it is verified with.

use jwt_ring::{Unverified, Verifier, VerifyingKey};

fn confuse(jwt: &str, key: &VerifyingKey) {
    let algorithm = Unverified::parse(jwt).unwrap().header().algorithm();
    let _ = Verifier::new().verify::<()>(jwt, key, algorithm);
}

fn main() {}
