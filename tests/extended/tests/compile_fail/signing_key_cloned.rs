//! A private key is not copied by accident.

use jwt_ring::SigningKey;

fn copy(key: &SigningKey) -> SigningKey {
    key.clone()
}

fn main() {}
