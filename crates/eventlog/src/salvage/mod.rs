//! Bringing back what is left of a damaged data directory, into another one.
//!
//! The damaged directory is read only: its `db` file is looked through for frames (`scan`), the
//! ones that are the log are chosen (`choose`), and a new directory is made of them, with the keys
//! that can be read and a new epoch. What is behind a gap is set aside as files. The report says
//! which positions are missing, and how many of them were durable.

mod choose;
mod scan;

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use domain::GlobalPosition;
use rustix::fs::{FlockOperation, flock};

use self::scan::Found;
use crate::keys::{KeyNumber, KeyRingError, RingFile, RingSlots};
use crate::portable::{Rebuild, RebuildError, RebuildOptions, Rebuilt, Ring};
use crate::sled_log::DIRECTORY_FORMAT;
use crate::witness::{Seen, Witness, WitnessError};
use crate::{ReadError, VerifyError};

/// How a salvage is done.
#[derive(Debug, Clone)]
pub struct SalvageOptions {
    /// The clock and the epoch.
    pub rebuild: RebuildOptions,
    /// Another copy of the key ring, where the one in the directory cannot be used.
    pub ring: Option<PathBuf>,
}

/// Positions that follow each other, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionRange {
    /// The first.
    pub from: GlobalPosition,
    /// The last.
    pub until: GlobalPosition,
}

impl PositionRange {
    /// How many there are.
    pub const fn count(self) -> u64 {
        self.until.get() - self.from.get() + 1
    }

    fn new(from: u64, until: u64) -> Option<Self> {
        (from <= until)
            .then_some(Self { from: GlobalPosition::new(from), until: GlobalPosition::new(until) })
    }
}

/// What the witness could say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WitnessFound {
    /// How far the log was.
    Saw(Seen),
    /// It is not there.
    Missing,
    /// It is damaged, or cannot be read.
    Damaged,
}

/// What was salvaged and what was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// The new directory.
    pub rebuilt: Rebuilt,
    /// Whole frames that were found, each counted once.
    pub frames_found: u64,
    /// Those of them that are in the new log.
    pub frames_kept: u64,
    /// What the witness said.
    pub witness: WitnessFound,
    /// Events that were durable, so acknowledged, and are not in the new log. Without a witness
    /// there may be more of them than this says.
    pub lost: Option<PositionRange>,
    /// Positions up to the last that is known of, for which no whole frame was found.
    pub unreadable: Vec<PositionRange>,
    /// Events that are whole but behind a gap; their frames are in the new directory's `cut/`.
    pub set_aside: Vec<PositionRange>,
    /// Positions that were on their way to the disk; nobody was told that they had arrived.
    pub never_acknowledged: Option<PositionRange>,
    /// Keys that could not be read; what they sealed reads as erased.
    pub keys_lost: Vec<KeyNumber>,
}

/// Why nothing was salvaged.
#[derive(Debug, thiserror::Error)]
pub enum SalvageError {
    /// A server uses it.
    #[error("{path} is in use by a server; stop it first")]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// There is no log in it.
    #[error("{path} holds no file of a log")]
    NoLog {
        /// The file that should be there.
        path: PathBuf,
    },
    /// A newer release wrote it.
    #[error("{path} has format {found}, newer than {DIRECTORY_FORMAT}; use the newer release")]
    NewerFormat {
        /// The directory.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Its beginning is gone.
    #[error(
        "the log's first event is gone, and nothing can be chained to it; {found} whole frames \
         were found, the first at position {first}: restore a backup"
    )]
    NoBeginning {
        /// Whole frames.
        found: u64,
        /// The lowest position among them; zero where there is none.
        first: GlobalPosition,
    },
    /// The two are one.
    #[error("{path} lies in the damaged directory, which is not touched; name another one")]
    SameDirectory {
        /// The new directory.
        path: PathBuf,
    },
    /// There is no ring.
    #[error(
        "the key ring cannot be used, and without it personal data would be gone; name another \
         copy of it, such as that of a backup"
    )]
    Ring(#[source] KeyRingError),
    /// The new directory.
    #[error("the new directory could not be made")]
    Rebuild(#[from] RebuildError),
    /// Reading or writing failed.
    #[error("could not {doing} {path}")]
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

/// How far a salvage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SalvageProgress {
    /// Bytes that were looked through, then bytes of them that were taken.
    pub done: u64,
    /// Bytes that there are.
    pub total: u64,
}

/// Brings what is left of `damaged` into a new directory `to`, and writes nothing to `damaged`.
///
/// # Errors
/// When a server uses it, its beginning or its key ring is gone, or the new directory cannot be
/// made. Nothing is left behind then.
pub fn salvage(
    damaged: &Path,
    to: &Path,
    options: &SalvageOptions,
    progress: &mut dyn FnMut(SalvageProgress),
) -> Result<Salvaged, SalvageError> {
    let _lock = hold(damaged)?;
    refuse_newer(damaged)?;
    refuse_same(damaged, to)?;
    let path = damaged.join("log").join("db");
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(SalvageError::NoLog { path });
        }
        Err(error) => return Err(io("open", &path)(error)),
    };
    let total = file.metadata().map_err(io("read", &path))?.len();
    let found = scan::scan(&file, &mut |done| progress(SalvageProgress { done, total }))
        .map_err(io("read", &path))?;
    let (witness, seen) = match Witness::read(&damaged.join("witness")) {
        Ok(Some(seen)) => (WitnessFound::Saw(seen), Some(seen)),
        Ok(None) => (WitnessFound::Missing, None),
        Err(WitnessError::Damaged { .. } | WitnessError::Io { .. }) => {
            (WitnessFound::Damaged, None)
        }
    };
    let chosen = choose::choose(&found, seen.as_ref());
    let nothing = || SalvageError::NoBeginning {
        found: found.len() as u64,
        first: GlobalPosition::new(found.first().map_or(0, |frame| frame.first)),
    };
    if chosen.is_empty() {
        return Err(nothing());
    }
    let ring_path = options.ring.clone().unwrap_or_else(|| damaged.join("keys").join("ring"));
    let ring = RingSlots::open(&ring_path).map_err(SalvageError::Ring)?;
    let header = ring.header().map_err(SalvageError::Ring)?;

    let mut rebuild = Rebuild::begin(to)?;
    let mut frames_kept = 0;
    for place in &chosen {
        let bytes = scan::read(&file, &found[*place]).map_err(io("read", &path))?;
        match rebuild.frame(&bytes) {
            Ok(()) => frames_kept += 1,
            // No damage: a newer release wrote it.
            Err(error @ RebuildError::Log(VerifyError::Log(ReadError::UnknownShape { .. }))) => {
                return Err(error.into());
            }
            Err(RebuildError::Log(_)) => break,
            Err(error) => return Err(error.into()),
        }
    }
    if frames_kept == 0 {
        return Err(nothing());
    }
    let kept = rebuild.kept().position.get();
    let behind = behind(&found, kept);
    set_aside(&file, &path, &behind, &rebuild.aside())?;
    let sealed = rebuild.keys().max(seen.map_or(KeyNumber(0), |seen| seen.keys));
    let (copy, keys_lost) =
        copy_ring(&ring, &header, sealed, &rebuild.ring_path()).map_err(SalvageError::Ring)?;
    copy_master_key(damaged, to)?;
    let mut read_back = |_| progress(SalvageProgress { done: total, total });
    let rebuilt = rebuild.finish(Ring::Copied(copy), &options.rebuild, &mut read_back)?;

    let durable = seen.map_or(0, |seen| seen.durable.get());
    let highest = behind.iter().map(|frame| frame.last).max().unwrap_or(0);
    let set_aside = ranges(behind.iter().map(|frame| (frame.first, frame.last)));
    Ok(Salvaged {
        rebuilt,
        frames_found: found.len() as u64,
        frames_kept,
        witness,
        lost: PositionRange::new(kept + 1, if seen.is_some() { durable } else { highest }),
        unreadable: gaps(kept, &set_aside, durable.max(highest)),
        set_aside,
        never_acknowledged: seen
            .and_then(|seen| PositionRange::new(durable.max(kept) + 1, seen.attempted.get())),
        keys_lost,
    })
}

/// Holds the directory's lock, if it has one, without writing to it.
fn hold(damaged: &Path) -> Result<Option<File>, SalvageError> {
    let path = damaged.join("lock");
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io("open", &path)(error)),
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => {
            Err(SalvageError::InUse { path: damaged.to_path_buf() })
        }
        Err(errno) => Err(io("lock", &path)(errno.into())),
    }
}

/// A directory that cannot say its format is taken for one of ours: its frames say theirs.
fn refuse_newer(damaged: &Path) -> Result<(), SalvageError> {
    let Ok(text) = std::fs::read_to_string(damaged.join("FORMAT")) else { return Ok(()) };
    let found = text.lines().find_map(|line| line.strip_prefix("format ")?.trim().parse().ok());
    match found {
        Some(found) if found > DIRECTORY_FORMAT => {
            Err(SalvageError::NewerFormat { path: damaged.to_path_buf(), found })
        }
        _ => Ok(()),
    }
}

fn refuse_same(damaged: &Path, to: &Path) -> Result<(), SalvageError> {
    let damaged = damaged.canonicalize().map_err(io("find", damaged))?;
    let new = std::path::absolute(to).map_err(io("find", to))?;
    let there = new.ancestors().find_map(|path| path.canonicalize().ok());
    if there.is_some_and(|there| there.starts_with(&damaged)) {
        return Err(SalvageError::SameDirectory { path: to.to_path_buf() });
    }
    Ok(())
}

/// Whole frames after what is kept, one for each position.
fn behind(found: &[Found], kept: u64) -> Vec<Found> {
    let mut behind: Vec<Found> = Vec::new();
    for frame in found.iter().filter(|frame| frame.first > kept) {
        if behind.last().is_none_or(|last| last.last < frame.first) {
            behind.push(*frame);
        }
    }
    behind
}

fn set_aside(from: &File, path: &Path, behind: &[Found], aside: &Path) -> Result<(), SalvageError> {
    if behind.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(aside).map_err(io("create", aside))?;
    for frame in behind {
        let bytes = scan::read(from, frame).map_err(io("read", path))?;
        let to = aside.join(format!("{:020}.frame", frame.first));
        std::fs::write(&to, bytes).map_err(io("write", &to))?;
    }
    File::open(aside).and_then(|directory| directory.sync_all()).map_err(io("sync", aside))
}

/// All keys that can be read, and the numbers of the others that anything was sealed with.
fn copy_ring(
    ring: &RingSlots,
    header: &[u8],
    sealed: KeyNumber,
    to: &Path,
) -> Result<(RingFile, Vec<KeyNumber>), KeyRingError> {
    let last = ring.last()?.max(sealed);
    let mut copy = RingFile::create(to, header, None)?;
    let mut lost = Vec::new();
    let mut next = 1;
    while next <= last.0 {
        let count = (last.0 + 1 - next).min(1024);
        copy.push(&ring.slots(next, count as usize, &mut lost)?)?;
        next += count;
    }
    lost.retain(|number| *number <= sealed);
    Ok((copy, lost))
}

/// A master key that lies in the directory goes along, so that the new one starts as the old did.
fn copy_master_key(damaged: &Path, to: &Path) -> Result<(), SalvageError> {
    let [from, to] = [damaged, to].map(|path| path.join("keys").join("master.key"));
    if !from.exists() || to.exists() {
        return Ok(());
    }
    let bytes = std::fs::read(&from).map_err(io("read", &from))?;
    let mut file = std::fs::OpenOptions::new();
    let file = file.write(true).create_new(true).mode(0o600).open(&to);
    file.and_then(|mut file| {
        std::io::Write::write_all(&mut file, &bytes)?;
        file.sync_all()
    })
    .map_err(io("write", &to))
}

/// Neighbours as one.
fn ranges(frames: impl Iterator<Item = (u64, u64)>) -> Vec<PositionRange> {
    let mut ranges: Vec<PositionRange> = Vec::new();
    for (first, last) in frames {
        match ranges.last_mut() {
            Some(range) if range.until.get() + 1 == first => {
                range.until = GlobalPosition::new(last);
            }
            _ => ranges.extend(PositionRange::new(first, last)),
        }
    }
    ranges
}

/// What is neither kept nor in these ranges, up to the last position that is known of.
fn gaps(kept: u64, ranges: &[PositionRange], until: u64) -> Vec<PositionRange> {
    let mut gaps = Vec::new();
    let mut next = kept + 1;
    for range in ranges {
        gaps.extend(PositionRange::new(next, range.from.get() - 1));
        next = range.until.get() + 1;
    }
    gaps.extend(PositionRange::new(next, until));
    gaps
}

fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> SalvageError + 'a {
    move |source| SalvageError::Io { doing, path: path.to_path_buf(), source }
}
