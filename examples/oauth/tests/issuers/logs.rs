//! The logs of all tests of this program, of which each test finds its own by the `kid` or the URL.

use std::io;
use std::sync::{Mutex, Once};

use serde_json::Value;

static LOGS: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Logs;

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGS.lock().expect("no panic").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Records the logs from now on.
pub(crate) fn record() {
    static START: Once = Once::new();
    START.call_once(|| {
        let logs = tracing_subscriber::fmt().json().flatten_event(true);
        logs.with_writer(|| Logs).init();
    });
}

/// Returns the lines that contain the text.
pub(crate) fn with(text: &str) -> Vec<Value> {
    let logs = LOGS.lock().expect("no panic");
    let logs = String::from_utf8_lossy(&logs);
    let lines = logs.lines().filter(|line| line.contains(text));
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}
