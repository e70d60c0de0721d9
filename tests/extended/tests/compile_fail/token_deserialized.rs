//! A `Token` does not come out of JSON.

use jwt_ring::Token;

fn main() {
    let _forged: Token = serde_json::from_str("{}").unwrap();
}
