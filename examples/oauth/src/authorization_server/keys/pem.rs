//! Private keys in PEM files.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jwt_ring::{Algorithm, SigningKey};

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

/// The PEM texts of a directory, or of this process alone.
pub(super) struct PemFiles {
    directory: Option<PathBuf>,
    /// By the IDs of the keys, their thumbprints.
    texts: Mutex<BTreeMap<String, Pem>>,
}

struct Pem {
    algorithm: Algorithm,
    text: String,
    path: PathBuf,
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
        })
    }

    /// Reads new files, and returns the IDs of all keys.
    pub(super) fn ids(&self) -> Result<Vec<String>, KeysError> {
        let mut texts = self.texts();
        if let Some(directory) = &self.directory {
            *texts = read(directory)?;
        }
        Ok(texts.keys().cloned().collect())
    }

    pub(super) fn load(&self) -> Result<Vec<SigningKey>, KeysError> {
        self.ids()?;
        let texts = self.texts();
        let keys = texts.values().map(|pem| {
            let key = SigningKey::from_pem(pem.algorithm, &pem.text)?;
            Ok(key.with_thumbprint_id()?)
        });
        keys.collect()
    }

    /// Makes a key and writes its file.
    pub(super) fn generate(&self) -> Result<(), KeysError> {
        let key = SigningKey::generate(ALGORITHM)?.with_thumbprint_id()?;
        let (id, text) = (key.id().unwrap_or_default(), key.secret_pkcs8_pem()?);
        let Some(directory) = &self.directory else {
            let pem = Pem {
                algorithm: ALGORITHM,
                text,
                path: PathBuf::new(),
            };
            self.texts().insert(id.to_owned(), pem);
            return Ok(());
        };
        let path = directory.join(format!("{id}.pem"));
        write_private(&path, text.as_bytes()).map_err(|error| KeysError::File(path, error))
    }

    /// Renames the file of a key that signs no more.
    pub(super) fn retire(&self, id: &str) {
        let Some(pem) = self.texts().remove(id) else {
            return;
        };
        if self.directory.is_some()
            && let Err(error) = fs::rename(&pem.path, pem.path.with_extension("pem.retired"))
        {
            tracing::warn!(path = %pem.path.display(), %error, "cannot rename an expired key");
        }
    }

    fn texts(&self) -> MutexGuard<'_, BTreeMap<String, Pem>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(directory: &Path) -> Result<BTreeMap<String, Pem>, KeysError> {
    let in_directory = |error| KeysError::File(directory.to_owned(), error);
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(directory).map_err(in_directory)? {
        let path = entry.map_err(in_directory)?.path();
        if path.extension().is_none_or(|extension| extension != "pem") {
            continue;
        }
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            // Another server retired it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(KeysError::File(path, error)),
        };
        warn_if_shared(&path);
        let (algorithm, id) = id_of(&text).map_err(|error| KeysError::Key(path.clone(), error))?;
        let pem = Pem {
            algorithm,
            text,
            path,
        };
        texts.insert(id, pem);
    }
    Ok(texts)
}

fn id_of(text: &str) -> Result<(Algorithm, String), jwt_ring::KeyError> {
    let keys = FOUND.map(|algorithm| Ok((algorithm, SigningKey::from_pem(algorithm, text)?)));
    let [first, others @ ..] = keys;
    // The error is that of the algorithm that is made here.
    let found = others.into_iter().fold(first, Result::or);
    let (algorithm, key) = found?;
    let key = key.with_thumbprint_id()?;
    Ok((algorithm, key.id().unwrap_or_default().to_owned()))
}

/// Writes a file at once, under another name first, so that no reader sees a part of it.
fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("pem.new");
    let mut file = create_private(&unfinished)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(unfinished, path)
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
fn warn_if_shared(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if let Ok(metadata) = fs::metadata(path)
        && metadata.permissions().mode() & 0o077 != 0
    {
        tracing::warn!(path = %path.display(), "a signing key can be read by others than its owner");
    }
}

#[cfg(not(unix))]
fn warn_if_shared(_: &Path) {}
