//! A `redis-server` of the test.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use jwt_ring_oauth_examples::store;

pub(crate) struct Server {
    process: Child,
    port: String,
    pub(crate) address: String,
}

impl Server {
    /// Returns `None` if `redis-server` is missing.
    pub(crate) fn start() -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port().to_string();
        drop(free);
        Self::start_on(&port)
    }

    fn start_on(port: &str) -> Option<Self> {
        let started = Command::new("redis-server")
            .args(["--port", port, "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::null())
            .spawn();
        let process = match started {
            Ok(process) => process,
            Err(_) if std::env::var_os("REQUIRE_REDIS").is_none() => {
                println!("skipped: redis-server is missing");
                return None;
            }
            Err(error) => panic!("cannot start redis-server: {error}"),
        };
        let address = format!("redis://127.0.0.1:{port}");
        let mut server = Self {
            process,
            port: port.into(),
            address,
        };
        for _ in 0..1200 {
            // The port may be that of another process meanwhile.
            if let Some(status) = server.process.try_wait().expect("a status") {
                panic!("redis-server has ended: {status}");
            }
            if store::open(&server.address).is_ok() {
                return Some(server);
            }
            thread::sleep(Duration::from_millis(25));
        }
        panic!("redis-server does not answer");
    }

    #[allow(dead_code, reason = "not all test binaries use it")]
    pub(crate) fn restart(&mut self) {
        self.stop();
        *self = Self::start_on(&self.port).expect("it started before");
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
