//! Thumbnails that were made, in a directory that stays below its bound: those that nobody asked
//! for longest go first.

use std::fs;
use std::path::{Path, PathBuf};

use domain::ContentHash;
use lru::LruCache;
use parking_lot::Mutex;

use super::{Format, Thumbnail};
use crate::files::{At, FileError, make_dir, remove_if_there, write_whole};
use crate::hash::{hash_text, parse_hash};

type Key = (ContentHash, u32);

struct Kept {
    format: Format,
    bytes: u64,
}

struct Index {
    kept: LruCache<Key, Kept>,
    bytes: u64,
    writes: u64,
}

pub(super) struct Cache {
    dir: PathBuf,
    bytes_max: u64,
    index: Mutex<Index>,
}

impl Cache {
    /// Finds what an earlier process kept. Blocks.
    pub(super) fn open(dir: PathBuf, bytes_max: u64) -> Result<Self, FileError> {
        make_dir(&dir)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(&dir).at("list", &dir)? {
            let path = entry.at("list", &dir)?.path();
            let about = fs::metadata(&path).at("look at", &path)?;
            match parse_name(&path) {
                Some((key, format)) => {
                    found.push((about.modified().ok(), key, format, about.len()))
                }
                None => drop(remove_if_there(&path)?),
            }
        }
        found.sort_by_key(|(modified, ..)| *modified);
        let index = Index { kept: LruCache::unbounded(), bytes: 0, writes: 0 };
        let cache = Self { dir, bytes_max, index: Mutex::new(index) };
        for (_, key, format, bytes) in found {
            cache.enter(key, Kept { format, bytes })?;
        }
        Ok(cache)
    }

    /// Blocks.
    pub(super) fn find(&self, hash: ContentHash, side_px: u32) -> Option<Thumbnail> {
        let key = (hash, side_px);
        let format = self.index.lock().kept.get(&key)?.format;
        // Somebody may have deleted the directory, which is fine.
        let bytes = fs::read(self.path(key, format)).ok().filter(|bytes| !bytes.is_empty())?;
        Some(Thumbnail { format, bytes: bytes.into() })
    }

    /// Blocks.
    pub(super) fn keep(
        &self,
        hash: ContentHash,
        side_px: u32,
        thumbnail: &Thumbnail,
    ) -> Result<(), FileError> {
        let bytes = thumbnail.bytes.len() as u64;
        if bytes > self.bytes_max {
            return Ok(());
        }
        make_dir(&self.dir)?;
        let number = {
            let mut index = self.index.lock();
            index.writes += 1;
            index.writes
        };
        let path = self.path((hash, side_px), thumbnail.format);
        write_whole(&path, &self.dir.join(format!("new.{number}")), &thumbnail.bytes)?;
        self.enter((hash, side_px), Kept { format: thumbnail.format, bytes })
    }

    fn enter(&self, key: Key, kept: Kept) -> Result<(), FileError> {
        let mut index = self.index.lock();
        let Index { kept: all, bytes, .. } = &mut *index;
        *bytes += kept.bytes;
        if let Some(before) = all.put(key, kept) {
            *bytes -= before.bytes;
        }
        while *bytes > self.bytes_max {
            let Some((key, oldest)) = all.pop_lru() else { break };
            *bytes -= oldest.bytes;
            remove_if_there(&self.path(key, oldest.format))?;
        }
        Ok(())
    }

    fn path(&self, (hash, side_px): Key, format: Format) -> PathBuf {
        let extension = match format {
            Format::Jpeg => "jpg",
            Format::Png => "png",
        };
        self.dir.join(format!("{}-{side_px}.{extension}", hash_text(hash)))
    }
}

fn parse_name(path: &Path) -> Option<(Key, Format)> {
    let (stem, extension) = path.file_name()?.to_str()?.split_once('.')?;
    let (hash, side_px) = stem.split_once('-')?;
    let format = match extension {
        "jpg" => Format::Jpeg,
        "png" => Format::Png,
        _ => return None,
    };
    Some(((parse_hash(hash)?, side_px.parse().ok()?), format))
}
