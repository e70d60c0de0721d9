//! Shows the header and the claims of a token, and the result of each check.
//!
//! ```sh
//! cargo run --example inspect -- --pem examples/keys/es256.public.pem --alg ES256 \
//!     --issuer https://issuer.example --audience https://api.example < examples/inspect/token.jwt
//! ```
//!
//! The token is read from standard input, because the shell records arguments in its history. The
//! exit code is 0 if the token is accepted, 1 if it is not, 2 if the program cannot check it.

mod checks;
mod dates;
mod options;
mod remedy;
mod report;
mod terminal;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use jwt_ring::{Clock, SystemClock};

use options::{Options, USAGE};
use terminal::printable;

/// In bytes. More than the default limit of a verifier, so that a longer token can still be shown.
const MAX_INPUT: u64 = 1024 * 1024;

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    match run(arguments.map(|one| one.to_string_lossy().into_owned())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            for line in error.to_string().lines() {
                eprintln!("{}", printable(line));
            }
            ExitCode::from(2)
        }
    }
}

/// Returns whether the token is accepted.
fn run(arguments: impl Iterator<Item = String>) -> Result<bool, Box<dyn Error>> {
    let options = Options::parse(arguments)?;
    if options.help {
        writeln!(io::stdout(), "{USAGE}")?;
        return Ok(true);
    }
    let (keys, ignored) = options.keys()?;
    for key in ignored {
        eprintln!("{}", printable(&key));
    }
    if io::stdin().is_terminal() {
        eprintln!(
            "Paste a token of less than 4096 bytes (read a longer one from a file), then press Enter and Ctrl-D:"
        );
    }
    let mut input = String::new();
    io::stdin().take(MAX_INPUT).read_to_string(&mut input)?;

    let now = SystemClock.now();
    let inspection = checks::inspect(&input, keys.as_deref(), &options.policy, now)?;
    let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let text = terminal::render(&report::lines(&inspection, now), colour);
    io::stdout().write_all(text.as_bytes())?;
    Ok(inspection.is_accepted())
}
