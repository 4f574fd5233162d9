//! Rebuilds in words: how far one is, what differs, what was swapped.

use std::io;

use domain::RuleSetVersion;
use projector::{
    Comparison, RebuildPhase, RebuildView, RecountName, RowChange, RowDifference, SwapRecord,
};
use serde_json::Value;
use words::Args;

use super::CliError;
use super::audit_csv::tame;
use super::page::Page;
use super::table::{Align, Table};

/// What is said of a rebuild.
pub(super) fn progress(view: Option<&RebuildView>, page: &Page<'_>) -> String {
    let Some(view) = view else { return format!("{}\n", page.say("rebuild-none")) };
    let place = Args::new()
        .text("models", view.models.join(", "))
        .text("rules", recount(view.rules, page))
        .text("phase", page.say(phase(view.phase)))
        .text("position", view.position.to_string())
        .text("head", view.head.to_string());
    let mut text = page.language.say_with("rebuild-progress", &place);
    if let (Some(rate), Some(left)) = (view.events_per_s, view.seconds_left) {
        let pace = Args::new().text("rate", rate.to_string()).text("left", left.to_string());
        text.push_str(&page.language.say_with("rebuild-pace", &pace));
    }
    text.push('\n');
    if let Some(rows) = view.rows_changed {
        text.push_str(&page.say_count("rebuild-rows", rows));
        text.push('\n');
    }
    if let Some(why) = &view.why {
        text.push_str(why);
        text.push('\n');
    }
    text
}

/// By which rules the past is counted, in words.
fn recount(name: RecountName, page: &Page<'_>) -> String {
    match name {
        RecountName::AsRecorded => page.say("rebuild-as-recorded"),
        RecountName::Published(version) => {
            let version = Args::new().text("version", version.to_string());
            page.language.say_with("rebuild-by-version", &version)
        }
        RecountName::Tried => page.say("rebuild-by-tried"),
        RecountName::AsLive => page.say("rebuild-as-live"),
    }
}

const fn phase(phase: RebuildPhase) -> &'static str {
    match phase {
        RebuildPhase::Folding => "rebuild-folding",
        RebuildPhase::Paused => "rebuild-paused",
        RebuildPhase::Comparing => "rebuild-comparing",
        RebuildPhase::Ready => "rebuild-ready",
        RebuildPhase::Swapped => "rebuild-swapped",
        RebuildPhase::Failed => "rebuild-failed",
    }
}

/// Totals of all models first, then the rows that differ most.
pub(super) fn comparisons(compared: &[Comparison], page: &Page<'_>) -> String {
    compared.iter().map(|found| comparison(found, page)).collect::<Vec<_>>().join("\n")
}

fn comparison(found: &Comparison, page: &Page<'_>) -> String {
    let head = Args::new()
        .text("model", found.model.clone())
        .text("position", found.position.to_string())
        .text("live", recount(found.live, page))
        .text("rebuilt", recount(found.rebuilt, page));
    let mut text = format!("{}\n", page.language.say_with("compare-head", &head));
    if found.equal {
        text.push_str(&page.say("compare-equal"));
        text.push('\n');
        return text;
    }
    text.push('\n');
    text.push_str(&totals(found, page));
    text.push('\n');
    text.push_str(&rows(found, page));
    if found.rows_left_out > 0 {
        text.push_str(&page.say_count("compare-left-out", found.rows_left_out));
        text.push('\n');
    }
    text
}

fn totals(found: &Comparison, page: &Page<'_>) -> String {
    use Align::{Left, Right};
    let columns = [
        ("compare-table", Left),
        ("compare-total", Left),
        ("compare-live", Right),
        ("compare-rebuilt", Right),
        ("compare-difference", Right),
    ];
    let mut table = Table::new(columns.map(|(name, align)| (page.say(name), align)));
    for one in &found.tables {
        let rows = [("compare-rows", one.live_rows, one.rebuilt_rows)];
        let mut counts: Vec<(String, u64, u64)> =
            rows.map(|(name, live, rebuilt)| (page.say(name), live, rebuilt)).into();
        let changed = one.totals.iter().filter(|total| total.live != total.rebuilt);
        counts.extend(changed.map(|total| (total.field.clone(), total.live, total.rebuilt)));
        for (name, live, rebuilt) in counts {
            table.row([
                one.table.clone(),
                name,
                live.to_string(),
                rebuilt.to_string(),
                difference(live, rebuilt),
            ]);
        }
        for (name, count) in [
            ("compare-added", one.added),
            ("compare-removed", one.removed),
            ("compare-changed", one.changed),
        ] {
            if count > 0 {
                let empty = String::new;
                table.row([one.table.clone(), page.say(name), empty(), empty(), count.to_string()]);
            }
        }
    }
    table.render()
}

fn difference(live: u64, rebuilt: u64) -> String {
    match rebuilt.checked_sub(live) {
        Some(0) => String::new(),
        Some(more) => format!("+{more}"),
        None => format!("-{}", live - rebuilt),
    }
}

fn rows(found: &Comparison, page: &Page<'_>) -> String {
    use Align::Left;
    let columns = [
        ("compare-table", Left),
        ("compare-row", Left),
        ("compare-change", Left),
        ("compare-fields", Left),
        ("compare-events", Left),
    ];
    let mut table =
        Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
    for row in &found.rows {
        table.row([
            row.table.clone(),
            key(row),
            page.say(change(row.change)),
            fields(row),
            events(row, page),
        ]);
    }
    table.render()
}

const fn change(change: RowChange) -> &'static str {
    match change {
        RowChange::Added => "compare-added",
        RowChange::Removed => "compare-removed",
        RowChange::Changed => "compare-changed",
    }
}

fn key(row: &RowDifference) -> String {
    let known = row.key.iter().filter(|(_, value)| !value.is_null());
    known.map(|(_, value)| plain(value)).collect::<Vec<_>>().join(" ")
}

/// Fields of a row that both have; of one that only one has, its counts would be all fields.
fn fields(row: &RowDifference) -> String {
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".into(), plain);
    let said = row.fields.iter().filter(|_| row.change == RowChange::Changed);
    let said =
        said.map(|one| format!("{} {} → {}", one.field, shown(&one.live), shown(&one.rebuilt)));
    said.collect::<Vec<_>>().join(", ")
}

fn events(row: &RowDifference, page: &Page<'_>) -> String {
    let Some(why) = &row.explained else { return String::new() };
    let mut said: Vec<String> = Vec::new();
    if why.from_the_start {
        said.push(page.say("compare-from-the-start"));
    }
    said.extend(why.positions.iter().map(ToString::to_string));
    if why.events > why.positions.len() as u64 {
        said.push(format!("… ({})", why.events));
    }
    said.join(" ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Columns that do not depend on the language, one line for each field that differs.
const COLUMNS: [&str; 10] = [
    "model",
    "position",
    "table",
    "key",
    "change",
    "field",
    "live",
    "rebuilt",
    "events",
    "explained",
];

/// Writes what differs as CSV, safe to open in a spreadsheet.
pub(super) fn print_csv(compared: &[Comparison], page: &mut Page<'_>) -> Result<(), CliError> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let written = rows_of(compared).try_for_each(|row| out.write_record(row.map(tame)));
    written.map_err(io::Error::from).map_err(super::PrintError::from)?;
    let bytes = out.into_inner().map_err(|error| super::PrintError::from(error.into_error()))?;
    page.end_with(&String::from_utf8_lossy(&bytes))
}

/// The names of the columns, and a row for each field that differs.
fn rows_of(compared: &[Comparison]) -> impl Iterator<Item = [String; COLUMNS.len()]> {
    let rows = compared.iter().flat_map(|found| {
        let fields =
            found.rows.iter().flat_map(|row| row.fields.iter().map(move |field| (row, field)));
        fields.map(move |(row, field)| {
            let shown = |value: &Option<Value>| value.as_ref().map(plain).unwrap_or_default();
            let why = row.explained.clone().unwrap_or_default();
            let positions: Vec<_> = why.positions.iter().map(ToString::to_string).collect();
            [
                found.model.clone(),
                found.position.to_string(),
                row.table.clone(),
                key(row),
                format!("{:?}", row.change).to_lowercase(),
                field.field.clone(),
                shown(&field.live),
                shown(&field.rebuilt),
                why.events.to_string(),
                positions.join(" "),
            ]
        })
    });
    std::iter::once(COLUMNS.map(str::to_owned)).chain(rows)
}

/// What is said of a swap.
pub(super) fn swap(record: &SwapRecord, page: &Page<'_>) -> String {
    let mut text = String::new();
    for (model, version) in &record.rules {
        let name = match *version {
            RuleSetVersion::SHIPPED => RecountName::AsRecorded,
            version => RecountName::Published(version),
        };
        let told = Args::new()
            .text("model", model.clone())
            .text("position", record.position.to_string())
            .text("rules", recount(name, page));
        text.push_str(&page.language.say_with("rebuild-swapped-in", &told));
        text.push('\n');
    }
    text.push_str(&page.say_count("rebuild-rows", record.rows_changed));
    text.push('\n');
    text
}
