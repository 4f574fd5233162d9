//! The walk through the file.

use std::collections::HashMap;
use std::time::Instant;

use csv::{ByteRecord, StringRecord};
use domain::limits::{LIST_BYTES_MAX, LIST_MAX, NAME_BYTES_MAX};
use domain::ticket::{Import, ImportedStep, Priority};
use domain::{CommandId, Issuer, TicketId, Timestamp};

use super::case::{Case, Oddity, OwnerChange, RowState, Update};
use super::columns::{Columns, ColumnsError};
use super::mapping::Mapping;
use super::report::Report;
use super::row::Row;
use super::sink::{ImportCommand, Outcome, Settled, Sink, SinkError};
use super::source::{Source, SourceError};
use super::states::Meaning;
use super::symbols::Symbols;

/// A record of the log holds 16 KiB; half of that leaves room for everything else in it.
const WORDS_BYTES_MAX: usize = 8 * 1024;

/// Why an import did not begin, or did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be imported. Nothing was sent.
    #[error("the file cannot be imported")]
    Source(#[from] SourceError),
    /// The mapping does not fit it. Nothing was sent.
    #[error("the mapping cannot be used for this file")]
    Columns(#[from] ColumnsError),
    /// It ended early. Import it again when the cause is mended: nothing is recorded twice.
    #[error(
        "the import ended early, after {} rows; what was recorded stays, and a repetition goes on \
         from there", .report.rows
    )]
    Stopped {
        /// What was done until then.
        report: Box<Report>,
        /// Why it ended.
        #[source]
        source: StopCause,
    },
}

/// Why an import ended early.
#[derive(Debug, thiserror::Error)]
pub enum StopCause {
    /// The file cannot be read on.
    #[error(transparent)]
    Source(SourceError),
    /// Nothing more can be recorded.
    #[error(transparent)]
    Sink(SinkError),
}

/// How an import is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Said in the report; what makes a run dry is its sink.
    pub dry_run: bool,
    /// How many findings of each sort are listed.
    pub listed_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { dry_run: false, listed_max: 20 }
    }
}

/// Walks through a file once and hands its steps to a sink.
///
/// # Errors
/// Before anything is sent when file and mapping do not fit; later only when the file cannot be
/// read on or the sink takes nothing more.
pub fn import_history(
    mapping: &Mapping,
    source: Source,
    sink: &mut dyn Sink,
    options: Options,
) -> Result<Report, ImportError> {
    History::new(mapping, source)?.import(sink, options)
}

/// A file whose columns fit a mapping.
#[derive(Debug)]
pub struct History<'m> {
    mapping: &'m Mapping,
    reader: csv::Reader<Source>,
    columns: Columns,
}

impl<'m> History<'m> {
    /// Reads the names of the columns and looks for those of the mapping.
    ///
    /// # Errors
    /// When file and mapping do not fit.
    pub fn new(mapping: &'m Mapping, source: Source) -> Result<Self, ImportError> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(mapping.delimiter)
            .quoting(mapping.quote.is_some())
            .quote(mapping.quote.unwrap_or(b'"'))
            .from_reader(source);
        let header = read_header(&mut reader)?;
        let columns = Columns::find(mapping, &header)?;
        Ok(Self { mapping, reader, columns })
    }

    /// Walks through the rows and hands their steps to a sink.
    ///
    /// # Errors
    /// When the file cannot be read on or the sink takes nothing more.
    pub fn import(self, sink: &mut dyn Sink, options: Options) -> Result<Report, ImportError> {
        let Self { mapping, mut reader, columns } = self;
        walk(mapping, &mut reader, &columns, sink, options)
    }
}

fn walk(
    mapping: &Mapping,
    reader: &mut csv::Reader<Source>,
    columns: &Columns,
    sink: &mut dyn Sink,
    options: Options,
) -> Result<Report, ImportError> {
    let started = Instant::now();
    let mut walk = Walk {
        mapping,
        columns,
        sink,
        cases: HashMap::new(),
        symbols: Symbols::default(),
        report: Report::new(mapping.source(), options.dry_run, options.listed_max),
    };
    let result = walk.rows(reader);
    // What is under way is settled also when the file broke off, so that the report is true.
    let finished = walk.finish().map_err(StopCause::Sink);
    let mut report = walk.report;
    report.cases = walk.cases.values().filter(|case| case.is_open_here()).count() as u64;
    report.cases_closed =
        walk.cases.values().filter(|case| case.meaning() == Some(Meaning::Closed)).count() as u64;
    let elapsed = started.elapsed();
    report.elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    report.rows_per_s = per_second(report.rows, elapsed);
    match result.and(finished) {
        Ok(()) => Ok(report),
        Err(source) => Err(ImportError::Stopped { report: Box::new(report), source }),
    }
}

fn per_second(rows: u64, elapsed: std::time::Duration) -> u64 {
    let micros = elapsed.as_micros().max(1);
    u64::try_from(u128::from(rows) * 1_000_000 / micros).unwrap_or(u64::MAX)
}

fn read_header(reader: &mut csv::Reader<Source>) -> Result<StringRecord, SourceError> {
    let mut header = ByteRecord::new();
    let there = reader
        .read_byte_record(&mut header)
        .map_err(|source| SourceError::Read { line: 0, source })?;
    reader.get_mut().row_ended();
    if !there {
        return Err(SourceError::NoHeader);
    }
    StringRecord::from_byte_record(header).map_err(|_| SourceError::HeaderNotUtf8)
}

struct Walk<'a> {
    mapping: &'a Mapping,
    columns: &'a Columns,
    sink: &'a mut dyn Sink,
    cases: HashMap<TicketId, Case>,
    symbols: Symbols,
    report: Report,
}

impl Walk<'_> {
    fn rows(&mut self, reader: &mut csv::Reader<Source>) -> Result<(), StopCause> {
        let mut bytes = ByteRecord::new();
        loop {
            let before = reader.position().line();
            let there = reader.read_byte_record(&mut bytes).map_err(|source| {
                StopCause::Source(SourceError::Read { line: before.saturating_sub(1), source })
            })?;
            reader.get_mut().row_ended();
            if !there {
                return Ok(());
            }
            self.report.rows += 1;
            let line = bytes.position().map_or(before, csv::Position::line);
            match StringRecord::from_byte_record(std::mem::take(&mut bytes)) {
                Ok(values) => {
                    self.row(line, &values).map_err(StopCause::Sink)?;
                    bytes = values.into_byte_record();
                }
                Err(wrong) => {
                    self.report.skipped.add(line, None, "not_utf8", || wrong.to_string());
                    bytes = wrong.into_byte_record();
                }
            }
        }
    }

    fn row(&mut self, line: u64, values: &StringRecord) -> Result<(), SinkError> {
        let row = match Row::new(self.mapping, self.columns, values) {
            Ok(row) => row,
            Err(why) => {
                self.report.skipped.add(line, None, why.kind(), || why.detail());
                return Ok(());
            }
        };
        let ticket = row.ticket();
        let case = self.cases.entry(ticket).or_default();
        let ordinal = case.next_row();
        let skipped = &mut self.report.skipped;
        let Some(time) = row.time() else {
            skipped.add(line, Some(row.case), "no_time", || "it has no time".into());
            return Ok(());
        };
        let Some(at) = self.mapping.moments.read(time) else {
            skipped.add(line, Some(row.case), "bad_time", || {
                format!("its time {time:?} is in none of the formats of the mapping")
            });
            return Ok(());
        };
        let changes = case.update(Update {
            at,
            group: row.group().map(|text| self.symbols.of(text)),
            assignee: row.assignee().map(|text| self.symbols.of(text)),
            state: row.state().map(|text| RowState {
                text: self.symbols.of(text),
                reading: self.mapping.states.read(text),
            }),
        });
        let state = row.state().unwrap_or_default();
        let noticed = &mut self.report.noticed;
        match changes.oddity {
            None => {}
            Some(Oddity::NotAState) => noticed.add(line, Some(row.case), "not_a_state", || {
                format!("{state:?} is not a state; the case keeps the one that it had")
            }),
            Some(Oddity::Unknown) => noticed.add(line, Some(row.case), "unknown_state", || {
                format!("the state {state:?} is not in `states` of the mapping")
            }),
        }
        if let Some(before) = changes.back_from {
            noticed.add(line, Some(row.case), "time_went_back", || {
                format!("it is from {at}, the row before it from {before}")
            });
        }

        let named = row.attachments().filter(|name| case.names(self.symbols.of(name)));
        let named: Vec<&str> = named.collect();
        let mut steps = RowSteps { prefix: String::new(), row, ordinal, ticket, line };
        if changes.opened {
            let (step, opened_at) = self.opening(line, row, at);
            let words = row.words();
            self.send(&mut steps, "opened", opened_at, step, words)?;
        }
        if changes.reopened {
            self.send(&mut steps, "reopened", at, ImportedStep::Reopened, state.into())?;
        }
        if let Some(change) = changes.owner {
            // What this row says and no more: a new group without a person has no person yet.
            let (engineer, outlet) = (row.assignee_id(), row.group_id());
            let step = match change {
                OwnerChange::First => ImportedStep::Assigned { engineer, outlet },
                OwnerChange::Later => ImportedStep::Reassigned { engineer, outlet },
            };
            let names: Vec<_> = row.group().into_iter().chain(row.assignee()).collect();
            self.send(&mut steps, "owner", at, step, names.join(" / "))?;
        }
        if let Some(step) = changes.state.and_then(Meaning::step) {
            self.send(&mut steps, "state", at, step, state.into())?;
        }
        self.name_files(&mut steps, &named, at)
    }

    /// As many steps as it takes: one holds only so many names.
    fn name_files(
        &mut self,
        steps: &mut RowSteps<'_>,
        mut names: &[&str],
        at: Timestamp,
    ) -> Result<(), SinkError> {
        for part in 1.. {
            let mut bytes = 0;
            let fits = names.iter().take(LIST_MAX).take_while(|name| {
                bytes += name.len().min(NAME_BYTES_MAX);
                bytes <= LIST_BYTES_MAX
            });
            let (now, later) = names.split_at(fits.count());
            if now.is_empty() {
                break;
            }
            let ends: Vec<&str> = now.iter().map(|name| self.end_of(name, steps)).collect();
            let count = u32::try_from(ends.len()).unwrap_or(u32::MAX);
            let step = ImportedStep::AttachmentsNamed { count };
            self.send(steps, &format!("attachments-{part}"), at, step, ends.join("\n"))?;
            names = later;
        }
        Ok(())
    }

    /// The end of a name, where it is too long: what a file is called stands at the end of a path.
    fn end_of<'n>(&mut self, name: &'n str, steps: &RowSteps<'_>) -> &'n str {
        let Some(over) = name.len().checked_sub(NAME_BYTES_MAX + 1) else { return name };
        self.report.noticed.add(steps.line, Some(steps.row.case), "name_cut", || {
            format!("the name of a file is longer than {NAME_BYTES_MAX} bytes; its end is kept")
        });
        let (_, end) = name.split_at(name.ceil_char_boundary(over + 1));
        end.trim()
    }

    fn opening(&mut self, line: u64, row: Row<'_>, at: Timestamp) -> (ImportedStep, Timestamp) {
        let noticed = &mut self.report.noticed;
        let opened_at = match row.opened_at() {
            None => at,
            Some(text) => self.mapping.moments.read(text).unwrap_or_else(|| {
                noticed.add(line, Some(row.case), "bad_opening_time", || {
                    format!(
                        "it was opened at {text:?}, which is in no known format; the time of \
                             the row stands for it"
                    )
                });
                at
            }),
        };
        if opened_at > at {
            noticed.add(line, Some(row.case), "opened_after_first_row", || {
                format!("it was opened at {opened_at}, its first row is from {at}")
            });
        }
        let priority = row.priority().map_or(Priority::default(), |text| {
            self.mapping.priorities.get(text).copied().unwrap_or_else(|| {
                noticed.add(line, Some(row.case), "unknown_priority", || {
                    format!(
                        "the priority {text:?} is not in `priorities` of the mapping; it \
                             counts as normal"
                    )
                });
                Priority::default()
            })
        });
        let step = ImportedStep::Opened {
            customer: row.customer_id(),
            outlet: row.outlet_id(),
            device: row.device_id(),
            priority,
        };
        (step, opened_at)
    }

    fn send(
        &mut self,
        steps: &mut RowSteps<'_>,
        slot: &str,
        occurred_at: Timestamp,
        step: ImportedStep,
        mut words: String,
    ) -> Result<(), SinkError> {
        if words.len() > WORDS_BYTES_MAX {
            words.truncate(words.floor_char_boundary(WORDS_BYTES_MAX));
            self.report.noticed.add(steps.line, Some(steps.row.case), "words_cut", || {
                format!("its words are longer than {WORDS_BYTES_MAX} bytes; the rest is left out")
            });
        }
        self.report.steps.count(&step);
        self.report.commands.sent += 1;
        let settled = self.sink.submit(ImportCommand {
            id: CommandId {
                issuer: Issuer::Import(self.mapping.source.clone()),
                key: steps.key(slot),
            },
            ticket: steps.ticket,
            occurred_at,
            command: Import { step: Some(step), words },
            line: steps.line,
        })?;
        self.settle(settled);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        let settled = self.sink.finish()?;
        self.settle(settled);
        Ok(())
    }

    fn settle(&mut self, settled: Vec<Settled>) {
        let Report { commands, refused, .. } = &mut self.report;
        for Settled { line, outcome } in settled {
            match outcome {
                Outcome::New => commands.new += 1,
                Outcome::AlreadyThere => commands.already_there += 1,
                Outcome::Conflict => {
                    commands.conflicting += 1;
                    refused.add(line, None, "conflict", || {
                        "this step was imported before with another content; was the mapping \
                         changed since?"
                            .into()
                    });
                }
                Outcome::Refused(reason) => {
                    commands.refused += 1;
                    refused.add(line, None, "refused", || reason);
                }
            }
        }
    }
}

/// What the steps of one row have in common.
struct RowSteps<'a> {
    row: Row<'a>,
    ordinal: u32,
    ticket: TicketId,
    line: u64,
    /// Made when the first step needs it: most rows have none.
    prefix: String,
}

impl RowSteps<'_> {
    /// `<case>/<row of the case>/<identity of the row>#<what it changes>`. Named and not counted,
    /// so that a step keeps its id when the mapping gives the row another one before it.
    fn key(&mut self, slot: &str) -> String {
        if self.prefix.is_empty() {
            self.prefix = format!("{}/{}/{}", self.row.case, self.ordinal, self.row.identity());
        }
        format!("{}#{slot}", self.prefix)
    }
}
