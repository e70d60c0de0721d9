//! A key that verifies does not sign.

use jwt_ring::{Signer, SigningKey, VerifyingKey};

fn mint(key: VerifyingKey) -> Signer {
    // Named, because the compiler's words about `impl Into` list whatever else is in the tree.
    let key: SigningKey = key;
    Signer::new(key)
}

fn main() {}
