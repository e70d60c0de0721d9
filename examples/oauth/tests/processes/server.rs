//! A process with an authorization server: this test binary, started again.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jwt_ring::NumericDate;
use jwt_ring_oauth_examples::authorization_server::{self, Clients, Config, Users};
use jwt_ring_oauth_examples::store::{self, Store, StoreError};
use jwt_ring_oauth_examples::world::{PASSWORD, USER, registered};
use serde_json::json;
use tokio::net::TcpListener;

pub(crate) const ISSUER: &str = "https://issuer.example";

/// The address of the store, which makes this process a server.
const STORE: &str = "TEST_SERVER_STORE";
/// The number of the write after which the server is killed.
const KILLED_AFTER: &str = "TEST_SERVER_KILLED_AFTER";
const CONFIRM_WITHIN: &str = "TEST_SERVER_CONFIRM_WITHIN";
const LISTENS: &str = "listens at ";
const WRITES: &str = "writes ";

pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
    output: BufReader<ChildStdout>,
    writes: Vec<String>,
}

impl Server {
    pub(crate) fn start(store: &str) -> Self {
        Self::try_start(store, 5, None).expect("a server that listens")
    }

    /// Starts a server that is killed after a write. `None` if that is before it listens. `confirm_within`
    /// is in seconds.
    pub(crate) fn try_start(
        store: &str,
        confirm_within: u64,
        killed_after: Option<u32>,
    ) -> Option<Self> {
        let program = std::env::current_exe().expect("this binary");
        let mut command = Command::new(program);
        command
            .args([
                "--exact",
                "server::is_a_server_if_started_as_one",
                "--nocapture",
            ])
            .env(STORE, store)
            .env(CONFIRM_WITHIN, confirm_within.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(number) = killed_after {
            command.env(KILLED_AFTER, number.to_string());
        }
        let mut process = command.spawn().expect("a process");
        let output = process.stdout.take().expect("its output");
        let mut server = Self {
            process,
            url: String::new(),
            output: BufReader::new(output),
            writes: Vec::new(),
        };
        server.url = server.read_until(Some(LISTENS))?;
        Some(server)
    }

    /// Kills the server, and returns the writes that it made.
    pub(crate) fn writes(mut self) -> Vec<String> {
        let _ = self.process.kill();
        self.read_until(None);
        std::mem::take(&mut self.writes)
    }

    /// Reads the output until a line that has this prefix, and returns the rest of that.
    fn read_until(&mut self, prefix: Option<&str>) -> Option<String> {
        let mut line = String::new();
        while self.output.read_line(&mut line).expect("its output") > 0 {
            if let Some((_, write)) = line.split_once(WRITES) {
                self.writes.push(write.trim_end().to_owned());
            }
            if let Some((_, rest)) = prefix.and_then(|prefix| line.split_once(prefix)) {
                return Some(rest.trim_end().to_owned());
            }
            line.clear();
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The process that `Server::start` starts. In a run of the tests, it does nothing.
#[test]
fn is_a_server_if_started_as_one() {
    let Some(address) = std::env::var_os(STORE) else {
        return;
    };
    let address = address.into_string().expect("UTF-8");
    let number = |name| Some(std::env::var(name).ok()?.parse::<u32>().expect("a number"));
    let store = Counted {
        store: store::open(&address).expect("a store"),
        writes: AtomicU32::new(0),
        killed_after: number(KILLED_AFTER),
    };
    let mut clients = Clients::default();
    let shop = registered("shop", json!({}));
    clients.add(shop).expect("a client");
    let mut users = Users::default();
    users.add(USER, PASSWORD);
    let mut config = Config::new(ISSUER, ["https://api.example".to_owned()]);
    config.sync_keys_every = Duration::from_secs(1);
    let seconds = number(CONFIRM_WITHIN).expect("a number");
    config.confirm_within = Duration::from_secs(seconds.into());
    let server = authorization_server::Server::new(config, clients, users, Arc::new(store));
    let server = Arc::new(server.expect("a server"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime
        .block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            println!(
                "{LISTENS}http://{}",
                listener.local_addr().expect("an address")
            );
            tokio::spawn(Arc::clone(&server).keep_keys());
            axum::serve(listener, authorization_server::router(server)).await
        })
        .expect("it serves until it is killed");
}

/// A store that lists its writes, and kills the process after one of them.
struct Counted {
    store: Arc<dyn Store>,
    writes: AtomicU32,
    killed_after: Option<u32>,
}

impl Counted {
    fn wrote(&self, operation: &str, key: &str) {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let kind = key.split(':').next().unwrap_or_default();
        println!("{WRITES}{operation} {kind}");
        if self.killed_after == Some(number) {
            let id = std::process::id().to_string();
            let killed = Command::new("kill").args(["-9", &id]).status();
            panic!("still alive: {killed:?}");
        }
    }
}

impl Store for Counted {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(key)
    }

    fn insert(
        &self,
        key: &str,
        value: &[u8],
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<bool, StoreError> {
        let inserted = self.store.insert(key, value, expiration, now)?;
        if inserted {
            self.wrote("insert", key);
        }
        Ok(inserted)
    }

    fn replace(
        &self,
        key: &str,
        old: &[u8],
        new: &[u8],
        expiration: NumericDate,
    ) -> Result<bool, StoreError> {
        let replaced = self.store.replace(key, old, new, expiration)?;
        // The keys note when they signed, at any time.
        if replaced && key != "keys" {
            self.wrote("replace", key);
        }
        Ok(replaced)
    }

    fn remove(&self, key: &str) -> Result<bool, StoreError> {
        let removed = self.store.remove(key)?;
        if removed {
            self.wrote("remove", key);
        }
        Ok(removed)
    }

    fn count(
        &self,
        key: &str,
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<u64, StoreError> {
        let sum = self.store.count(key, expiration, now)?;
        self.wrote("count", key);
        Ok(sum)
    }
}
