//! `paidan import history`.

use domain::ImportBatchId;
use eventlog::{Clock, SystemClock};

use super::args::ImportHistoryArgs;
use super::asking::connect;
use super::progress::byte_bar;
use super::table::{Align, Table};
use super::write::Printer;
use super::{CliError, PrintError};
use crate::config::Config;
use crate::import::{
    DrySink, Findings, History, ImportError, Mapping, MappingError, Options, Report, Sink, Source,
};

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportFailed {
    /// The mapping cannot be used.
    #[error("could not use the mapping {0}")]
    Mapping(String, #[source] MappingError),
    /// The file cannot be imported, or not to its end.
    #[error("could not import {0}")]
    Import(String, #[source] ImportError),
    /// The import could not be marked.
    #[error("the operating system gave no random bytes for the import's id")]
    Batch(#[source] getrandom::Error),
    /// The import came to its end; some of it was refused.
    #[error("{0} steps were not recorded; the report says which and why")]
    Refused(u64),
    /// More sheets than are loaded at once.
    #[error("{0} files are too many; load at most {max} at once", max = sheets::FILES_MAX)]
    TooManyFiles(usize),
    /// There are errors in the sheets.
    #[error("the sheets have errors ({0}); the report says where and what to do")]
    Sheets(u64),
}

/// Runs it, and prints the report also of an import that ended early. Mapping and file are
/// looked at before anything is opened for writing.
pub(super) fn run(
    config: &Config,
    args: &ImportHistoryArgs,
    mut printer: Printer<'_>,
) -> Result<(), CliError> {
    let mapping_name = || args.mapping.display().to_string();
    let file_name = || args.file.display().to_string();
    let mapping = Mapping::load(&args.mapping)
        .map_err(|error| ImportFailed::Mapping(mapping_name(), error))?;
    let bars = !printer.is_json();
    let source =
        Source::open(&args.file, |file, bytes| byte_bar("importing", bytes, bars).wrap_read(file))
            .map_err(|error| ImportFailed::Import(file_name(), error.into()))?;
    // The names of the columns too, so that a wrong one makes no data directory.
    let history =
        History::new(&mapping, source).map_err(|error| ImportFailed::Import(file_name(), error))?;
    let mut sink =
        if args.dry_run { Box::new(DrySink) } else { open_sink(config, mapping.source())? };
    let options = Options { dry_run: args.dry_run, listed_max: args.list };
    let printer = &mut printer;
    let sink = sink.as_mut();
    match history.import(sink, options) {
        Ok(report) => {
            print(printer, &report)?;
            match report.commands.conflicting + report.commands.refused {
                0 => Ok(()),
                refused => Err(ImportFailed::Refused(refused).into()),
            }
        }
        Err(error) => {
            if let ImportError::Stopped { report, .. } = &error {
                print(printer, report)?;
            }
            Err(ImportFailed::Import(file_name(), error).into())
        }
    }
}

fn print(printer: &mut Printer<'_>, report: &Report) -> Result<(), PrintError> {
    printer.print(report, || text(report))
}

fn text(report: &Report) -> String {
    let mut totals = Table::new([("what", Align::Left), ("count", Align::Right)]);
    let mut line = |name: &str, count: u64| totals.row([name.to_owned(), count.to_string()]);
    line("rows", report.rows);
    line("rows left out", report.skipped.total);
    line("cases", report.cases);
    line("cases closed", report.cases_closed);
    for (name, count) in report.steps.named() {
        line(name, count);
    }
    line("steps", report.steps.total());
    if !report.dry_run {
        line("new in the log", report.commands.new);
        line("already there", report.commands.already_there);
        line("conflicting", report.commands.conflicting);
        line("refused", report.commands.refused);
    }
    let mut text = totals.render();
    findings(&mut text, "left out", &report.skipped);
    findings(&mut text, "used, but odd", &report.noticed);
    findings(&mut text, "not recorded", &report.refused);
    let seconds = report.elapsed_ms as f64 / 1_000.0;
    let end = if report.dry_run { "dry run of" } else { "imported" };
    text.push_str(&format!(
        "\n{end} {} in {seconds:.1} s, {} rows/s\n",
        report.source, report.rows_per_s
    ));
    if report.dry_run {
        text.push_str("nothing was recorded\n");
    }
    text
}

fn findings(text: &mut String, title: &str, findings: &Findings) {
    if findings.total == 0 {
        return;
    }
    let kinds: Vec<_> =
        findings.by_kind.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    text.push_str(&format!("\n{title}: {} ({})\n", findings.total, kinds.join(", ")));
    let mut table =
        Table::new([("line", Align::Right), ("case", Align::Left), ("why", Align::Left)]);
    for finding in &findings.first {
        let case = finding.case.clone().unwrap_or_default();
        table.row([finding.line.to_string(), case, finding.detail.clone()]);
    }
    text.push_str(&table.render());
    let more = findings.total - findings.first.len() as u64;
    if more > 0 {
        text.push_str(&format!("… and {more} more\n"));
    }
}

/// The sink of a running server, or of the log itself.
fn open_sink(config: &Config, source: &str) -> Result<Box<dyn Sink>, CliError> {
    let batch = fresh_batch().map_err(ImportFailed::Batch)?;
    Ok(connect(config)?.import(source, batch)?)
}

/// A UUIDv7 (RFC 9562, section 5.7), so that batches sort by time.
pub(super) fn fresh_batch() -> Result<ImportBatchId, getrandom::Error> {
    let mut random = [0; 10];
    getrandom::fill(&mut random)?;
    let now = SystemClock.now().as_micros() / 1_000;
    let millis = u64::try_from(now).unwrap_or(0);
    let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    Ok(ImportBatchId::from_uuid(uuid))
}
