//! The data directory: its master key and its log.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;

use eventlog::keys::{MasterKey, MasterKeyError};
use eventlog::{Clock, OpenError, OpenOptions, OpenReport, SledLog};

use crate::config::{Config, MasterKeySource};

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirectoryError {
    /// There is none, and this command makes none.
    #[error("there is no log in {0}; name the data directory with --data")]
    Absent(PathBuf),
    /// It cannot be made.
    #[error("could not make the directory {path}")]
    Make {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The master key cannot be used.
    #[error("the master key from {origin} cannot be used")]
    MasterKey {
        /// Where it comes from.
        origin: String,
        /// Why.
        #[source]
        source: MasterKeyError,
    },
    /// The log cannot be opened.
    #[error("could not open the log in {path}")]
    Log {
        /// The directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: OpenError,
    },
}

/// Opens the log, and makes directory, key and log where there are none yet.
///
/// # Errors
/// See [`DataDirectoryError`].
pub fn open_or_create(
    config: &Config,
    clock: Arc<dyn Clock>,
) -> Result<(SledLog, OpenReport), DataDirectoryError> {
    make(config.data.clone(), 0o755)?;
    make_key_directory(config)?;
    let options = OpenOptions::new(&config.data, master_key(config)?, clock);
    SledLog::open(&options)
        .map_err(|source| DataDirectoryError::Log { path: config.data.clone(), source })
}

/// Makes the directory of a master key that is made where there is none.
///
/// # Errors
/// When it cannot be made.
pub fn make_key_directory(config: &Config) -> Result<(), DataDirectoryError> {
    match &config.master_key {
        // Keys are for their owner's eyes only.
        MasterKeySource::Generated(file) => {
            file.parent().map_or(Ok(()), |parent| make(parent.to_path_buf(), 0o700))
        }
        MasterKeySource::Given(_) | MasterKeySource::File(_) => Ok(()),
    }
}

fn make(path: PathBuf, mode: u32) -> Result<(), DataDirectoryError> {
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(&path)
        .map_err(|source| DataDirectoryError::Make { path, source })
}

/// Opens the log that is there, and makes nothing.
///
/// # Errors
/// See [`DataDirectoryError`].
pub fn open(
    config: &Config,
    clock: Arc<dyn Clock>,
) -> Result<(SledLog, OpenReport), DataDirectoryError> {
    if !config.data.join("FORMAT").exists() {
        return Err(DataDirectoryError::Absent(config.data.clone()));
    }
    open_or_create(config, clock)
}

/// The master key, as the configuration says. One is made only where the configuration names no
/// other, in the data directory.
///
/// # Errors
/// When it cannot be read, or is no key.
pub fn master_key(config: &Config) -> Result<MasterKey, DataDirectoryError> {
    let (origin, key) = match &config.master_key {
        MasterKeySource::Given(secret) => {
            ("PAIDAN_MASTER_KEY".to_owned(), MasterKey::from_hex(secret.reveal()))
        }
        MasterKeySource::File(path) => (path.display().to_string(), MasterKey::load(path)),
        // A new key for a log that is there already could unseal nothing: the old one must be
        // found.
        MasterKeySource::Generated(path) if config.data.join("FORMAT").exists() => {
            (path.display().to_string(), MasterKey::load(path))
        }
        MasterKeySource::Generated(path) => {
            (path.display().to_string(), MasterKey::load_or_create(path))
        }
    };
    key.map_err(|source| DataDirectoryError::MasterKey { origin, source })
}
