//! One row of the file, as the mapping reads it.

use csv::StringRecord;
use domain::{CustomerId, DeviceId, EngineerId, OutletId, TicketId};

use super::columns::Columns;
use super::mapping::Mapping;

/// Part of a command's key, which may have 255 bytes.
const CASE_BYTES_MAX: usize = 128;

/// What identifies a row beside its place in its case: 128 bits of BLAKE3.
const IDENTITY_HEX: usize = 32;

/// Why a row is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    TooFewColumns { has: usize, needs: usize },
    NoCase,
    CaseTooLong,
}

impl Unusable {
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::TooFewColumns { .. } => "too_few_columns",
            Self::NoCase => "no_case_number",
            Self::CaseTooLong => "case_number_too_long",
        }
    }

    pub(super) fn detail(self) -> String {
        match self {
            Self::TooFewColumns { has, needs } => {
                format!("it has {has} values, the first row names {needs} columns")
            }
            Self::NoCase => "it has no case number".into(),
            Self::CaseTooLong => format!("its case number has more than {CASE_BYTES_MAX} bytes"),
        }
    }
}

/// A row that belongs to a case.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    mapping: &'a Mapping,
    columns: &'a Columns,
    values: &'a StringRecord,
    pub(super) case: &'a str,
}

impl<'a> Row<'a> {
    pub(super) fn new(
        mapping: &'a Mapping,
        columns: &'a Columns,
        values: &'a StringRecord,
    ) -> Result<Self, Unusable> {
        // More values than names are no harm: those that are named are where they should be.
        if values.len() < columns.count {
            return Err(Unusable::TooFewColumns { has: values.len(), needs: columns.count });
        }
        let mut row = Self { mapping, columns, values, case: "" };
        row.case = row.value(columns.case).ok_or(Unusable::NoCase)?;
        if row.case.len() > CASE_BYTES_MAX {
            return Err(Unusable::CaseTooLong);
        }
        Ok(row)
    }

    /// A value, unless it is missing.
    fn value(&self, place: usize) -> Option<&'a str> {
        let text = self.values.get(place)?.trim();
        let missing = text.is_empty() || self.mapping.missing.iter().any(|mark| mark == text);
        (!missing).then_some(text)
    }

    fn code(&self, place: Option<usize>) -> Option<String> {
        Some(self.named(self.value(place?)?))
    }

    fn named(&self, value: &str) -> String {
        format!("{}/{value}", self.mapping.source)
    }

    pub(super) fn ticket(&self) -> TicketId {
        TicketId::from_code(&self.named(self.case))
    }

    pub(super) fn time(&self) -> Option<&'a str> {
        self.value(self.columns.time)
    }

    pub(super) fn opened_at(&self) -> Option<&'a str> {
        self.value(self.columns.opened_at?)
    }

    pub(super) fn state(&self) -> Option<&'a str> {
        self.value(self.columns.state)
    }

    pub(super) fn priority(&self) -> Option<&'a str> {
        self.value(self.columns.priority?)
    }

    pub(super) fn group(&self) -> Option<&'a str> {
        self.value(self.columns.group?)
    }

    pub(super) fn assignee(&self) -> Option<&'a str> {
        self.value(self.columns.assignee?)
    }

    pub(super) fn customer_id(&self) -> Option<CustomerId> {
        self.code(self.columns.customer).as_deref().map(CustomerId::from_code)
    }

    pub(super) fn outlet_id(&self) -> Option<OutletId> {
        self.code(self.columns.outlet).as_deref().map(OutletId::from_code)
    }

    pub(super) fn device_id(&self) -> Option<DeviceId> {
        self.code(self.columns.device).as_deref().map(DeviceId::from_code)
    }

    pub(super) fn group_id(&self) -> Option<OutletId> {
        self.code(self.columns.group).as_deref().map(OutletId::from_code)
    }

    pub(super) fn assignee_id(&self) -> Option<EngineerId> {
        self.code(self.columns.assignee).as_deref().map(EngineerId::from_code)
    }

    /// The words of an opening: each column that the mapping names, with its name.
    pub(super) fn words(&self) -> String {
        let said: Vec<_> = self
            .columns
            .words
            .iter()
            .filter_map(|(name, place)| Some(format!("{name}: {}", self.value(*place)?)))
            .collect();
        said.join("; ")
    }

    /// The names of files, as they stand in the row.
    pub(super) fn attachments(&self) -> impl Iterator<Item = &'a str> {
        let separator = self.mapping.attachments.separator.as_str();
        let values = self.columns.attachments.iter().filter_map(|place| self.value(*place));
        let names = values.flat_map(move |value| -> Box<dyn Iterator<Item = &'a str>> {
            if separator.is_empty() {
                Box::new(value.lines())
            } else {
                Box::new(value.split(separator).flat_map(str::lines))
            }
        });
        names.map(str::trim).filter(|name| !name.is_empty())
    }

    /// Of the row's values as they stand in the file, apart from those that are filled in later.
    pub(super) fn identity(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (value, identifying) in self.values.iter().zip(&self.columns.identifying) {
            if *identifying {
                // With its length, so that a text cannot move from one column to the next.
                hasher.update(&(value.len() as u64).to_le_bytes());
                hasher.update(value.as_bytes());
            }
        }
        let mut text = hasher.finalize().to_hex().to_string();
        text.truncate(IDENTITY_HEX);
        text
    }
}
