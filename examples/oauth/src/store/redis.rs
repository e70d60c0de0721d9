//! The store that several servers share.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jwt_ring::NumericDate;
use redis::{Client, Connection, ConnectionLike, FromRedisValue, RedisError, Script, cmd};

use super::{Store, StoreError, milliseconds};

/// Time to connect, and for each reply.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How long records are kept after their expiration: longer than the clocks of servers and database
/// differ. Otherwise what is limited or accepted once would be accepted again.
const MARGIN: Duration = Duration::from_secs(60);

const REPLACE: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
return 1";

const COUNT: &str = "
local sum = redis.call('INCR', KEYS[1])
if sum == 1 then redis.call('PEXPIREAT', KEYS[1], ARGV[1]) end
return sum";

/// Redis 6.2 or later, or a database that understands its commands.
///
/// It must not evict records (`maxmemory-policy noeviction`), and keeps what was confirmed through a
/// crash only with `appendonly yes` and `appendfsync always`.
pub struct Redis {
    client: Client,
    /// Connections that are not in use.
    idle: Mutex<Vec<Connection>>,
    replace: Script,
    count: Script,
}

impl Redis {
    /// Connects to `redis://HOST:PORT`.
    ///
    /// # Errors
    ///
    /// Returns an error if the address is malformed, or there is no answer.
    pub fn open(address: &str) -> Result<Self, StoreError> {
        let redis = Self {
            client: Client::open(address)?,
            idle: Mutex::default(),
            replace: Script::new(REPLACE),
            count: Script::new(COUNT),
        };
        redis.run(|connection| cmd("PING").exec(connection))?;
        Ok(redis)
    }

    /// Runs a command. After a failure, all connections are closed: a late reply must not be that of the
    /// next command, and if the server restarted, none works. The command is not repeated, since it may
    /// have been executed.
    fn run<T: FromRedisValue>(
        &self,
        command: impl Fn(&mut Connection) -> Result<T, RedisError>,
    ) -> Result<T, StoreError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let reused = idle().pop();
        let mut connection = match reused {
            Some(connection) if connection.is_open() => connection,
            _ => self.connect()?,
        };
        let reply = command(&mut connection);
        match &reply {
            Ok(_) => idle().push(connection),
            Err(_) => idle().clear(),
        }
        Ok(reply?)
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let connection = self.client.get_connection_with_timeout(TIMEOUT)?;
        connection.set_read_timeout(Some(TIMEOUT))?;
        connection.set_write_timeout(Some(TIMEOUT))?;
        Ok(connection)
    }
}

impl Store for Redis {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(|connection| cmd("GET").arg(name(key)).query(connection))
    }

    fn insert(
        &self,
        key: &str,
        value: &[u8],
        expiration: NumericDate,
        _now: NumericDate,
    ) -> Result<bool, StoreError> {
        self.run(|connection| {
            cmd("SET")
                .arg((name(key), value, "NX", "PXAT", kept_until(expiration)))
                .query(connection)
        })
    }

    fn replace(
        &self,
        key: &str,
        old: &[u8],
        new: &[u8],
        expiration: NumericDate,
    ) -> Result<bool, StoreError> {
        self.run(|connection| {
            let mut replace = self.replace.key(name(key));
            replace.arg(old).arg(new).arg(kept_until(expiration));
            replace.invoke(connection)
        })
    }

    fn remove(&self, key: &str) -> Result<bool, StoreError> {
        self.run(|connection| cmd("DEL").arg(name(key)).query(connection))
    }

    fn count(
        &self,
        key: &str,
        expiration: NumericDate,
        _now: NumericDate,
    ) -> Result<u64, StoreError> {
        self.run(|connection| {
            let mut count = self.count.key(name(key));
            count.arg(kept_until(expiration)).invoke(connection)
        })
    }
}

fn kept_until(expiration: NumericDate) -> i64 {
    milliseconds(expiration.saturating_add(MARGIN))
}

/// Returns the key in the database, where other programs may have records too.
fn name(key: &str) -> String {
    format!("jwt-ring:{key}")
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        Self::new(error)
    }
}
