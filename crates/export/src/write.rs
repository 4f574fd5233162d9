//! An export, from the first line of a dump to the files in their places.

use std::path::{Path, PathBuf};

use domain::GlobalPosition;
use jiff::civil::Date;

use crate::column::{Cell, Column};
use crate::dictionary::dictionary;
use crate::directory::{DICTIONARY, Directory, DirectoryError, removed_path, table_path};
use crate::fields::RowError;
use crate::model::{Model, Table};
use crate::proof::{FileProof, ModelProof, PROOF, Proof, Since, Source};
use crate::reading::Reading;
use crate::since::{Base, Group, Groups, Keys, bytes};
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
    /// Rows of one key have to come one after another.
    #[error(
        "rows of {projection} that belong together do not follow each other, in its table {table}; \
         the program is at fault"
    )]
    Scattered {
        /// Of which model.
        projection: String,
        /// Its number.
        table: usize,
    },
    /// What is to be written is of before.
    #[error(
        "{projection} is at position {position}, before {since}; wait until it has caught up, or \
         name an earlier position"
    )]
    Backwards {
        /// Which model.
        projection: String,
        /// Where it is.
        position: GlobalPosition,
        /// Since when it was asked for.
        since: GlobalPosition,
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
    reading: Reading,
    /// The file of each table that is written now.
    open: Vec<Option<Open>>,
    files: Vec<FileProof>,
    since: Option<Before>,
}

/// What was there before, where only what is different since is written.
struct Before {
    source: Source,
    /// The keys of each table that have not come yet.
    left: Vec<Keys>,
    groups: Groups,
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
        self.begin_model(source, None)
    }

    /// The lines of this dump come next, and only what is different from an earlier position is
    /// written.
    ///
    /// # Errors
    /// As [`Export::model`], and when the lines of the earlier dump were not whole, or not of an
    /// earlier one.
    pub fn model_since(&mut self, source: Source, base: Base) -> Result<(), ExportError> {
        let (before, left) = base.end()?;
        let (position, since) = (source.position, before.position);
        if since > position {
            let projection = source.projection;
            return Err(ExportError::Backwards { projection, position, since });
        }
        self.begin_model(source, Some((before, left)))
    }

    fn begin_model(
        &mut self,
        source: Source,
        base: Option<(Source, Vec<Keys>)>,
    ) -> Result<(), ExportError> {
        let reading = Reading::begin(source)?;
        let tables = reading.model.tables;
        let mut open = Vec::new();
        for table in tables {
            // A table without rows has a file too, unless it has one for each day.
            open.push(if table.by_day && self.format.splits_days() {
                None
            } else {
                Some(Open::begin(&self.directory, self.format, table, None)?)
            });
        }
        let since = base.map(|(source, left)| Before { source, left, groups: Groups::new(tables) });
        self.models.push(reading.model);
        self.now = Some(Now { reading, open, files: Vec::new(), since });
        Ok(())
    }

    /// One line of the dump, without its end.
    ///
    /// # Errors
    /// When it does not fit the columns, or a file cannot be written.
    pub fn line(&mut self, line: &str) -> Result<(), ExportError> {
        let Some(now) = &mut self.now else { return Ok(()) };
        for (table, row) in now.reading.line(line)? {
            let Some(before) = &mut now.since else {
                now.row(table, row, &mut self.directory, self.format)?;
                continue;
            };
            if let Some(group) = before.groups.row(now.reading.model.tables, table, row) {
                now.group(table, group, &mut self.directory, self.format)?;
            }
        }
        Ok(())
    }

    /// The dump has ended.
    ///
    /// # Errors
    /// When what came is not what was promised, or a file cannot be written.
    pub fn end_model(&mut self) -> Result<(), ExportError> {
        let Some(mut now) = self.now.take() else { return Ok(()) };
        if let Some(before) = &mut now.since {
            for (table, group) in std::mem::take(&mut before.groups).rest() {
                now.group(table, group, &mut self.directory, self.format)?;
            }
        }
        let Now { reading, open, mut files, since } = now;
        let tables = reading.model.tables;
        for (table, open) in tables.iter().zip(open) {
            if let Some(open) = open {
                files.push(open.close(table, &mut self.directory)?);
            }
        }
        let since = match since {
            None => None,
            Some(Before { source, left, groups: _ }) => {
                for (table, left) in tables.iter().zip(left) {
                    files.push(self.removed(table, left)?);
                }
                Some(Since::of(source))
            }
        };
        self.proofs.push(ModelProof { source: reading.end()?, since, files });
        Ok(())
    }

    /// The keys that have no rows any more.
    fn removed(&mut self, table: &Table, left: Keys) -> Result<FileProof, ExportError> {
        let path = removed_path(table.name, self.format);
        let key = table.columns[table.key_place()];
        let mut open = Open::at(path, None, &[key], &self.directory, self.format)?;
        for (_, (_, key)) in left {
            open.row(vec![key])?;
        }
        Ok(FileProof { removed: true, ..open.close(table, &mut self.directory)? })
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
        let since = self.proofs.iter().any(|proof| proof.since.is_some());
        let dictionary = dictionary(&self.models, self.format, since);
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
    /// Writes the rows of a key where they are others than before.
    fn group(
        &mut self,
        table: usize,
        group: Group,
        directory: &mut Directory,
        format: Format,
    ) -> Result<(), ExportError> {
        let before = self.since.as_mut().and_then(|before| {
            let (hash, _) = before.left[table].remove(&bytes(&group.key))?;
            Some(hash)
        });
        if before == Some(group.hash()) {
            return Ok(());
        }
        group.rows.into_iter().try_for_each(|row| self.row(table, row, directory, format))
    }

    fn row(
        &mut self,
        number: usize,
        mut row: Vec<Cell>,
        directory: &mut Directory,
        format: Format,
    ) -> Result<(), ExportError> {
        let table = &self.reading.model.tables[number];
        let day = match row.first() {
            Some(Cell::Date(day)) if table.by_day && format.splits_days() => Some(*day),
            _ => None,
        };
        let place = &mut self.open[number];
        if let Some(earlier) = place.take_if(|open| open.day != day) {
            if let Some(day) = day.filter(|day| Some(*day) < earlier.day) {
                let projection = self.reading.model.name.into();
                return Err(ExportError::Disorder { projection, day });
            }
            self.files.push(earlier.close(table, directory)?);
        }
        let open = match place {
            Some(open) => open,
            None => place.insert(Open::begin(directory, format, table, day)?),
        };
        if open.day.is_some() && !format.repeats_day() {
            row.remove(0);
        }
        open.row(row)
    }
}

impl Open {
    fn begin(
        directory: &Directory,
        format: Format,
        table: &Table,
        day: Option<Date>,
    ) -> Result<Self, ExportError> {
        // The day comes first.
        let first = usize::from(day.is_some() && !format.repeats_day());
        let path = table_path(table.name, day, format);
        Self::at(path, day, &table.columns[first..], directory, format)
    }

    fn at(
        path: PathBuf,
        day: Option<Date>,
        columns: &[Column],
        directory: &Directory,
        format: Format,
    ) -> Result<Self, ExportError> {
        let begun = format.begin(columns, directory.stage(&path)?);
        let file = begun.map_err(|source| ExportError::Write { path: path.clone(), source })?;
        Ok(Self { path, day, file, rows: 0 })
    }

    fn row(&mut self, row: Vec<Cell>) -> Result<(), ExportError> {
        self.rows += 1;
        let written = self.file.row(row);
        written.map_err(|source| ExportError::Write { path: self.path.clone(), source })
    }

    fn close(self, table: &Table, directory: &mut Directory) -> Result<FileProof, ExportError> {
        let Self { path, file, rows, .. } = self;
        let finished = file.finish().map_err(|source| ExportError::Write { path, source })?;
        let written = directory.close(finished)?;
        Ok(FileProof {
            path: written.path.to_string_lossy().into_owned(),
            table: table.name.into(),
            removed: false,
            rows,
            bytes: written.bytes,
            blake3: written.blake3,
        })
    }
}
