//! Code that must not compile: the files of `tests/compile_fail`, each with the error of the compiler.
//!
//! Errors differ between compilers, so the cases are skipped with another version. To move to a newer
//! compiler, change the version here, run `TRYBUILD=overwrite cargo test --test compile_fail`, and
//! review the differences.

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
        println!("skipped: the errors are those of {COMPILER}x");
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_fail/good_twin.rs");
    cases.compile_fail("tests/compile_fail/[!g]*.rs");
}
