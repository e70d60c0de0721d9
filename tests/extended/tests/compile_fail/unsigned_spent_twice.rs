//! An `Unsigned` gets one signature.

use jwt_ring::Unsigned;

fn spend(unsigned: Unsigned) {
    let _ = unsigned.attach([0; 64]);
    let _ = unsigned.attach([1; 64]);
}

fn main() {}
