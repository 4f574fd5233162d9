//! `paidan import directory`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sheets::{BYTES_MAX, FILES_MAX, Fault, FieldChange, How, Outcome, Report, SheetText};

use super::CliError;
use super::args::ImportDirectoryArgs;
use super::asking::connect;
use super::import_history::{ImportFailed, fresh_batch};
use super::progress::count_bar;
use super::table::{Align, Table};
use super::write::Printer;
use crate::config::Config;

/// Runs it, and prints the report also where there are errors.
pub(super) fn run(
    config: &Config,
    args: &ImportDirectoryArgs,
    mut printer: Printer<'_>,
) -> Result<(), CliError> {
    if args.files.len() > FILES_MAX {
        return Err(ImportFailed::TooManyFiles(args.files.len()).into());
    }
    let how = How { dry_run: args.dry_run, skip_bad_lines: args.skip_bad_lines };
    let (mut texts, mut faults) = (Vec::new(), Vec::new());
    for path in &args.files {
        match read(path) {
            Ok(text) => texts.push(text),
            Err(fault) => faults.push(fault),
        }
    }
    let report = if faults.is_empty() {
        let bar = count_bar("loading", 0, !printer.is_json());
        let mut progress = |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        };
        let batch = fresh_batch().map_err(ImportFailed::Batch)?;
        let report = connect(config)?.load_directory(&texts, how, batch, &mut progress)?;
        bar.finish_and_clear();
        report
    } else {
        Report::of_faults(how.dry_run, faults)
    };
    printer.print(&report, || text(&report, how, args.list))?;
    match report.errors_total {
        0 => Ok(()),
        errors => Err(ImportFailed::Sheets(errors).into()),
    }
}

/// One byte more than may be, so that what is too large is noticed and not all read.
fn read(path: &Path) -> Result<SheetText, Fault> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| Fault::unreadable(&path.display().to_string(), error))?;
    SheetText::decode(&name, None, &bytes)
}

fn text(report: &Report, how: How, list: usize) -> String {
    let mut counts = Table::new([
        ("sheet", Align::Left),
        ("added", Align::Right),
        ("changed", Align::Right),
        ("unchanged", Align::Right),
        ("left out", Align::Right),
    ]);
    for (sheet, count) in &report.sheets {
        let numbers = [count.added, count.changed, count.unchanged, count.left_out];
        let [added, changed, unchanged, left_out] = numbers.map(|number| number.to_string());
        counts.row([sheet.to_string(), added, changed, unchanged, left_out]);
    }
    let mut text = counts.render();
    changes(&mut text, report, list);
    faults(&mut text, report, list);
    let totals = report.totals();
    text.push_str(&match (report.errors_total, how) {
        (_, How { dry_run: true, .. }) => "\ndry run: nothing was recorded\n".to_owned(),
        (1.., How { skip_bad_lines: false, .. }) => {
            "\nnothing was recorded; mend the errors and run it again, or load the rest with \
             --skip-bad-lines\n"
                .to_owned()
        }
        _ => format!("\nrecorded {}, unchanged {}\n", report.recorded, totals.unchanged),
    });
    text.push_str("entries that are in no file stay as they are\n");
    text
}

fn changes(text: &mut String, report: &Report, list: usize) {
    let changed: Vec<_> =
        report.changes.iter().filter(|change| change.outcome == Outcome::Changed).collect();
    if changed.is_empty() {
        return;
    }
    text.push('\n');
    let mut table = Table::new([
        ("line", Align::Left),
        ("code", Align::Left),
        ("field", Align::Left),
        ("before", Align::Left),
        ("after", Align::Left),
    ]);
    for change in changed.iter().take(list) {
        let place = format!("{}:{}", change.file, change.line);
        for FieldChange { field, before, after } in &change.fields {
            let [before, after] = [before, after].map(shown);
            table.row([place.clone(), change.code.clone(), field.clone(), before, after]);
        }
    }
    text.push_str(&table.render());
    more(text, changed.len() as u64, list);
}

fn faults(text: &mut String, report: &Report, list: usize) {
    if report.errors_total == 0 {
        return;
    }
    text.push_str(&format!("\nerrors: {}\n", report.errors_total));
    let mut table =
        Table::new([("line", Align::Left), ("column", Align::Left), ("error", Align::Left)]);
    for Fault { file, line, column, message, .. } in report.errors.iter().take(list) {
        let place = line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"));
        table.row([place, column.clone().unwrap_or_default(), message.clone()]);
    }
    text.push_str(&table.render());
    more(text, report.errors_total, list);
}

fn more(text: &mut String, total: u64, list: usize) {
    let more = total.saturating_sub(list as u64);
    if more > 0 {
        text.push_str(&format!("… and {more} more; --list {total} shows all\n"));
    }
}

fn shown(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "-".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
