//! The lines of one dump, read as rows, until they are all there.

use crate::fields::{Fields, RowError};
use crate::model::{Model, Row, Rows};
use crate::proof::Source;
use crate::write::ExportError;

pub(crate) struct Reading {
    pub(crate) model: &'static Model,
    pub(crate) source: Source,
    rows: Box<dyn Rows>,
    hasher: blake3::Hasher,
    lines: u64,
}

impl Reading {
    pub(crate) fn begin(source: Source) -> Result<Self, ExportError> {
        let model = Model::named(&source.projection)
            .ok_or_else(|| ExportError::UnknownModel(source.projection.clone()))?;
        Ok(Self { model, source, rows: (model.rows)(), hasher: blake3::Hasher::new(), lines: 0 })
    }

    /// The rows of one line, which comes without its end.
    pub(crate) fn line(&mut self, line: &str) -> Result<Vec<Row>, ExportError> {
        self.lines += 1;
        self.hasher.update(line.as_bytes()).update(b"\n");
        let rows = Fields::parse(line).and_then(|fields| self.rows.rows(fields));
        rows.map_err(|source: RowError| ExportError::Row {
            projection: self.model.name.into(),
            line: self.lines,
            source,
        })
    }

    /// All lines came; says of what they are.
    pub(crate) fn end(self) -> Result<Source, ExportError> {
        let found = self.hasher.finalize().to_string();
        if found != self.source.dump_blake3 || self.lines != self.source.dump_lines {
            return Err(ExportError::NotTheDump {
                projection: self.source.projection,
                found,
                promised: self.source.dump_blake3,
            });
        }
        Ok(self.source)
    }
}
