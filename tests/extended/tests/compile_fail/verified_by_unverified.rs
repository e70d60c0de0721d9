//! What a stranger sent is no evidence.

use jwt_ring::{Token, Unverified};

fn trust(jwt: &str) -> Token {
    Unverified::parse(jwt).unwrap()
}

fn main() {}
