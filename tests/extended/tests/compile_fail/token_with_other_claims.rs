//! The claims of a `Token` cannot be replaced.

use jwt_ring::{Claims, Token};

fn forge(token: Token, claims: Claims) -> Token {
    Token { claims, ..token }
}

fn main() {}
