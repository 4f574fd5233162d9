//! What a backup says of itself: lines of text, written whole and last, with a check of their own.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use domain::{Epoch, GlobalPosition, Timestamp};

use super::writing::sync_parent;
use crate::keys::KeyNumber;
use crate::{ChainHash, LogIdentity};

/// Its name in a backup.
pub(super) const NAME: &str = "MANIFEST";

/// The newest format that this release knows.
const FORMAT: u32 = 1;

const FIRST_LINE: &str = "paidan log backup";

/// A line for each segment, less than 200 bytes long: more than a run each hour for a lifetime.
const BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Why a backup cannot say what it has.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is not what was written.
    #[error("{path} is damaged: {what}; begin a backup in another directory")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// A newer release wrote it.
    #[error("{path} has format {found}, newer than {FORMAT}; use the release that wrote it")]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The file system refused.
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

/// A part of the log that is in a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) first: GlobalPosition,
    pub(super) last: GlobalPosition,
    /// The chain's value at the last.
    pub(super) chain: ChainHash,
    /// Bytes of its file.
    pub(super) bytes: u64,
}

impl Segment {
    /// Where it lies in a backup.
    pub(super) fn path(&self, backup: &Path) -> PathBuf {
        let name = format!("{:020}-{:020}.part", self.first.get(), self.last.get());
        backup.join("segments").join(name)
    }
}

/// A backup's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) identity: LogIdentity,
    pub(super) taken_at: Timestamp,
    /// The copies of the key ring are numbered; this is the one that counts.
    pub(super) ring: u64,
    /// The last key in it.
    pub(super) keys: KeyNumber,
    /// In the order of positions, without gaps, from position 1.
    pub(super) segments: Vec<Segment>,
}

impl Manifest {
    /// The last position, and the chain's value there.
    pub(super) fn end(&self) -> (GlobalPosition, ChainHash) {
        let last = self.segments.last();
        last.map_or((GlobalPosition::ZERO, ChainHash::start()), |last| (last.last, last.chain))
    }

    /// Where the key ring lies.
    pub(super) fn ring_path(&self, backup: &Path) -> PathBuf {
        ring_path(backup, self.ring)
    }

    /// The manifest of a backup; nothing where no run came to its first end.
    pub(super) fn read(backup: &Path) -> Result<Option<Self>, ManifestError> {
        let path = backup.join(NAME);
        let io = |source| ManifestError::Io { doing: "read", path: path.clone(), source };
        let mut text = String::new();
        match File::open(&path) {
            Ok(file) => file.take(BYTES_MAX).read_to_string(&mut text).map_err(|error| {
                if error.kind() == std::io::ErrorKind::InvalidData {
                    ManifestError::Damaged { path: path.clone(), what: "it is no text" }
                } else {
                    io(error)
                }
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        let damaged = |what| ManifestError::Damaged { path: path.clone(), what };
        let (body, check) = text.rsplit_once("check ").ok_or(damaged("it has no check"))?;
        if check.trim_end() != blake3::hash(body.as_bytes()).to_hex().as_str() {
            return Err(damaged("it fails its check"));
        }
        let mut lines = body.lines();
        if lines.next() != Some(FIRST_LINE) {
            return Err(damaged("it is no manifest"));
        }
        let found = lines
            .next()
            .and_then(|line| line.strip_prefix("format "))
            .and_then(|format| format.parse().ok())
            .ok_or(damaged("it names no format"))?;
        if found > FORMAT {
            return Err(ManifestError::NewerFormat { path, found });
        }
        let manifest = Self::parse(lines).ok_or(damaged("a line does not read"))?;
        let mut next = GlobalPosition::FIRST;
        for segment in &manifest.segments {
            if segment.first != next || segment.last < next {
                return Err(damaged("its segments have a gap"));
            }
            next = segment.last.next();
        }
        Ok(Some(manifest))
    }

    fn parse<'l>(lines: impl Iterator<Item = &'l str>) -> Option<Self> {
        let (mut log_id, mut epoch, mut taken_at, mut keys) = (None, None, None, None);
        let mut segments = Vec::new();
        for line in lines {
            let mut words = line.split(' ');
            let word = words.next()?;
            let mut next = || words.next();
            match word {
                "log" => log_id = Some(u128::from_str_radix(next()?, 16).ok()?),
                "epoch" => epoch = Some(Epoch::new(number(next()?)?)),
                "taken" => taken_at = Some(Timestamp::from_micros(next()?.parse().ok()?)),
                "keys" => keys = Some((number(next()?)?, KeyNumber(number(next()?)?))),
                "segment" => segments.push(Segment {
                    first: GlobalPosition::new(number(next()?)?),
                    last: GlobalPosition::new(number(next()?)?),
                    chain: ChainHash::from_str(next()?).ok()?,
                    bytes: number(next()?)?,
                }),
                _ => return None,
            }
        }
        let identity = LogIdentity { log_id: log_id?, epoch: epoch? };
        let (ring, keys) = keys?;
        Some(Self { identity, taken_at: taken_at?, ring, keys, segments })
    }

    /// Puts the manifest in place of the one before, or leaves that one.
    pub(super) fn write(&self, backup: &Path) -> Result<(), ManifestError> {
        write_whole(&backup.join(NAME), &self.text())
            .map_err(|(doing, path, source)| ManifestError::Io { doing, path, source })
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{FIRST_LINE}\nformat {FORMAT}\nlog {:032x}\nepoch {}\ntaken {}\nkeys {} {}\n",
            self.identity.log_id,
            self.identity.epoch,
            self.taken_at.as_micros(),
            self.ring,
            self.keys.0,
        );
        for Segment { first, last, chain, bytes } in &self.segments {
            writeln!(text, "segment {first} {last} {chain} {bytes}")
                .expect("writing to a string cannot fail");
        }
        let check = blake3::hash(text.as_bytes()).to_hex();
        text.push_str("check ");
        text.push_str(&check);
        text.push('\n');
        text
    }
}

/// The n-th copy of the key ring.
pub(super) fn ring_path(backup: &Path, number: u64) -> PathBuf {
    backup.join("keys").join(format!("{number:010}.ring"))
}

type Refused = (&'static str, PathBuf, std::io::Error);

/// Writes a file beside its place and then renames it, so that it is the old one or the new one.
pub(super) fn write_whole(path: &Path, text: &str) -> Result<(), Refused> {
    let fresh = path.with_extension("new");
    let refused = |doing| {
        let fresh = fresh.clone();
        move |error| (doing, fresh, error)
    };
    let mut file = File::create(&fresh).map_err(refused("create"))?;
    file.write_all(text.as_bytes()).map_err(refused("write"))?;
    file.sync_all().map_err(refused("sync"))?;
    std::fs::rename(&fresh, path).map_err(refused("rename"))?;
    sync_parent(path).map_err(refused("sync the directory of"))
}

fn number(word: &str) -> Option<u64> {
    word.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let segment = |first, last| Segment {
            first: GlobalPosition::new(first),
            last: GlobalPosition::new(last),
            chain: ChainHash::start().then(&[1]),
            bytes: 77,
        };
        Manifest {
            identity: LogIdentity { log_id: 0xab, epoch: Epoch::FIRST.next() },
            taken_at: Timestamp::from_seconds(1_790_000_000),
            ring: 3,
            keys: KeyNumber(12),
            segments: vec![segment(1, 40), segment(41, 41)],
        }
    }

    #[test]
    fn a_manifest_reads_back_as_it_was_written() {
        let dir = tempfile::tempdir().expect("a directory");
        assert_eq!(Manifest::read(dir.path()).expect("reads"), None);
        manifest().write(dir.path()).expect("written");
        assert_eq!(Manifest::read(dir.path()).expect("reads"), Some(manifest()));
    }

    #[test]
    fn each_flipped_bit_and_each_cut_of_a_manifest_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        manifest().write(dir.path()).expect("written");
        let path = dir.path().join(NAME);
        let good = std::fs::read(&path).expect("reads");
        // The last byte is the end of the line, which says nothing.
        for place in 0..good.len() - 1 {
            for spoiled in [&good[..place], &flipped(&good, place)[..]] {
                std::fs::write(&path, spoiled).expect("written");
                let refused = Manifest::read(dir.path());
                assert!(refused.is_err(), "{place}: {refused:?}");
            }
        }
    }

    fn flipped(bytes: &[u8], place: usize) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes[place] ^= 1;
        bytes
    }
}
