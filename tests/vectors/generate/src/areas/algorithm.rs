//! `alg` and the signatures of every algorithm.

use crate::case::Case;

pub(crate) fn cases() -> Vec<Case> {
    Vec::new()
}
