//! Whether the files of an export are those that its proof names, and those that the log gives.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::directory::{DICTIONARY, DirectoryError, is_known, walk};
use crate::proof::{FileProof, PROOF, Proof};

/// A file that is not as the proof says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFault {
    /// It is named and is not there.
    Missing,
    /// Its bytes are others.
    Changed,
    /// It is not named, and readers of the table would count its rows.
    NotNamed,
}

/// All files that are not as the proof says, with what is wrong, by their paths in the directory.
/// The dictionary and files that are of no table are not looked at.
///
/// # Errors
/// When the directory or a file cannot be read.
pub fn check_files(
    directory: &Path,
    proof: &Proof,
) -> Result<Vec<(String, FileFault)>, DirectoryError> {
    let mut found = Vec::new();
    walk(directory, Path::new(""), &mut found)?;
    let found: BTreeSet<PathBuf> = found.into_iter().collect();
    let mut faults = Vec::new();
    let mut named = BTreeSet::new();
    for file in proof.models.iter().flat_map(|model| &model.files) {
        let path = PathBuf::from(&file.path);
        // A path of something else is no file of an export, whatever lies there.
        if !found.contains(&path) || !is_known(&path) {
            faults.push((file.path.clone(), FileFault::Missing));
        } else if hash(&directory.join(&path))? != (file.bytes, file.blake3.clone()) {
            faults.push((file.path.clone(), FileFault::Changed));
        }
        named.insert(path);
    }
    for path in found {
        let beside = path == Path::new(PROOF) || path == Path::new(DICTIONARY);
        // Readers pass over names that begin with a dot: they are those of files on their way.
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
        if is_known(&path) && !beside && !named.contains(&path) && !is_hidden {
            faults.push((path.to_string_lossy().into_owned(), FileFault::NotNamed));
        }
    }
    Ok(faults)
}

fn hash(path: &Path) -> Result<(u64, String), DirectoryError> {
    let mut hasher = blake3::Hasher::new();
    let copied = File::open(path).and_then(|mut file| io::copy(&mut file, &mut hasher));
    let bytes = copied.map_err(DirectoryError::on("read", path))?;
    Ok((bytes, hasher.finalize().to_string()))
}

/// The paths of files that one of two proofs of the same model has otherwise than the other, or
/// alone.
pub fn differing(one: &[FileProof], other: &[FileProof]) -> Vec<String> {
    let alone = |these: &[FileProof], those: &[FileProof]| -> Vec<String> {
        let missing = these.iter().filter(|file| !those.contains(file));
        missing.map(|file| file.path.clone()).collect()
    };
    let mut paths = alone(one, other);
    paths.append(&mut alone(other, one));
    paths.sort_unstable();
    paths.dedup();
    paths
}
