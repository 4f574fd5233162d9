//! What an export was made from, and which bytes it is: `export.json`.

use domain::{Epoch, GlobalPosition};
use serde::{Deserialize, Serialize};

use crate::table_file::Format;

/// The proof's file.
pub(crate) const PROOF: &str = "export.json";
const SHAPE: &str = "paidan-export/1";

/// Says of every file what it was made from. A verifier dumps each model at its position again,
/// compares the chain's value and the dump's hash, and hashes the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// `paidan-export/1`.
    pub shape: String,
    /// Which of the formats; nothing while the first export has not ended.
    pub format: Option<Format>,
    /// The version of the rule set at the directory's position, where the directory was exported;
    /// 0 while none was published.
    pub rules_version: Option<u64>,
    /// Each read model.
    pub models: Vec<ModelProof>,
}

/// A read model, and its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelProof {
    /// From where.
    #[serde(flatten)]
    pub source: Source,
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
    /// How many lines the canonical dump has.
    pub dump_lines: u64,
    /// BLAKE3 of those lines, their ends included.
    pub dump_blake3: String,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProof {
    /// Where, from the export's directory on; with `/` between.
    pub path: String,
    /// The table.
    pub table: String,
    /// How many rows it has, without a line of names.
    pub rows: u64,
    /// How large it is.
    pub bytes: u64,
    /// BLAKE3 of its bytes.
    pub blake3: String,
}

impl Proof {
    pub(crate) fn new(format: Format, rules_version: Option<u64>, models: Vec<ModelProof>) -> Self {
        Self { shape: SHAPE.into(), format: Some(format), rules_version, models }
    }

    pub(crate) fn of_nothing() -> Self {
        Self { shape: SHAPE.into(), format: None, rules_version: None, models: Vec::new() }
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
