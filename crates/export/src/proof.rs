//! What an export was made from, and which bytes it is: `export.json`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::{Epoch, GlobalPosition, RuleSetVersion};
use serde::{Deserialize, Serialize};

use crate::table_file::Format;

/// The proof's file.
pub(crate) const PROOF: &str = "export.json";
const SHAPE: &str = "paidan-export/1";

/// Says of every file what it was made from. A verifier folds each model up to its position again,
/// compares the chain's value, makes the files of it again and compares their hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// `paidan-export/1`.
    pub shape: String,
    /// The release that wrote the files: another may write the same rows in other bytes.
    pub release: String,
    /// BLAKE3 of this document with an empty text here.
    pub blake3: String,
    /// Which of the formats; nothing while the first export has not ended.
    pub format: Option<Format>,
    /// Each read model.
    pub models: Vec<ModelProof>,
}

/// A read model, and its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelProof {
    /// From where.
    #[serde(flatten)]
    pub source: Source,
    /// Since when; nothing where all is in the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// In the order in which they were written.
    pub files: Vec<FileProof>,
}

/// The dump that tables are made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The read model.
    pub projection: String,
    /// The version of its fold.
    pub version: u32,
    /// The log's id: a UUID in 32 hexadecimal digits.
    pub log: String,
    /// The log's epoch, raised by every restore and salvage.
    pub epoch: Epoch,
    /// The last event that it holds.
    pub position: GlobalPosition,
    /// The chain's value there.
    pub chain: String,
    /// The version of the rule set there; 0 while none was published.
    pub rules_version: RuleSetVersion,
    /// The rules that it counts the past by; 0: as recorded.
    #[serde(default)]
    pub recount: RuleSetVersion,
    /// How many lines the canonical dump has.
    pub dump_lines: u64,
    /// BLAKE3 of those lines, their ends included.
    pub dump_blake3: String,
}

/// The dump that rows were compared with: those that it had already are not in the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// The last event that it holds.
    pub position: GlobalPosition,
    /// The chain's value there.
    pub chain: String,
    /// The version of the rule set there.
    pub rules_version: RuleSetVersion,
    /// How many lines it has.
    pub dump_lines: u64,
    /// BLAKE3 of those lines, their ends included.
    pub dump_blake3: String,
}

impl Since {
    pub(crate) fn of(source: Source) -> Self {
        let Source { position, chain, rules_version, dump_lines, dump_blake3, .. } = source;
        Self { position, chain, rules_version, dump_lines, dump_blake3 }
    }
}

impl ModelProof {
    /// The earlier dump, of the same log and projection.
    pub fn base(&self) -> Option<Source> {
        let Since { position, chain, rules_version, dump_lines, dump_blake3 } =
            self.since.clone()?;
        let source = self.source.clone();
        Some(Source { position, chain, rules_version, dump_lines, dump_blake3, ..source })
    }
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProof {
    /// Where, from the export's directory on; with `/` between.
    pub path: String,
    /// The table.
    pub table: String,
    /// It has the keys whose rows are gone since, and no rows of the table.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    /// How many rows it has, without a line of names.
    pub rows: u64,
    /// How large it is.
    pub bytes: u64,
    /// BLAKE3 of its bytes.
    pub blake3: String,
}

/// Why an export has no proof that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The system refused.
    #[error("could not read {path}; name the directory of an export")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// It is something else.
    #[error("{path} is not what `paidan export` of this release writes; export again")]
    Shape {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
    /// The first export into this directory has not ended.
    #[error("{path} names no files: the export has not ended; run it again")]
    Unfinished {
        /// Which file.
        path: PathBuf,
    },
}

impl Proof {
    pub(crate) fn new(format: Format, models: Vec<ModelProof>) -> Self {
        Self { format: Some(format), models, ..Self::of_nothing() }.sealed()
    }

    pub(crate) fn of_nothing() -> Self {
        Self {
            shape: SHAPE.into(),
            release: env!("CARGO_PKG_VERSION").into(),
            blake3: String::new(),
            format: None,
            models: Vec::new(),
        }
    }

    /// The proof of an export in this directory.
    ///
    /// # Errors
    /// When there is none that can be read.
    pub fn read(directory: &Path) -> Result<Self, ProofError> {
        let path = directory.join(PROOF);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(ProofError::Read { path, source }),
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(proof) if proof.format.is_none() => Err(ProofError::Unfinished { path }),
            Ok(proof) => Ok(proof),
            Err(source) => Err(ProofError::Shape { path, source }),
        }
    }

    /// Whether it says what it said when it was written.
    pub fn is_whole(&self) -> bool {
        self.blake3 == self.own_hash()
    }

    fn sealed(self) -> Self {
        Self { blake3: self.own_hash(), ..self }
    }

    fn own_hash(&self) -> String {
        let unsealed = Self { blake3: String::new(), ..self.clone() };
        blake3::hash(unsealed.to_json().as_bytes()).to_string()
    }

    /// Whether these bytes are the proof of an export, whatever else is in it.
    pub(crate) fn is_one(bytes: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Shape {
            shape: String,
        }
        serde_json::from_slice(bytes).is_ok_and(|Shape { shape }| shape == SHAPE)
    }

    pub(crate) fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self);
        json.expect("texts and numbers are always JSON") + "\n"
    }
}
