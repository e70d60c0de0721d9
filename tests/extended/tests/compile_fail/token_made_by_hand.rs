//! A `Token` has no public fields or constructor.

use jwt_ring::{Claims, Header, Token};

fn forge(header: Header, claims: Claims) -> Token {
    Token { header, claims }
}

fn main() {}
