//! The embedded store.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jwt_ring::NumericDate;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use super::{Store, StoreError, milliseconds};

/// How long to wait while another process writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many expired records an operation removes, so that none waits long.
const REMOVED_AT_ONCE: u32 = 100;

/// With `FULL`, a code or token that was used stays used after a power cut.
const SCHEMA: &str = "
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS record (
    key TEXT PRIMARY KEY, value ANY NOT NULL, expiration INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_expiration ON record (expiration);
";

/// The expired record of a key is replaced, like one that was removed.
const INSERT: &str = "
INSERT INTO record VALUES (?1, ?2, ?3)
ON CONFLICT DO UPDATE SET value = excluded.value, expiration = excluded.expiration
WHERE record.expiration <= ?4";

const COUNT: &str = "
INSERT INTO record VALUES (?1, 1, ?2)
ON CONFLICT DO UPDATE SET
    value = CASE WHEN record.expiration <= ?3 THEN 1 ELSE record.value + 1 END,
    expiration = CASE WHEN record.expiration <= ?3 THEN excluded.expiration ELSE record.expiration END
RETURNING value";

/// A database of SQLite, in a file that several processes may open.
pub struct Sqlite(Mutex<Connection>);

impl Sqlite {
    /// Opens or creates a file, which its owner alone can read: it has the secrets that servers share.
    ///
    /// # Errors
    ///
    /// Returns an error if it cannot be opened, or is no database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        create_private(path.as_ref()).map_err(StoreError::new)?;
        let connection = Connection::open(path)?;
        use_write_ahead_log(&connection)?;
        Self::with(connection)
    }

    /// Makes a database in memory.
    ///
    /// # Errors
    ///
    /// Returns an error if there is not enough memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Mutex::new(connection)))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic leaves no open transaction.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Sqlite {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let connection = self.lock();
        let mut select = connection.prepare_cached("SELECT value FROM record WHERE key = ?1")?;
        Ok(select.query_row([key], |row| row.get(0)).optional()?)
    }

    fn insert(
        &self,
        key: &str,
        value: &[u8],
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<bool, StoreError> {
        let connection = self.lock();
        remove_expired(&connection, now)?;
        let mut insert = connection.prepare_cached(INSERT)?;
        let row = params![key, value, milliseconds(expiration), milliseconds(now)];
        Ok(insert.execute(row)? == 1)
    }

    fn replace(
        &self,
        key: &str,
        old: &[u8],
        new: &[u8],
        expiration: NumericDate,
    ) -> Result<bool, StoreError> {
        let connection = self.lock();
        let mut update = connection.prepare_cached(
            "UPDATE record SET value = ?3, expiration = ?4 WHERE key = ?1 AND value = ?2",
        )?;
        Ok(update.execute(params![key, old, new, milliseconds(expiration)])? == 1)
    }

    fn remove(&self, key: &str) -> Result<bool, StoreError> {
        let connection = self.lock();
        let mut delete = connection.prepare_cached("DELETE FROM record WHERE key = ?1")?;
        Ok(delete.execute([key])? == 1)
    }

    fn count(
        &self,
        key: &str,
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<u64, StoreError> {
        let connection = self.lock();
        remove_expired(&connection, now)?;
        let mut count = connection.prepare_cached(COUNT)?;
        let row = params![key, milliseconds(expiration), milliseconds(now)];
        Ok(count.query_row(row, |row| row.get(0))?)
    }
}

fn remove_expired(connection: &Connection, now: NumericDate) -> Result<(), StoreError> {
    // Most of the time, nothing has expired, and reading takes no lock of the file.
    let mut select = connection.prepare_cached("SELECT 1 FROM record WHERE expiration <= ?1")?;
    if select.exists([milliseconds(now)])? {
        let mut delete = connection.prepare_cached(
            "DELETE FROM record WHERE key IN
                (SELECT key FROM record WHERE expiration <= ?1 LIMIT ?2)",
        )?;
        delete.execute(params![milliseconds(now), REMOVED_AT_ONCE])?;
    }
    Ok(())
}

/// Lets readers and a writer work at the same time. SQLite does not wait for another process that
/// changes the mode, so this does.
fn use_write_ahead_log(connection: &Connection) -> Result<(), StoreError> {
    let start = Instant::now();
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && start.elapsed() < BUSY_TIMEOUT =>
            {
                thread::sleep(Duration::from_millis(20));
            }
            result => return Ok(result?),
        }
    }
}

/// Creates a file if there is none. SQLite gives its further files the same permissions.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        // The message of some errors quotes the statement, which has no values.
        Self::new(error)
    }
}
