//! The socket in the data directory, under a path that is short enough.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// What an address of a socket has room for, its last zero left out (`sun_path` of unix(7)).
const PATH_BYTES_MAX: usize = 107;

/// A path that names the same socket and fits in an address.
#[derive(Debug)]
pub(super) struct SocketPath {
    short: PathBuf,
    /// Keeps the directory's number alive, which the short path is made of.
    _directory: Option<File>,
}

impl SocketPath {
    /// The path itself where it fits, else one that names the directory by its descriptor.
    pub(super) fn new(path: &Path) -> std::io::Result<Self> {
        if path.as_os_str().len() <= PATH_BYTES_MAX {
            return Ok(Self { short: path.to_path_buf(), _directory: None });
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(std::io::ErrorKind::InvalidInput.into());
        };
        let directory = File::open(parent)?;
        let short = Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string()).join(name);
        Ok(Self { short, _directory: Some(directory) })
    }

    pub(super) fn as_path(&self) -> &Path {
        &self.short
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::{UnixListener, UnixStream};

    #[test]
    fn a_socket_in_a_deep_directory_can_be_bound_and_reached() {
        let directory = tempfile::tempdir().expect("a directory");
        let deep = directory.path().join("深".repeat(40)).join("目录".repeat(20));
        std::fs::create_dir_all(&deep).expect("made");
        let path = deep.join("paidan.sock");
        assert!(UnixListener::bind(&path).is_err(), "the path is short enough by itself");
        let listener = UnixListener::bind(SocketPath::new(&path).expect("a path").as_path());
        listener.expect("bound");
        assert!(path.exists());
        // Whoever asks holds another descriptor of the same directory.
        let again = SocketPath::new(&path).expect("a path");
        let refused = UnixStream::connect(again.as_path()).expect_err("nobody listens any more");
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }
}
