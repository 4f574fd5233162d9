//! A disk whose power can be cut: an ext4 file system in a file, on a loop device.
//!
//! A cut freezes the process that writes and copies the file without syncing anything: the copy has what the
//! loop device was given, and nothing of what only the page cache of the mounted file system had.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::{TempDir, TempPath};

use crate::Process;
use crate::process::Frozen;

fn run(program: &str, arguments: &[&Path]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// A mounted image; unmounted and detached when dropped.
#[derive(Debug)]
struct Mounted {
    device: Option<PathBuf>,
    at: PathBuf,
    mounted: bool,
}

impl Mounted {
    fn new(image: &Path, at: PathBuf) -> Result<Self, String> {
        std::fs::create_dir_all(&at).map_err(|error| error.to_string())?;
        let mut this = Self { device: None, at, mounted: false };
        let device = run("losetup", &["--find".as_ref(), "--show".as_ref(), image])?;
        let device = PathBuf::from(device);
        this.device = Some(device.clone());
        run("mount", &["-t".as_ref(), "ext4".as_ref(), &device, &this.at])?;
        this.mounted = true;
        Ok(this)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if self.mounted
            && let Err(error) = run("umount", &[&self.at])
        {
            eprintln!("could not unmount {}: {error}", self.at.display());
        }
        if let Some(device) = &self.device
            && let Err(error) = run("losetup", &["--detach".as_ref(), device])
        {
            eprintln!("could not detach {}: {error}", device.display());
        }
    }
}

/// The disk, mounted.
#[derive(Debug)]
pub struct Disk {
    live: Mounted,
    image: PathBuf,
    dir: TempDir,
}

impl Disk {
    /// A fresh one; nothing, with a word on why, where this machine allows none.
    pub fn fresh() -> Option<Self> {
        let dir = tempfile::tempdir().expect("a directory");
        match Self::made(dir) {
            Ok(disk) => Some(disk),
            Err(why) => {
                eprintln!("skipped: a power cut cannot be modelled here ({why})");
                None
            }
        }
    }

    fn made(dir: TempDir) -> Result<Self, String> {
        let image = dir.path().join("disk.img");
        let file = std::fs::File::create(&image).map_err(|error| error.to_string())?;
        file.set_len(768 * 1024 * 1024).map_err(|error| error.to_string())?;
        run("mkfs.ext4", &["-q".as_ref(), "-F".as_ref(), &image])?;
        let live = Mounted::new(&image, dir.path().join("live"))?;
        Ok(Self { live, image, dir })
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.live.at
    }

    /// Cuts the power at whatever moment a process that writes on this disk is in. It stands still
    /// until what is left was looked at.
    pub fn cut<'a>(&self, process: &'a Process) -> Cut<'a> {
        let frozen = process.freeze();
        let said = process.said();
        let image = self.dir.path().join("copy.img");
        // Through the backing file, which has only what the loop device was given.
        run("cp", &["--sparse=always".as_ref(), &self.image, &image]).expect("there is room");
        let image = TempPath::try_from_path(image).expect("has a name");
        let left = Mounted::new(&image, self.dir.path().join("cut"));
        let left = left.expect("a copy mounts as the first did");
        Cut { said, left, _image: image, _frozen: frozen }
    }
}

/// What a power cut left. Dropped in the order of its fields.
#[derive(Debug)]
pub struct Cut<'a> {
    said: Vec<String>,
    left: Mounted,
    _image: TempPath,
    _frozen: Frozen<'a>,
}

impl Cut<'_> {
    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.left.at
    }

    /// What the process had said before.
    pub fn said(&self) -> &[String] {
        &self.said
    }
}
