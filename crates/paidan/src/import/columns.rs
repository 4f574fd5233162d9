//! Where the columns of a mapping stand in a file.

use std::fmt;

use csv::StringRecord;

use super::mapping::{ColumnNames, Mapping};

/// The columns of a mapping do not fit the file. Nothing was written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the columns of the mapping do not fit the file: {}; the file has: {}",
    Listed(.wrong), Listed(.existing)
)]
pub struct ColumnsError {
    /// What is wrong, key by key.
    pub wrong: Vec<String>,
    /// The columns that exist, in the order of the file.
    pub existing: Vec<String>,
}

struct Listed<'a>(&'a [String]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

/// Places of the columns in a row.
#[derive(Debug)]
pub(super) struct Columns {
    /// How many values a row has.
    pub(super) count: usize,
    pub(super) case: usize,
    pub(super) state: usize,
    pub(super) time: usize,
    pub(super) opened_at: Option<usize>,
    pub(super) customer: Option<usize>,
    pub(super) outlet: Option<usize>,
    pub(super) device: Option<usize>,
    pub(super) priority: Option<usize>,
    pub(super) group: Option<usize>,
    pub(super) assignee: Option<usize>,
    /// With the column's name, for the words of an opening.
    pub(super) words: Vec<(String, usize)>,
    pub(super) attachments: Vec<usize>,
    /// Whether a column is part of a row's identity.
    pub(super) identifying: Vec<bool>,
}

struct Search<'h> {
    header: &'h StringRecord,
    wrong: Vec<String>,
}

impl Search<'_> {
    /// A place; zero, with a complaint, where there is none.
    fn place(&mut self, key: &str, name: &str) -> usize {
        let mut places = (0..self.header.len()).filter(|place| {
            self.header.get(*place).is_some_and(|column| column.trim() == name.trim())
        });
        match (places.next(), places.next()) {
            (Some(place), None) => place,
            (Some(place), Some(_)) => {
                self.wrong.push(format!("`{name}` ({key}) stands there more than once"));
                place
            }
            (None, _) => {
                self.wrong.push(format!("`{name}` ({key}) is not there"));
                0
            }
        }
    }

    fn maybe(&mut self, key: &str, name: Option<&String>) -> Option<usize> {
        name.map(|name| self.place(key, name))
    }
}

impl Columns {
    /// Finds the columns of a mapping in a header.
    pub(super) fn find(mapping: &Mapping, header: &StringRecord) -> Result<Self, ColumnsError> {
        let ColumnNames {
            case,
            state,
            time,
            opened_at,
            customer,
            outlet,
            device,
            priority,
            group,
            assignee,
            words,
            attachments,
        } = &mapping.columns;
        let mut search = Search { header, wrong: Vec::new() };
        let mut identifying = vec![true; header.len()];
        for name in &mapping.filled_in_later {
            let place = search.place("file.filled_in_later", name);
            if let Some(identifying) = identifying.get_mut(place) {
                *identifying = false;
            }
        }
        let columns = Self {
            count: header.len(),
            case: search.place("columns.case", case),
            state: search.place("columns.state", state),
            time: search.place("columns.time", time),
            opened_at: search.maybe("columns.opened_at", opened_at.as_ref()),
            customer: search.maybe("columns.customer", customer.as_ref()),
            outlet: search.maybe("columns.outlet", outlet.as_ref()),
            device: search.maybe("columns.device", device.as_ref()),
            priority: search.maybe("columns.priority", priority.as_ref()),
            group: search.maybe("columns.group", group.as_ref()),
            assignee: search.maybe("columns.assignee", assignee.as_ref()),
            words: words
                .iter()
                .map(|name| (name.clone(), search.place("columns.words", name)))
                .collect(),
            attachments: attachments
                .iter()
                .map(|name| search.place("columns.attachments", name))
                .collect(),
            identifying,
        };
        if search.wrong.is_empty() {
            Ok(columns)
        } else {
            let existing = header.iter().map(|name| name.trim().to_owned()).collect();
            Err(ColumnsError { wrong: search.wrong, existing })
        }
    }
}
