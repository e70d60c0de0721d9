//! A `Token` has no `Deserialize`.

use jwt_ring::Token;

fn main() {
    let _forged: Token = serde_json::from_str("{}").unwrap();
}
