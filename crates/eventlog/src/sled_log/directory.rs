//! The data directory: what lies where, which format it has, and that one server uses it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// The newest format of a data directory that this release knows.
pub const DIRECTORY_FORMAT: u32 = 1;

/// Stands in a directory while a log is brought back into it.
pub(crate) const UNFINISHED: &str = "UNFINISHED";

/// No FORMAT file is longer.
const FORMAT_BYTES_MAX: u64 = 256;

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Somebody else has it open.
    #[error("{path} is already in use by another server; stop that one, or use its socket")]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// A newer release wrote it.
    #[error(
        "{path} has format {found}, but this release knows {known} at most; \
         run the newer release, or restore a backup made before the upgrade"
    )]
    NewerFormat {
        /// The directory.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest that this release knows.
        known: u32,
    },
    /// There is a log, but nothing that says how it is to be read.
    #[error("{path} holds a log but no readable FORMAT file; restore the file from a backup")]
    UnknownFormat {
        /// The directory.
        path: PathBuf,
    },
    /// A log was to be brought back here, and was not to its end.
    #[error(
        "{path} holds a log that was not brought back to its end; run that command again, which \
         starts over"
    )]
    Unfinished {
        /// The directory.
        path: PathBuf,
    },
    /// There is no data directory here.
    #[error("{path} is not a data directory")]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("could not {doing} {path}")]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// A data directory that is ours until this value is dropped.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    /// Holds the lock.
    _lock: File,
}

impl DataDirectory {
    /// Takes the directory, making it where it is missing.
    pub(crate) fn take(path: &Path) -> Result<Self, DirectoryError> {
        std::fs::create_dir_all(path).map_err(io("create", path))?;
        Self::take_existing(path)
    }

    /// Takes the directory, which must be there.
    pub(crate) fn take_existing(path: &Path) -> Result<Self, DirectoryError> {
        if !path.is_dir() {
            return Err(DirectoryError::Missing { path: path.to_path_buf() });
        }
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(io("open", &lock_path))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { path: path.to_path_buf(), _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => {
                Err(DirectoryError::InUse { path: path.to_path_buf() })
            }
            Err(errno) => Err(io("lock", &lock_path)(errno.into())),
        }
    }

    /// sled's directory.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// The witness file.
    pub(crate) fn witness(&self) -> PathBuf {
        self.path.join("witness")
    }

    /// The index's directory.
    pub(crate) fn index(&self) -> PathBuf {
        self.path.join("index")
    }

    /// The key ring's directory.
    pub(crate) fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// The key ring's file.
    pub(crate) fn ring(&self) -> PathBuf {
        self.keys().join("ring")
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where frames that were cut off are set aside.
    pub(crate) fn cut(&self) -> PathBuf {
        self.path.join("cut")
    }

    /// The directory's format; `None` where nothing was ever finished here.
    pub(crate) fn format(&self) -> Result<Option<u32>, DirectoryError> {
        let path = self.path.join("FORMAT");
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if self.path.join(UNFINISHED).exists() {
                    return Err(DirectoryError::Unfinished { path: self.path.clone() });
                }
                return Ok(None);
            }
            Err(error) => return Err(io("open", &path)(error)),
        };
        let mut text = String::new();
        file.take(FORMAT_BYTES_MAX).read_to_string(&mut text).map_err(io("read", &path))?;
        let found = text
            .lines()
            .find_map(|line| line.strip_prefix("format "))
            .and_then(|number| number.trim().parse().ok())
            .ok_or_else(|| DirectoryError::UnknownFormat { path: self.path.clone() })?;
        if found > DIRECTORY_FORMAT {
            return Err(DirectoryError::NewerFormat {
                path: self.path.clone(),
                found,
                known: DIRECTORY_FORMAT,
            });
        }
        Ok(Some(found))
    }

    /// States the format, once all the rest is durable.
    pub(crate) fn finish(&self) -> Result<(), DirectoryError> {
        let (path, fresh) = (self.path.join("FORMAT"), self.path.join("FORMAT.new"));
        let text = format!("paidan data directory\nformat {DIRECTORY_FORMAT}\n");
        let mut file = File::create(&fresh).map_err(io("create", &fresh))?;
        file.write_all(text.as_bytes()).map_err(io("write", &fresh))?;
        file.sync_all().map_err(io("sync", &fresh))?;
        std::fs::rename(&fresh, &path).map_err(io("rename", &fresh))?;
        self.sync()
    }

    /// Makes the names in the directory survive a power cut, and its own name.
    pub(crate) fn sync(&self) -> Result<(), DirectoryError> {
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        for directory in [Some(self.path.as_path()), parent].into_iter().flatten() {
            File::open(directory)
                .and_then(|directory| directory.sync_all())
                .map_err(io("sync", directory))?;
        }
        Ok(())
    }
}

pub(crate) fn io<'a>(
    doing: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> DirectoryError + 'a {
    move |source| DirectoryError::Io { doing, path: path.to_path_buf(), source }
}
