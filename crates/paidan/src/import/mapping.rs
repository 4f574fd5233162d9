//! The mapping file: what the columns and values of a file mean.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::ticket::Priority;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::moment::MomentReader;
use super::states::{StateRule, StateTable};

/// Part of ids and of command ids, whose issuer may have 64 bytes.
const SOURCE_BYTES_MAX: usize = 64;

/// The part of a mapping file that tells how the file is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileShape {
    /// Always `utf-8`; there to be said.
    pub encoding: String,
    /// What stands between two values; a comma.
    pub delimiter: String,
    /// What stands around a value that has a delimiter in it; empty: nothing does.
    pub quote: String,
    /// What stands where a value is missing, beside nothing at all.
    pub missing: Vec<String>,
    /// Columns that change on old rows in a later export; they are left out of a row's identity.
    pub filled_in_later: Vec<String>,
}

impl Default for FileShape {
    fn default() -> Self {
        Self {
            encoding: "utf-8".into(),
            delimiter: ",".into(),
            quote: "\"".into(),
            missing: Vec::new(),
            filled_in_later: Vec::new(),
        }
    }
}

/// Which columns have what. A column may stand under several keys.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnNames {
    /// The case's own number.
    pub case: String,
    /// Its state.
    pub state: String,
    /// When the row was written.
    pub time: String,
    /// When the case was opened; the time of its first row where there is no such column.
    pub opened_at: Option<String>,
    /// Whose case.
    pub customer: Option<String>,
    /// Where it belongs.
    pub outlet: Option<String>,
    /// Its device.
    pub device: Option<String>,
    /// How much it matters; read by `[priorities]`.
    pub priority: Option<String>,
    /// The group that has it.
    pub group: Option<String>,
    /// The person who has it.
    pub assignee: Option<String>,
    /// What is told in words when the case is opened.
    #[serde(default)]
    pub words: Vec<String>,
    /// Names of files that are attached to the case; read by `[attachments]`.
    #[serde(default)]
    pub attachments: Vec<String>,
}

/// How names of files are written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NamesShape {
    /// What stands between two names in one value; `;`. Empty: a value is one name.
    pub(super) separator: String,
}

impl Default for NamesShape {
    fn default() -> Self {
        Self { separator: ";".into() }
    }
}

/// How dates are written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeShape {
    /// Formats in the signs of `strftime`; the first that fits is taken.
    pub formats: Vec<String>,
    /// The zone of dates that name none, as `Asia/Shanghai`.
    pub zone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingToml {
    source: String,
    #[serde(default)]
    file: FileShape,
    columns: ColumnNames,
    time: TimeShape,
    states: BTreeMap<String, StateRule>,
    #[serde(default)]
    priorities: BTreeMap<String, Priority>,
    #[serde(default)]
    attachments: NamesShape,
}

/// A mapping that was checked.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub(super) source: String,
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    pub(super) missing: Vec<String>,
    pub(super) filled_in_later: Vec<String>,
    pub(super) columns: ColumnNames,
    pub(super) moments: MomentReader,
    pub(super) states: StateTable,
    pub(super) priorities: BTreeMap<String, Priority>,
    pub(super) attachments: NamesShape,
}

/// Why a mapping cannot be used. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The file cannot be read.
    #[error("could not read the mapping file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It is not TOML, or has an unknown key, lacks one or has a value of a wrong kind.
    #[error("the mapping is not written right")]
    Syntax(#[from] toml::de::Error),
    /// A value cannot be used.
    #[error("`{key}` in the mapping {problem}; {instead}")]
    Value {
        /// Where it stands.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        instead: &'static str,
    },
    /// A date format cannot be used.
    #[error(
        "`time.formats` in the mapping cannot be used; write year, month, day and time in the \
         signs of strftime, such as `%d/%m/%Y %H:%M`"
    )]
    Format(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The time zone is not known.
    #[error(
        "`time.zone` in the mapping is not known; write a name such as `Asia/Shanghai` or `UTC`"
    )]
    Zone(#[source] jiff::Error),
}

impl Mapping {
    /// Reads and checks a mapping file.
    ///
    /// # Errors
    /// When the file cannot be read, or as [`Mapping::parse`].
    pub fn load(path: &Path) -> Result<Self, MappingError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| MappingError::Read { path: path.to_path_buf(), source })?;
        Self::parse(&text)
    }

    /// Checks a mapping.
    ///
    /// # Errors
    /// When it is not written right, or a value cannot be used.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let read: MappingToml = toml::from_str(text)?;
        let source = checked_source(read.source)?;
        if !read.file.encoding.eq_ignore_ascii_case("utf-8") {
            return Err(MappingError::Value {
                key: "file.encoding",
                problem: format!("is `{}`, which cannot be read", read.file.encoding),
                instead: "save the file as UTF-8 and write \"utf-8\"",
            });
        }
        let delimiter = one_byte("file.delimiter", &read.file.delimiter)?;
        let quote = if read.file.quote.is_empty() {
            None
        } else {
            Some(one_byte("file.quote", &read.file.quote)?)
        };
        if quote == Some(delimiter) {
            return Err(MappingError::Value {
                key: "file.quote",
                problem: "is the delimiter".into(),
                instead: "write another character, or \"\" for none",
            });
        }
        if read.time.formats.is_empty() {
            return Err(MappingError::Value {
                key: "time.formats",
                problem: "is empty".into(),
                instead: "write at least one, such as [\"%Y-%m-%d %H:%M:%S\"]",
            });
        }
        let zone = TimeZone::get(&read.time.zone).map_err(MappingError::Zone)?;
        let moments = MomentReader::new(read.time.formats, zone)
            .map_err(|error| MappingError::Format(error.into()))?;
        if read.states.is_empty() {
            return Err(MappingError::Value {
                key: "states",
                problem: "is empty".into(),
                instead: "write what each state means, such as \"Resolved\" = \"resolved\"",
            });
        }
        let states = StateTable::new(read.states).map_err(|value| MappingError::Value {
            key: "states",
            problem: format!("has the value `{value}` with a `*` inside"),
            instead: "write the `*` once and at the end, as in \"Awaiting *\"",
        })?;
        if read.columns.priority.is_some() && read.priorities.is_empty() {
            return Err(MappingError::Value {
                key: "priorities",
                problem: "is missing, though `columns.priority` is there".into(),
                instead: "write what each value means, such as \"1 - Critical\" = \"critical\"",
            });
        }
        Ok(Self {
            source,
            delimiter,
            quote,
            missing: read.file.missing,
            filled_in_later: read.file.filled_in_later,
            columns: read.columns,
            moments,
            states,
            priorities: read.priorities,
            attachments: read.attachments,
        })
    }

    /// Names the other system; part of all ids that are made of its codes.
    pub fn source(&self) -> &str {
        &self.source
    }
}

fn checked_source(source: String) -> Result<String, MappingError> {
    let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    // A slash would let two sources and cases share one id.
    if source.is_empty() || source.len() > SOURCE_BYTES_MAX || !source.bytes().all(named) {
        return Err(MappingError::Value {
            key: "source",
            problem: "is not a name".into(),
            instead: "write 1 to 64 letters, digits, `-`, `_` or `.`; it must never change",
        });
    }
    Ok(source)
}

fn one_byte(key: &'static str, text: &str) -> Result<u8, MappingError> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\r' | b'\n') => Ok(*byte),
        _ => Err(MappingError::Value {
            key,
            problem: format!("is {text:?}"),
            instead: "write one character, such as \",\", \";\" or \"\\t\"",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        source = "old-desk"
        [columns]
        case = "number"
        state = "state"
        time = "at"
        [time]
        formats = ["%Y-%m-%d %H:%M"]
        zone = "Asia/Shanghai"
        [states]
        "New" = "open"
        "Awaiting *" = { held = "waiting_for_customer" }
    "#;

    fn complaint(text: &str) -> String {
        use std::error::Error;
        let error = Mapping::parse(text).expect_err("a wrong mapping");
        let mut said = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            said = format!("{said}: {error}");
            cause = error.source();
        }
        said
    }

    #[test]
    fn the_least_that_a_mapping_needs_is_enough() {
        let mapping = Mapping::parse(GOOD).expect("a mapping");
        assert_eq!((mapping.delimiter, mapping.quote), (b',', Some(b'"')));
        assert_eq!(mapping.source(), "old-desk");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_keys_that_exist() {
        let said = complaint(&GOOD.replace("case =", "csae ="));
        for part in ["line 4", "csae", "`case`", "`opened_at`"] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    #[test]
    fn an_unknown_step_is_answered_with_the_steps_that_exist() {
        let said = complaint(&GOOD.replace("\"open\"", "\"opened\""));
        for part in ["line 11", "opened", "`not_a_state`"] {
            assert!(said.contains(part), "{part} in {said}");
        }
    }

    #[test]
    fn an_unknown_reason_of_a_hold_is_answered_with_those_that_exist() {
        let said = complaint(&GOOD.replace("waiting_for_customer", "user"));
        assert!(said.contains("`waiting_for_parts`"), "{said}");
    }

    #[test]
    fn each_value_that_cannot_be_used_is_named_with_what_to_write_instead() {
        for (from, to, key, instead) in [
            ("old-desk", "old/desk", "`source`", "1 to 64 letters"),
            ("Asia/Shanghai", "Asia/Nowhere", "`time.zone`", "Asia/Shanghai"),
            ("%Y-%m-%d %H:%M", "YYYY-MM-DD", "`time.formats`", "%d/%m/%Y"),
            ("[\"%Y-%m-%d %H:%M\"]", "[]", "`time.formats`", "at least one"),
            ("Awaiting *", "A*g", "`states`", "at the end"),
            ("[columns]", "[file]\ndelimiter = \"||\"\n[columns]", "`file.delimiter`", "one char"),
            ("[columns]", "[file]\nencoding = \"gbk\"\n[columns]", "`file.encoding`", "UTF-8"),
            ("[time]", "priority = \"p\"\n[time]", "`priorities`", "1 - Critical"),
        ] {
            let said = complaint(&GOOD.replace(from, to));
            assert!(said.contains(key) && said.contains(instead), "{to}: {said}");
        }
    }

    #[test]
    fn a_mapping_file_that_is_not_there_is_named() {
        let error = Mapping::load(Path::new("no/such.toml")).expect_err("no file");
        assert_eq!(error.to_string(), "could not read the mapping file no/such.toml");
    }
}
