//! The programs as processes: options, logs and signals.
//!
//! `cargo test` builds the programs. After a change, `cargo test --test programs` alone runs the old ones.

mod client;
#[path = "../support/directory.rs"]
mod directory;
mod help;
mod logs;
mod restart;
#[cfg(unix)]
mod shutdown;
mod signals;

use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

const PROGRAMS: [&str; 5] = [
    "authorization_server",
    "resource_server",
    "client",
    "axum_bearer",
    "oauth_flow",
];

/// A running program. Its logs are in a file, which it cannot block on.
struct Program {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    logs: PathBuf,
}

impl Program {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let logs = directory.join(format!("{name}-{:?}.log", std::thread::current().id()));
        let file = File::create(&logs).expect("a file");
        let mut child = command(name)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .expect("a program");
        let output = child.stdout.take().expect("its output");
        Self {
            child,
            output: BufReader::new(output).lines(),
            logs,
        }
    }

    /// Starts a server on any free port. Returns it with its URL, which follows `name` in its output.
    fn serve(program: &str, name: &str, arguments: &[&str]) -> (Self, String) {
        let mut server = Self::start(program, arguments);
        let line = server.line(name);
        let url = line.split_whitespace().nth(1).expect("a URL").to_owned();
        (server, url)
    }

    /// Returns the next line of the output that begins with a text.
    fn line(&mut self, start: &str) -> String {
        let mut lines = self.output.by_ref().map_while(Result::ok);
        let line = lines.find(|line| line.starts_with(start));
        line.unwrap_or_else(|| panic!("no line {start}: {}", self.logs()))
    }

    fn logs(&self) -> String {
        std::fs::read_to_string(&self.logs).expect("the logs")
    }

    #[cfg(unix)]
    fn wait_for_log(&self, text: &str) {
        let until = Instant::now() + Duration::from_secs(20);
        while !self.logs().contains(text) {
            assert!(Instant::now() < until, "no {text:?}: {}", self.logs());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([name, &id]).status();
        assert!(status.expect("kill").success());
    }

    /// Waits for the end of the program. Returns its status and the rest of its output.
    fn end(&mut self) -> (ExitStatus, String) {
        let until = Instant::now() + Duration::from_secs(20);
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                break status;
            }
            assert!(Instant::now() < until, "still running: {}", self.logs());
            std::thread::sleep(Duration::from_millis(10));
        };
        let output: Vec<_> = self.output.by_ref().map_while(Result::ok).collect();
        (status, output.join("\n"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Errors are ignored, as it may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An authorization server and a resource server for its tokens.
struct Servers {
    programs: [Program; 2],
    issuer: String,
    api: String,
}

impl Servers {
    fn start(authorization: &[&str], resource: &[&str]) -> Self {
        // Each has the URL of the other, so one port must be known before.
        let port = free_port();
        let api = format!("http://127.0.0.1:{port}");
        let json = ["--log-format", "json", "--port"];
        let options = [&json, &["0", "--resource", &api], authorization].concat();
        let (first, issuer) = Program::serve("authorization_server", "issuer", &options);
        let options = [&json, &[&*port, "--issuer", &issuer], resource].concat();
        let (second, _) = Program::serve("resource_server", "resource", &options);
        Self {
            programs: [first, second],
            issuer,
            api,
        }
    }
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    address.port().to_string()
}

/// Returns a command without the options of this process's environment.
fn command(name: &str) -> Command {
    let test = std::env::current_exe().expect("this program");
    let target = test.ancestors().nth(2).expect("the target directory");
    let mut command = Command::new(target.join("examples").join(name));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("JWT_RING_") {
            command.env_remove(name);
        }
    }
    command
}

fn run(command: &mut Command) -> (Output, String, String) {
    let output = command
        .output()
        .expect("`cargo build --examples` builds the programs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    (output, stdout, stderr)
}
