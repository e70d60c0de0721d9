//! There is no `Token` without a token.

use jwt_ring::Token;

fn main() {
    let _forged = Token::<()>::default();
}
