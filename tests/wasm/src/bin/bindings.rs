//! Writes what node needs to load a program: `bindings PROGRAM.wasm DIRECTORY`.
//!
//! This is the command `wasm-bindgen --target nodejs`, in the version of the lock file.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(program), Some(directory)) = (arguments.next(), arguments.next()) else {
        return Err("expected a program and a directory".into());
    };
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(program)
        .nodejs(true)?
        .typescript(false)
        .generate(directory)?;
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}
