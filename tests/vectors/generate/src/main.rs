//! Writes the files of the corpus: `cargo run -p jwt-ring-vectors`.

use std::fs;
use std::io;

fn main() -> io::Result<()> {
    for (name, text) in jwt_ring_vectors::files() {
        fs::write(jwt_ring_vectors::directory().join(name), text)?;
    }
    Ok(())
}
