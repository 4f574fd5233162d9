//! The directory that an export goes into.
//!
//! - It is empty, or an earlier export: then there is an `export.json`, and nothing else than what
//!   exports are made of.
//! - Files are written under names that begin with a dot, synced, and renamed together when all are
//!   whole. The proof comes last; until then the earlier one stands.
//! - What the earlier export had and this one has not goes away at the end: a day that has no rows
//!   any more would be counted else.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::proof::{PROOF, Proof};
use crate::table_file::Format;

/// What every column means.
pub(crate) const DICTIONARY: &str = "data-dictionary.md";

/// A directory that nothing can be exported to.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// It holds what no export made.
    #[error("{file} was not made by an export; name a directory that is empty or not there yet")]
    Foreign {
        /// What it holds.
        file: PathBuf,
    },
    /// The system refused.
    #[error("could not {attempt} {path}")]
    Io {
        /// To do what.
        attempt: &'static str,
        /// With what.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
}

impl DirectoryError {
    pub(crate) fn on(attempt: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { attempt, path, source }
    }
}

/// A directory that belongs to this export; nowhere where files are only made to be compared.
#[derive(Debug)]
pub(crate) struct Directory {
    root: Option<PathBuf>,
    /// Files of earlier exports, from the root on.
    earlier: BTreeSet<PathBuf>,
    /// Whole under another name.
    staged: BTreeSet<PathBuf>,
}

impl Directory {
    /// Makes it where it is not there, and looks at what it holds.
    pub(crate) fn claim(root: &Path) -> Result<Self, DirectoryError> {
        fs::create_dir_all(root).map_err(DirectoryError::on("make", root))?;
        let mut found = Vec::new();
        walk(root, Path::new(""), &mut found)?;
        let is_ours = fs::read(root.join(PROOF)).is_ok_and(|proof| Proof::is_one(&proof));
        let foreign = found.iter().find(|file| !is_ours || !is_known(file));
        if let Some(file) = foreign {
            return Err(DirectoryError::Foreign { file: root.join(file) });
        }
        let earlier = found.into_iter().collect();
        let mut claimed = Self { root: Some(root.to_path_buf()), earlier, staged: BTreeSet::new() };
        if !is_ours {
            // From here on it is ours, whatever happens; a proof of nothing holds.
            claimed.put(Path::new(PROOF), Proof::of_nothing().to_json().as_bytes())?;
            claimed.publish()?;
        }
        Ok(claimed)
    }

    /// None: files get sizes and hashes, and are nowhere.
    pub(crate) const fn nowhere() -> Self {
        Self { root: None, earlier: BTreeSet::new(), staged: BTreeSet::new() }
    }

    /// A file that becomes `path` with [`Directory::publish`].
    pub(crate) fn stage(&self, path: &Path) -> Result<StagedFile, DirectoryError> {
        let file = match &self.root {
            None => None,
            Some(root) => {
                let place = root.join(staged_name(path));
                if let Some(parent) = place.parent() {
                    fs::create_dir_all(parent).map_err(DirectoryError::on("make", parent))?;
                }
                let file = File::create(&place).map_err(DirectoryError::on("make", &place))?;
                Some(BufWriter::new(file))
            }
        };
        Ok(StagedFile { file, hasher: blake3::Hasher::new(), bytes: 0, path: path.to_path_buf() })
    }

    fn place(&self, path: &Path) -> PathBuf {
        self.root.as_deref().unwrap_or_else(|| Path::new("")).join(path)
    }

    /// A staged file is whole.
    pub(crate) fn close(&mut self, staged: StagedFile) -> Result<Written, DirectoryError> {
        let StagedFile { file, hasher, bytes, path } = staged;
        if let Some(file) = file {
            let synced = file.into_inner().map_err(io::IntoInnerError::into_error);
            synced
                .and_then(|file| file.sync_all())
                .map_err(DirectoryError::on("write", &self.place(&path)))?;
            self.staged.insert(path.clone());
        }
        Ok(Written { path, bytes, blake3: hasher.finalize().to_string() })
    }

    /// A whole file at once.
    pub(crate) fn put(&mut self, path: &Path, content: &[u8]) -> Result<(), DirectoryError> {
        let mut file = self.stage(path)?;
        let written = file.write_all(content);
        written.map_err(DirectoryError::on("write", &self.place(path)))?;
        self.close(file).map(drop)
    }

    /// Brings all that is staged into its place.
    pub(crate) fn publish(&mut self) -> Result<(), DirectoryError> {
        let mut directories = BTreeSet::new();
        for path in std::mem::take(&mut self.staged) {
            let place = self.place(&path);
            fs::rename(self.place(&staged_name(&path)), &place)
                .map_err(DirectoryError::on("rename a file to", &place))?;
            directories.extend(path.ancestors().skip(1).map(|parent| self.place(parent)));
            self.earlier.remove(&path);
        }
        directories.iter().try_for_each(|directory| {
            let synced = File::open(directory).and_then(|directory| directory.sync_all());
            synced.map_err(DirectoryError::on("sync", directory))
        })
    }

    /// Takes away what earlier exports had and this one has not.
    pub(crate) fn clear(&mut self) -> Result<(), DirectoryError> {
        for path in std::mem::take(&mut self.earlier) {
            let place = self.place(&path);
            match fs::remove_file(&place) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(DirectoryError::on("remove", &place)(error));
                }
                _ => {}
            }
            for parent in path.ancestors().skip(1).filter(|parent| *parent != Path::new("")) {
                // One that holds other files stays.
                if fs::remove_dir(self.place(parent)).is_err() {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// A file on its way.
pub(crate) struct StagedFile {
    file: Option<BufWriter<File>>,
    hasher: blake3::Hasher,
    bytes: u64,
    path: PathBuf,
}

/// A file that is whole.
pub(crate) struct Written {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) blake3: String,
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.file {
            Some(file) => file.write(bytes)?,
            None => bytes.len(),
        };
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Where the rows of a table are, from the root on.
pub(crate) fn table_path(table: &str, day: Option<Date>, format: Format) -> PathBuf {
    match day {
        Some(day) => [table, &format!("day={day}"), &format!("part-0.{format}")].iter().collect(),
        None => format!("{table}.{format}").into(),
    }
}

/// Where the keys are that have no rows any more.
pub(crate) fn removed_path(table: &str, format: Format) -> PathBuf {
    format!("{table}.removed.{format}").into()
}

fn staged_name(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.new"))
}

/// Whether an export may have made it.
pub(crate) fn is_known(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let staged = name.strip_prefix('.').and_then(|name| name.strip_suffix(".new"));
    let path = staged.map_or_else(|| path.to_path_buf(), |name| path.with_file_name(name));
    if path == Path::new(PROOF) || path == Path::new(DICTIONARY) {
        return true;
    }
    let day = path
        .parent()
        .and_then(Path::file_name)
        .and_then(|parent| parent.to_str()?.strip_prefix("day=")?.parse().ok());
    crate::MODELS.iter().flat_map(|model| model.tables).any(|table| {
        Format::ALL.iter().any(|format| {
            path == table_path(table.name, day, *format)
                || path == removed_path(table.name, *format)
        })
    })
}

/// All that is no directory, from the root on.
pub(crate) fn walk(
    root: &Path,
    within: &Path,
    found: &mut Vec<PathBuf>,
) -> Result<(), DirectoryError> {
    let place = root.join(within);
    for entry in fs::read_dir(&place).map_err(DirectoryError::on("list", &place))? {
        let entry = entry.map_err(DirectoryError::on("list", &place))?;
        let path = within.join(entry.file_name());
        let kind = entry.file_type().map_err(DirectoryError::on("look at", &root.join(&path)))?;
        // What lies too deep is no export's, and is found by its name.
        if kind.is_dir() && path.components().count() < 3 {
            walk(root, &path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}
