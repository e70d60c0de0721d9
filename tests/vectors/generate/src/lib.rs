//! Builds the conformance corpus in `tests/vectors`, which its README describes.
//!
//! Signatures are made with *ring* and RustCrypto, from the keys in `tests/vectors/keys`.

mod areas;
mod case;
mod encodings;
mod members;
mod policy;
mod sign;
mod write;

use std::path::PathBuf;

/// Returns the directory of the corpus.
#[must_use]
pub fn directory() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), ".."].iter().collect()
}

/// Returns the files of the corpus: their names and texts.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    let areas = areas::all().into_iter();
    areas
        .map(|(area, cases)| (format!("{area}.json"), write::file(area, &cases)))
        .collect()
}

#[cfg(test)]
mod tests;
