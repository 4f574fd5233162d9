//! Parquet, column by column: without `arrow`, which would bring about as much code again.

use std::mem::take;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use crate::column::{Cell, Column, Kind, days_since_1970};
use crate::directory::StagedFile;
use crate::table_file::{TableFile, WriteError};

/// Rows that are kept in memory before they are written together.
const ROWS_MAX: usize = 32_768;

pub(crate) struct ParquetFile {
    columns: Vec<Buffer>,
    rows: usize,
    writer: SerializedFileWriter<StagedFile>,
}

impl ParquetFile {
    pub(crate) fn begin(columns: &[Column], file: StagedFile) -> Result<Self, WriteError> {
        let properties = WriterProperties::builder()
            .set_created_by("paidan".into())
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        let writer = SerializedFileWriter::new(file, schema(columns)?, Arc::new(properties))?;
        Ok(Self { columns: columns.iter().map(Buffer::new).collect(), rows: 0, writer })
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            column.write(&mut group)?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl TableFile for ParquetFile {
    fn row(&mut self, row: Vec<Cell>) -> Result<(), WriteError> {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            column.push(cell);
        }
        self.rows += 1;
        if self.rows == ROWS_MAX { self.flush() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Result<StagedFile, WriteError> {
        if self.rows > 0 {
            self.flush()?;
        }
        Ok(self.writer.into_inner()?)
    }
}

fn schema(columns: &[Column]) -> Result<TypePtr, ParquetError> {
    let fields = columns.iter().map(|column| {
        let (physical, logical) = match column.kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Int => (Physical::INT64, None),
            Kind::Float => (Physical::DOUBLE, None),
            Kind::Bool => (Physical::BOOLEAN, None),
            Kind::Timestamp => {
                (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS)))
            }
            Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
        };
        let repetition = if column.nullable { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        Type::primitive_type_builder(column.name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()
            .map(Arc::new)
    });
    let fields = fields.collect::<Result<_, _>>()?;
    Type::group_type_builder("row").with_fields(fields).build().map(Arc::new)
}

/// The cells of one column that are not written yet.
struct Buffer {
    /// 1 where there is a value and 0 where there is none; nothing where there always is one.
    levels: Option<Vec<i16>>,
    values: Values,
}

enum Values {
    Text(Vec<ByteArray>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Bool(Vec<bool>),
    Date(Vec<i32>),
}

impl Buffer {
    fn new(column: &Column) -> Self {
        Self {
            levels: column.nullable.then(Vec::new),
            values: match column.kind {
                Kind::Text => Values::Text(Vec::new()),
                Kind::Int | Kind::Timestamp => Values::Int(Vec::new()),
                Kind::Float => Values::Float(Vec::new()),
                Kind::Bool => Values::Bool(Vec::new()),
                Kind::Date => Values::Date(Vec::new()),
            },
        }
    }

    fn push(&mut self, cell: Cell) {
        if let Some(levels) = &mut self.levels {
            levels.push(i16::from(cell != Cell::Null));
        }
        match (&mut self.values, cell) {
            (_, Cell::Null) => {}
            (Values::Text(values), Cell::Text(text)) => values.push(text.into_bytes().into()),
            (Values::Int(values), Cell::Int(number)) => values.push(number),
            (Values::Int(values), Cell::Timestamp(moment)) => values.push(moment.as_micros()),
            (Values::Float(values), Cell::Float(number)) => values.push(number),
            (Values::Bool(values), Cell::Bool(is)) => values.push(is),
            (Values::Date(values), Cell::Date(day)) => values.push(days_since_1970(day)),
            (_, cell) => unreachable!("cells are made of the kind of their column: {cell:?}"),
        }
    }

    fn write(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, StagedFile>,
    ) -> Result<(), ParquetError> {
        fn put<T: DataType>(
            group: &mut SerializedRowGroupWriter<'_, StagedFile>,
            values: &[T::T],
            levels: Option<&[i16]>,
        ) -> Result<(), ParquetError> {
            let column = group.next_column()?;
            let mut column = column.expect("the schema has a column for each buffer");
            column.typed::<T>().write_batch(values, levels, None)?;
            column.close()
        }
        let levels = self.levels.as_mut().map(take);
        let levels = levels.as_deref();
        match &mut self.values {
            Values::Text(values) => put::<ByteArrayType>(group, &take(values), levels),
            Values::Int(values) => put::<Int64Type>(group, &take(values), levels),
            Values::Float(values) => put::<DoubleType>(group, &take(values), levels),
            Values::Bool(values) => put::<BoolType>(group, &take(values), levels),
            Values::Date(values) => put::<Int32Type>(group, &take(values), levels),
        }
    }
}
