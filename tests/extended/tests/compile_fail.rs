//! What must not compile: each file of `tests/compile_fail` with the compiler's words beside it.
//!
//! The words are those of one compiler. Another one says the same in other words, so there the
//! cases are skipped. To move on to a newer compiler, change the version here, run
//! `TRYBUILD=overwrite cargo test --test compile_fail`, and read the difference.

use std::process::Command;

const COMPILER: &str = "rustc 1.95.";

#[test]
fn forgeries_do_not_compile() {
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("a compiler");
    if !version.stdout.starts_with(COMPILER.as_bytes()) {
        println!("skipped: the words of another compiler than {COMPILER}x are not written down");
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_fail/good_twin.rs");
    cases.compile_fail("tests/compile_fail/[!g]*.rs");
}
