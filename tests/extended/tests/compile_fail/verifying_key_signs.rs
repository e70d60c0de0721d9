//! A `VerifyingKey` does not sign.

use jwt_ring::{Signer, SigningKey, VerifyingKey};

fn mint(key: VerifyingKey) -> Signer {
    // Through a `let`, because the error about `impl Into` depends on the other crates in the build.
    let key: SigningKey = key;
    Signer::new(key)
}

fn main() {}
