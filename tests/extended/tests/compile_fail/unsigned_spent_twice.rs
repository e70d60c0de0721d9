//! An `Unsigned` takes one signature.

use jwt_ring::{Signature, Unsigned};

fn complete(unsigned: Unsigned, signature: &Signature) {
    let _ = unsigned.with_signature(signature);
    let _ = unsigned.with_signature(signature);
}

fn main() {}
