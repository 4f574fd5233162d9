//! The master key, which wraps all others. Where it comes from is the operator's choice; it never
//! stands beside the data unless they say so.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, Zeroizing};

/// A file of 64 digits, a line end and no more.
const FILE_BYTES_MAX: u64 = 128;

/// Wraps the keys of subjects. Erased from memory when dropped.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The text is something else.
    #[error("a master key is 64 hexadecimal digits; make one with `openssl rand -hex 32`")]
    NotHex,
    /// No randomness was to be had.
    #[error("the operating system gave no random bytes for a master key")]
    Randomness(#[source] getrandom::Error),
    /// Others may read the file.
    #[error("the master key file {path} can be read by others; run `chmod 600` on it")]
    TooOpen {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be read or written.
    #[error("could not {doing} the master key file {path}")]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl MasterKey {
    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key written as 64 hexadecimal digits; white space around them is ignored.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn from_hex(text: &str) -> Result<Self, MasterKeyError> {
        crate::hex::decode(text.trim()).map(Self).ok_or(MasterKeyError::NotHex)
    }

    /// A fresh random key.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, MasterKeyError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(MasterKeyError::Randomness)?;
        Ok(Self(bytes))
    }

    /// The key in this file, which must be there.
    ///
    /// # Errors
    /// When the file cannot be read, holds something else, or can be read by others.
    pub fn load(path: &Path) -> Result<Self, MasterKeyError> {
        let open = |source| MasterKeyError::Io { doing: "open", path: path.to_path_buf(), source };
        Self::read(&mut File::open(path).map_err(open)?, path)
    }

    /// The key in this file; a file that does not exist is made, with a fresh key, readable by
    /// its owner only, and synced before this returns.
    ///
    /// # Errors
    /// When the file cannot be read or made, holds something else, or can be read by others.
    pub fn load_or_create(path: &Path) -> Result<Self, MasterKeyError> {
        let io =
            |doing| move |source| MasterKeyError::Io { doing, path: path.to_path_buf(), source };
        match File::open(path) {
            Ok(mut file) => Self::read(&mut file, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = Self::generate()?;
                // `create_new`: two processes that start at once must not end with two keys.
                let mut file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(path)
                    .map_err(io("create"))?;
                let text = Zeroizing::new(format!("{}\n", crate::ChainHash(key.0)));
                file.write_all(text.as_bytes()).map_err(io("write"))?;
                file.sync_all().map_err(io("sync"))?;
                if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty())
                {
                    File::open(parent)
                        .and_then(|directory| directory.sync_all())
                        .map_err(io("sync"))?;
                }
                Ok(key)
            }
            Err(source) => Err(io("open")(source)),
        }
    }

    fn read(file: &mut File, path: &Path) -> Result<Self, MasterKeyError> {
        use std::os::unix::fs::MetadataExt;
        let io = |source| MasterKeyError::Io { doing: "read", path: path.to_path_buf(), source };
        if file.metadata().map_err(io)?.mode() & 0o077 != 0 {
            return Err(MasterKeyError::TooOpen { path: path.to_path_buf() });
        }
        let mut text = Zeroizing::new(String::new());
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(io)?;
        Self::from_hex(&text)
    }

    /// A key for one purpose, from which this one cannot be computed.
    pub(crate) fn derive(&self, purpose: Purpose) -> [u8; 32] {
        blake3::derive_key(purpose.context(), &self.0)
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// What a derived key is for. The contexts stand for stored bytes and never change.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Wrapping,
    Fingerprints,
}

impl Purpose {
    const fn context(self) -> &'static str {
        match self {
            Self::Wrapping => "paidan 2026-11 key ring: wrapping of subject keys v1",
            Self::Fingerprints => "paidan 2026-11 log: fingerprints of commands v1",
        }
    }
}

/// A derived key, erased from memory when dropped.
pub(crate) struct DerivedKey(pub(crate) [u8; 32]);

impl Drop for DerivedKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_made_key_file_is_for_its_owner_only_and_reads_back() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("master.key");
        let made = MasterKey::load_or_create(&path).expect("made");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = MasterKey::load_or_create(&path).expect("read");
        assert_eq!(made.0, read.0);
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("master.key");
        MasterKey::load_or_create(&path).expect("made");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("set");
        let refused = MasterKey::load_or_create(&path);
        assert!(matches!(refused, Err(MasterKeyError::TooOpen { .. })), "{refused:?}");
    }

    #[test]
    fn a_key_never_shows_in_debug_output() {
        let key = MasterKey::from_hex(&"ab".repeat(32)).expect("a key");
        assert_eq!(format!("{key:?}"), "MasterKey(..)");
    }
}
