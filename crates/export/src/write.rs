//! An export, from the first line of a dump to the files in their places.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::column::Cell;
use crate::dictionary::dictionary;
use crate::directory::{DICTIONARY, Directory, DirectoryError, table_path};
use crate::fields::{Fields, RowError};
use crate::model::{Model, Rows, Table};
use crate::proof::{FileProof, ModelProof, PROOF, Proof, Source};
use crate::table_file::{Format, TableFile, WriteError};

/// Why nothing was exported. The directory is as it was, apart from files whose names begin with
/// a dot, unless the system failed while files were renamed; the next export puts that right.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// There is no such model, or it has no columns here.
    #[error("`{0}` has no columns that are declared")]
    UnknownModel(String),
    /// The model has changed, and its columns have not.
    #[error("line {line} of {projection} does not fit its columns; the program is at fault")]
    Row {
        /// Of which model.
        projection: String,
        /// Which, from 1.
        line: u64,
        /// What does not fit.
        #[source]
        source: RowError,
    },
    /// A file could not be written.
    #[error("could not write {path}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: WriteError,
    },
    /// Days have to come in order, each in one file.
    #[error("a row of {projection} is of {day}, which is written already; the program is at fault")]
    Disorder {
        /// Of which model.
        projection: String,
        /// Which day.
        day: Date,
    },
    /// What came is not what was promised.
    #[error(
        "the dump of {projection} came incomplete or changed: its hash is {found} and was to be \
         {promised}; run it again"
    )]
    NotTheDump {
        /// Of which model.
        projection: String,
        /// What came.
        found: String,
        /// What was to come.
        promised: String,
    },
}

/// An export that is being made.
pub struct Export {
    directory: Directory,
    format: Format,
    models: Vec<&'static Model>,
    proofs: Vec<ModelProof>,
    now: Option<Now>,
}

/// The model whose lines come now.
struct Now {
    model: &'static Model,
    source: Source,
    rows: Box<dyn Rows>,
    /// The file of each table that is written now.
    open: Vec<Option<Open>>,
    files: Vec<FileProof>,
    hasher: blake3::Hasher,
    lines: u64,
}

struct Open {
    path: PathBuf,
    day: Option<Date>,
    file: Box<dyn TableFile>,
    rows: u64,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("directory", &self.directory).finish_non_exhaustive()
    }
}

impl Export {
    /// Begins one into a directory, which is made where it is not there.
    ///
    /// # Errors
    /// When the directory cannot be made or holds what no export made.
    pub fn begin(directory: &Path, format: Format) -> Result<Self, ExportError> {
        Ok(Self::into(Directory::claim(directory)?, format))
    }

    /// Begins one that goes nowhere: its proof says which files it would be.
    pub fn rehearse(format: Format) -> Self {
        Self::into(Directory::nowhere(), format)
    }

    const fn into(directory: Directory, format: Format) -> Self {
        Self { directory, format, models: Vec::new(), proofs: Vec::new(), now: None }
    }

    /// The lines of this dump come next.
    ///
    /// # Errors
    /// When no columns are declared for the model, or a file cannot be made.
    pub fn model(&mut self, source: Source) -> Result<(), ExportError> {
        let model = Model::named(&source.projection)
            .ok_or_else(|| ExportError::UnknownModel(source.projection.clone()))?;
        let mut now = Now {
            model,
            source,
            rows: (model.rows)(),
            open: Vec::new(),
            files: Vec::new(),
            hasher: blake3::Hasher::new(),
            lines: 0,
        };
        for table in model.tables {
            // A table without rows has a file too, unless it has one for each day.
            let open = if table.by_day && self.format.splits_days() {
                None
            } else {
                Some(open(&self.directory, self.format, table, None)?)
            };
            now.open.push(open);
        }
        self.models.push(model);
        self.now = Some(now);
        Ok(())
    }

    /// One line of the dump, without its end.
    ///
    /// # Errors
    /// When it does not fit the columns, or a file cannot be written.
    pub fn line(&mut self, line: &str) -> Result<(), ExportError> {
        let Some(now) = &mut self.now else { return Ok(()) };
        now.lines += 1;
        now.hasher.update(line.as_bytes()).update(b"\n");
        let rows = Fields::parse(line).and_then(|fields| now.rows.rows(fields));
        let rows = rows.map_err(|source| ExportError::Row {
            projection: now.model.name.into(),
            line: now.lines,
            source,
        })?;
        for (table, row) in rows {
            now.row(table, row, &mut self.directory, self.format)?;
        }
        Ok(())
    }

    /// The dump has ended.
    ///
    /// # Errors
    /// When what came is not what was promised, or a file cannot be written.
    pub fn end_model(&mut self) -> Result<(), ExportError> {
        let Some(mut now) = self.now.take() else { return Ok(()) };
        let found = now.hasher.finalize().to_string();
        if found != now.source.dump_blake3 || now.lines != now.source.dump_lines {
            return Err(ExportError::NotTheDump {
                projection: now.source.projection,
                found,
                promised: now.source.dump_blake3,
            });
        }
        for (table, open) in now.model.tables.iter().zip(std::mem::take(&mut now.open)) {
            if let Some(open) = open {
                now.files.push(open.close(table, &mut self.directory)?);
            }
        }
        self.proofs.push(ModelProof { source: now.source, files: now.files });
        Ok(())
    }

    /// What it would be; for one that goes nowhere.
    pub fn proof(self) -> Proof {
        Proof::new(self.format, self.proofs)
    }

    /// Brings all files into their places, with dictionary and proof.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn publish(mut self) -> Result<Proof, ExportError> {
        let dictionary = dictionary(&self.models, self.format);
        self.directory.put(Path::new(DICTIONARY), dictionary.as_bytes())?;
        self.directory.publish()?;
        let proof = Proof::new(self.format, self.proofs);
        self.directory.put(Path::new(PROOF), proof.to_json().as_bytes())?;
        self.directory.publish()?;
        self.directory.clear()?;
        Ok(proof)
    }
}

impl Now {
    fn row(
        &mut self,
        number: usize,
        mut row: Vec<Cell>,
        directory: &mut Directory,
        format: Format,
    ) -> Result<(), ExportError> {
        let table = &self.model.tables[number];
        let day = match row.first() {
            Some(Cell::Date(day)) if table.by_day && format.splits_days() => Some(*day),
            _ => None,
        };
        let place = &mut self.open[number];
        if let Some(earlier) = place.take_if(|open| open.day != day) {
            if let Some(day) = day.filter(|day| Some(*day) < earlier.day) {
                let projection = self.model.name.into();
                return Err(ExportError::Disorder { projection, day });
            }
            self.files.push(earlier.close(table, directory)?);
        }
        let open = match place {
            Some(open) => open,
            None => place.insert(open(directory, format, table, day)?),
        };
        open.rows += 1;
        if open.day.is_some() && !format.repeats_day() {
            row.remove(0);
        }
        open.file.row(row).map_err(|source| ExportError::Write { path: open.path.clone(), source })
    }
}

fn open(
    directory: &Directory,
    format: Format,
    table: &Table,
    day: Option<Date>,
) -> Result<Open, ExportError> {
    let path = table_path(table.name, day, format);
    // The day comes first.
    let first = usize::from(day.is_some() && !format.repeats_day());
    let begun = format.begin(&table.columns[first..], directory.stage(&path)?);
    let file = begun.map_err(|source| ExportError::Write { path: path.clone(), source })?;
    Ok(Open { path, day, file, rows: 0 })
}

impl Open {
    fn close(self, table: &Table, directory: &mut Directory) -> Result<FileProof, ExportError> {
        let Self { path, file, rows, .. } = self;
        let finished = file.finish().map_err(|source| ExportError::Write { path, source })?;
        let written = directory.close(finished)?;
        Ok(FileProof {
            path: written.path.to_string_lossy().into_owned(),
            table: table.name.into(),
            rows,
            bytes: written.bytes,
            blake3: written.blake3,
        })
    }
}
