//! Files and directories that outlast a power cut, and work that blocks.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Something that a file or directory refused.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing} {}", path.display())]
pub struct FileError {
    doing: &'static str,
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl FileError {
    /// Whether the file system has no room left.
    pub fn is_full(&self) -> bool {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        matches!(self.source.kind(), StorageFull | QuotaExceeded | FileTooLarge)
    }
}

/// Says what was attempted, and on what.
pub(crate) trait At<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T, FileError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T, FileError> {
        self.map_err(|source| FileError { doing, path: path.to_owned(), source })
    }
}

/// Work on another thread ended without a result, because the runtime stops or the work panicked.
#[derive(Debug, thiserror::Error)]
#[error("work on attachments was cut off; what was under way goes on when it is asked for again")]
pub struct CutOff(#[source] tokio::task::JoinError);

/// Runs what blocks where it holds nobody up.
pub(crate) async fn blocking<T, E>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<CutOff> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.map_err(CutOff)?
}

/// Runs it to its end, even when whoever waits for it goes away.
pub(crate) async fn to_its_end<T, E>(
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<CutOff> + Send + 'static,
{
    tokio::spawn(work).await.map_err(CutOff)?
}

/// Makes the names in a directory survive a power cut.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), FileError> {
    File::open(dir).and_then(|dir| dir.sync_all()).at("sync the directory", dir)
}

/// Makes a directory, with those above it, and makes its name survive a power cut.
pub(crate) fn make_dir(dir: &Path) -> Result<(), FileError> {
    if dir.is_dir() {
        return Ok(());
    }
    let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
    if let Some(above) = above {
        make_dir(above)?;
    }
    match fs::create_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {}
        made => made.at("make the directory", dir)?,
    }
    sync_dir(above.unwrap_or(Path::new(".")))
}

/// Writes a small file, so that after a power cut there is the old one or the new one, and the new
/// one once this answers. `beside` is where it is written first: on the same file system, and
/// nobody else's.
pub(crate) fn write_whole(path: &Path, beside: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut file = File::create(beside).at("make", beside)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).at("write", beside)?;
    fs::rename(beside, path).at("name", path)?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// The content of a small file; nothing where there is none.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some).at("read", path),
    }
}

/// Removes a file; says whether there was one.
pub(crate) fn remove_if_there(path: &Path) -> Result<bool, FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true).at("remove", path),
    }
}

/// What is free for us on the file system of this directory, in bytes.
pub(crate) fn free_bytes(dir: &Path) -> Result<u64, FileError> {
    let room = rustix::fs::statvfs(dir).map_err(io::Error::from).at("ask for room in", dir)?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}
