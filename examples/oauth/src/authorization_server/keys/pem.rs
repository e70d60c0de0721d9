//! Private keys in PEM files.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use jwt_ring::{Algorithm, KeyError, NumericDate, SigningKey};

use super::KeysError;

/// The algorithm of the keys that are made.
pub(super) const ALGORITHM: Algorithm = Algorithm::ES256;

/// The algorithms of keys that are found, of which a key fits one.
const FOUND: [Algorithm; 4] = [
    ALGORITHM,
    Algorithm::ES384,
    Algorithm::EdDSA,
    Algorithm::RS256,
];

/// The private keys of a directory, or of this process alone.
pub(super) struct PemFiles {
    directory: Option<PathBuf>,
    /// Without a directory, in the order in which they were made.
    texts: Mutex<Vec<Pem>>,
    /// The files of which was warned.
    warned: Mutex<BTreeSet<PathBuf>>,
}

#[derive(Clone)]
pub(super) struct Pem {
    /// The ID of the key, its thumbprint.
    pub(super) id: String,
    pub(super) written: NumericDate,
    algorithm: Algorithm,
    text: String,
    path: PathBuf,
}

impl Pem {
    pub(super) fn key(&self) -> Result<SigningKey, KeyError> {
        SigningKey::from_pem(self.algorithm, &self.text)?.with_thumbprint_id()
    }
}

impl PemFiles {
    /// Opens or creates a directory, readable by its owner.
    pub(super) fn open(directory: Option<PathBuf>) -> Result<Self, KeysError> {
        if let Some(directory) = &directory {
            create_private_directory(directory)
                .map_err(|error| KeysError::File(directory.clone(), error))?;
        }
        Ok(Self {
            directory,
            texts: Mutex::default(),
            warned: Mutex::default(),
        })
    }

    /// Reads the keys in the order in which they were written. A file without a key is an error if
    /// `is_strict`, and is skipped otherwise.
    pub(super) fn read(&self, is_strict: bool) -> Result<Vec<Pem>, KeysError> {
        let Some(directory) = &self.directory else {
            return Ok(lock(&self.texts).clone());
        };
        let in_directory = |error| KeysError::File(directory.clone(), error);
        let mut keys = Vec::new();
        for entry in fs::read_dir(directory).map_err(in_directory)? {
            let path = entry.map_err(in_directory)?.path();
            if path.extension().is_none_or(|extension| extension != "pem") {
                continue;
            }
            match read_file(&path) {
                // Another server retired it meanwhile.
                Err(KeysError::File(_, error)) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) if is_strict => return Err(error),
                Err(error) => self.warn_once(&path, &error.to_string()),
                Ok(key) => {
                    if is_shared(&path) {
                        self.warn_once(&path, "others than its owner can read a signing key");
                    }
                    keys.push(key);
                }
            }
        }
        keys.sort_by(|one, other| (one.written, &one.id).cmp(&(other.written, &other.id)));
        Ok(keys)
    }

    /// Makes a key and writes its file.
    pub(super) fn generate(&self) -> Result<(), KeysError> {
        let key = SigningKey::generate(ALGORITHM)?.with_thumbprint_id()?;
        let (id, text) = (key.id().unwrap_or_default(), key.secret_pkcs8_pem()?);
        let Some(directory) = &self.directory else {
            let mut texts = lock(&self.texts);
            texts.push(Pem {
                id: id.to_owned(),
                written: NumericDate::from_seconds(0),
                algorithm: ALGORITHM,
                text,
                path: PathBuf::new(),
            });
            return Ok(());
        };
        let path = directory.join(format!("{id}.pem"));
        write_private(directory, &path, text.as_bytes())
            .map_err(|error| KeysError::File(path, error))
    }

    /// Renames the file of a key that signs no more.
    pub(super) fn retire(&self, pem: &Pem) {
        if self.directory.is_none() {
            lock(&self.texts).retain(|one| one.id != pem.id);
            return;
        }
        match fs::rename(&pem.path, pem.path.with_extension("pem.retired")) {
            Ok(()) => tracing::info!(kid = pem.id, "a signing key is retired"),
            // Another server was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.warn_once(&pem.path, &format!("cannot rename it: {error}")),
        }
    }

    fn warn_once(&self, path: &Path, problem: &str) {
        if lock(&self.warned).insert(path.to_owned()) {
            tracing::warn!(path = %path.display(), problem, "a signing key needs attention");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_file(path: &Path) -> Result<Pem, KeysError> {
    let in_file = |error| KeysError::File(path.to_owned(), error);
    let text = fs::read_to_string(path).map_err(in_file)?;
    let written = fs::metadata(path).and_then(|metadata| metadata.modified());
    let written = written.map_err(in_file)?.duration_since(UNIX_EPOCH);
    let written = written.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or_default());
    let (algorithm, id) = id_of(&text).map_err(|error| KeysError::Key(path.to_owned(), error))?;
    Ok(Pem {
        id,
        written: NumericDate::from_seconds(written),
        algorithm,
        text,
        path: path.to_owned(),
    })
}

fn id_of(text: &str) -> Result<(Algorithm, String), KeyError> {
    let keys = FOUND.map(|algorithm| Ok((algorithm, SigningKey::from_pem(algorithm, text)?)));
    let [first, others @ ..] = keys;
    // The error is that of the algorithm that is made here.
    let found = others.into_iter().fold(first, Result::or);
    let (algorithm, key) = found?;
    let key = key.with_thumbprint_id()?;
    Ok((algorithm, key.id().unwrap_or_default().to_owned()))
}

/// Writes a file under another name first, so that no reader sees a part of it.
fn write_private(directory: &Path, path: &Path, text: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("pem.new");
    let mut file = create_private(&unfinished)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(unfinished, path)?;
    sync_directory(directory)
}

/// Makes sure that the new name of a file lasts.
#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(unix)]
fn is_shared(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_shared(_: &Path) -> bool {
    false
}
