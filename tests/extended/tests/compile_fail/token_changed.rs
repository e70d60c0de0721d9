//! The claims of a `Token` cannot be changed.

use jwt_ring::Token;

fn promote(token: &mut Token) {
    token.claims().subject = Some("root".into());
}

fn main() {}
