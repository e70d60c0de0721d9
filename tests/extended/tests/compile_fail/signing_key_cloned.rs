//! A `SigningKey` is not `Clone`.

use jwt_ring::SigningKey;

fn copy(key: &SigningKey) -> SigningKey {
    key.clone()
}

fn main() {}
