//! A `Token` has no `Default`.

use jwt_ring::Token;

fn main() {
    let _forged = Token::<()>::default();
}
