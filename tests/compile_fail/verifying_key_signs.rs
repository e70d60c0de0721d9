//! A key that verifies does not sign.

use jwt_ring::{Signer, VerifyingKey};

fn mint(key: VerifyingKey) -> Signer {
    Signer::new(key)
}

fn main() {}
