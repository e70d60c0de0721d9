//! What most cases of `algorithm`, `keys` and `key_sets` have in common.

use crate::case::Case;

/// Returns the rows of a table: lines of cells between bars.
pub(super) fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.trim().lines().map(|line| {
        let cells: Vec<_> = line.split(" | ").map(str::trim).collect();
        cells
            .try_into()
            .unwrap_or_else(|_| panic!("not {N} cells: {line}"))
    })
}

impl Case {
    /// Signs with a key and its algorithm. The header names both, the policy allows the algorithm, and
    /// `keys` has the key alone. The payload is none of another area.
    pub(super) fn by(self, key: &'static str, algorithm: &'static str) -> Self {
        self.names(&format!(r#""{algorithm}""#), key)
            .sign(key, algorithm)
            .keys(&[key])
            .allow(&[algorithm])
            .claims(r#""jti":"signed""#)
    }

    /// Sets the header to an `alg`, which is JSON, and a `kid`.
    pub(super) fn names(self, algorithm: &str, kid: &str) -> Self {
        self.header(format!(r#"{{"alg":{algorithm},"kid":"{kid}"}}"#))
    }

    /// Sets the header to an `alg` alone.
    pub(super) fn without_kid(self, algorithm: &str) -> Self {
        self.header(format!(r#"{{"alg":"{algorithm}"}}"#))
    }

    /// Sets the algorithms that are allowed.
    pub(super) fn allow(self, algorithms: &[&'static str]) -> Self {
        self.policy(|policy| policy.algorithms = algorithms.to_vec())
    }
}
