//! The header parameters but `alg`.

mod critical;
mod keys;
mod typ;

use crate::case::Case;

pub(crate) fn cases() -> Vec<Case> {
    [critical::cases(), typ::cases(), keys::cases()].concat()
}
