//! The start and the end of a program.

use std::error::Error;
use std::fmt::Display;
use std::future::Future;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::connections::{Limits, serve_until};

/// Time that work of blocking threads, as writes to a store, has to end after the last request.
const BLOCKING_TIME: Duration = Duration::from_secs(1);
/// The exit code after a second signal: that of a program which Ctrl-C ends.
const INTERRUPTED: i32 = 130;

/// Runs an asynchronous program on a runtime of its own, and reports its error.
pub fn run(program: impl Future<Output = Result<(), Box<dyn Error>>>) -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return exit_code(Err(error.into())),
    };
    let result = runtime.block_on(program);
    // Dropping the runtime would wait for all blocking threads, as one that fetches keys slowly.
    runtime.shutdown_timeout(BLOCKING_TIME);
    exit_code(result)
}

/// Reports the error of a program, with its causes, to the standard error.
pub fn exit_code(result: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    let mut stderr = io::stderr();
    // `eprintln` panics if the standard error is closed.
    let _ = writeln!(stderr, "error: {}", printable(&error.to_string()));
    let mut source = error.source();
    while let Some(error) = source {
        let _ = writeln!(stderr, "  because: {}", printable(&error.to_string()));
        source = error.source();
    }
    ExitCode::FAILURE
}

/// Writes a line to the standard output, which may be closed.
pub fn print(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Escapes characters that control a terminal, of text that another program sent.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => printable.push(character),
            _ if character.is_control() => printable.extend(character.escape_default()),
            _ => printable.push(character),
        }
    }
    printable
}

/// Serves until Ctrl-C or SIGTERM. Then accepts no more connections, and returns when the running
/// requests have ended, at the latest after 10 seconds. A second signal ends the process.
///
/// # Errors
///
/// Returns an error if the signals cannot be received.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits) -> io::Result<()> {
    let mut signals = Signals::listen()?;
    let (first, at_first) = oneshot::channel();
    tokio::spawn(async move {
        signals.next().await;
        let _ = first.send(());
        signals.next().await;
        std::process::exit(INTERRUPTED);
    });
    let signal = async { at_first.await.unwrap_or_default() };
    serve_until(listener, router, limits, signal).await;
    Ok(())
}

/// The signals that end a program, received from `listen` on.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
