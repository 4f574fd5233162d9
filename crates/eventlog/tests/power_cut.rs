//! A power cut loses nothing that was acknowledged.
//!
//! The model: an ext4 file system on a loop device; a writer process, frozen at some moment; the
//! device's backing file copied without syncing anything, so that the copy has what reached the
//! device and nothing of what only the page cache had; the copy mounted and opened. It needs root
//! and loop devices, and says so where it has none. `docs/power-cut.md` has the results.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use eventlog::{OpenError, SledLog, SystemClock, verify};
use support::writer::{self, Writer};

const CUTS_PER_RUN: usize = 4;

// What the other tests freeze; on its own, without a directory to write, it does nothing.
#[test]
fn writer_process() {
    writer::write_until_killed();
}

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

fn disk(dir: &Path) -> Result<(PathBuf, Mounted), String> {
    let image = dir.join("disk.img");
    let file = std::fs::File::create(&image).map_err(|error| error.to_string())?;
    file.set_len(768 * 1024 * 1024).map_err(|error| error.to_string())?;
    run("mkfs.ext4", &["-q".as_ref(), "-F".as_ref(), &image])?;
    let mounted = Mounted::new(&image, dir.join("live"))?;
    Ok((image, mounted))
}

/// What became of the acknowledged appends at one cut.
enum AfterCut {
    AllThere,
    Lost(String),
}

fn cut(image: &Path, dir: &Path, writer: &Writer) -> AfterCut {
    writer.freeze();
    let acked = writer.acked();
    let copy = dir.join("copy.img");
    // Through the backing file, which has only what the loop device was given.
    run("cp", &["--sparse=always".as_ref(), image, &copy]).expect("there is room for a copy");
    writer.thaw();
    let mounted = Mounted::new(&copy, dir.join("cut")).expect("a copy mounts as the first did");
    let mut options = support::options(&mounted.at.join("data"));
    options.clock = std::sync::Arc::new(SystemClock);
    let after = match SledLog::open(&options) {
        Ok((log, _)) => {
            let missing = writer::missing(&log, &acked);
            verify(&log, &mut |_| {}).expect("what is there is whole");
            if missing.is_empty() {
                AfterCut::AllThere
            } else {
                AfterCut::Lost(format!("{} of {} appends", missing.len(), acked.len()))
            }
        }
        Err(error @ (OpenError::Tail(_) | OpenError::Store(_))) => {
            AfterCut::Lost(format!("all, and it says so: {error:?}"))
        }
        Err(OpenError::WitnessMissing { .. }) => AfterCut::Lost("the witness".into()),
        Err(error) => AfterCut::Lost(format!("all: {error:?}")),
    };
    drop(mounted);
    std::fs::remove_file(copy).expect("removed");
    after
}

fn cuts(runs: u64, with_sync: bool) -> Option<Vec<AfterCut>> {
    let dir = tempfile::tempdir().expect("a directory");
    let (image, mounted) = match disk(dir.path()) {
        Ok(disk) => disk,
        Err(why) => {
            eprintln!("skipped: a power cut cannot be modelled here ({why})");
            return None;
        }
    };
    let mut found = Vec::new();
    for run in 0..runs {
        let writer = Writer::start(&mounted.at.join("data"), run, with_sync);
        let mut wait_for = 60;
        for round in 0..CUTS_PER_RUN {
            writer.wait_for(wait_for);
            found.push(cut(&image, dir.path(), &writer));
            // The moment is as good as random: somewhere in the commit that the last of these
            // acknowledgements raced with.
            wait_for = writer.acked().len() + 41 + 67 * round;
        }
    }
    drop(mounted);
    Some(found)
}

#[test]
fn every_acknowledged_event_survives_a_power_cut() {
    let Some(found) = cuts(3, true) else { return };
    let lost: Vec<_> = found
        .iter()
        .filter_map(|after| match after {
            AfterCut::AllThere => None,
            AfterCut::Lost(what) => Some(what),
        })
        .collect();
    eprintln!("{} cuts, acknowledged events lost in {}", found.len(), lost.len());
    assert!(lost.is_empty(), "lost: {lost:?}");
}

#[test]
fn the_harness_notices_when_the_sync_is_left_out() {
    let Some(found) = cuts(1, false) else { return };
    let mut lost = 0;
    for after in &found {
        if let AfterCut::Lost(what) = after {
            eprintln!("without the sync, lost: {what}");
            lost += 1;
        }
    }
    eprintln!("{} cuts without the sync, acknowledged events lost in {lost}", found.len());
    assert!(lost > 0, "without the sync nothing was lost, so the harness proves nothing");
}
