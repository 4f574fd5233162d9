//! `paidan satisfaction`: what customers answered, with silence told apart.

use std::time::Duration;

use domain::Timestamp;
use serde::Deserialize;

use super::CliError;
use super::names::Names;
use super::page::Page;
use super::past::{Corrected, Past};
use super::query_args::SatisfactionArgs;
use super::reader::{Reader, read};
use super::table::{Align, Table};
use super::target::Target;
use crate::config::Config;

#[derive(Deserialize)]
struct Sums {
    #[serde(flatten)]
    past: Past,
    by: String,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    /// Of these one is there; it may be null.
    engineer: Option<String>,
    outlet: Option<String>,
    area: Option<String>,
    day: Option<String>,
    week: Option<String>,
    resolved: u64,
    satisfied: u64,
    partial: u64,
    unresolved: u64,
    closed_by_silence: u64,
    closed_by_agent: u64,
    reopened: u64,
    imported_resolved: u64,
    stars_count: u64,
    stars_sum: u64,
    first_response: Option<FirstResponse>,
    late: u64,
    corrected_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct FirstResponse {
    median_s: u64,
}

impl Row {
    fn id(&self) -> Option<&String> {
        [&self.engineer, &self.outlet, &self.area].into_iter().find_map(Option::as_ref)
    }
}

pub(super) fn run(
    config: &Config,
    args: &SatisfactionArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.query.json)?;
    let target = Target::new("/api/v1/satisfaction")
        .with("by", args.by.as_ref())
        .with("from", args.from.as_ref())
        .with("until", args.until.as_ref())
        .with("area", args.area.as_ref())
        .with("outlet", args.outlet.as_ref())
        .with("engineer", args.engineer.as_ref())
        .asked_of(&args.query);
    let body = reader.ask(target)?;
    if args.query.json {
        return page.end_with_body(&body);
    }
    let Sums { past, by, rows } = read(&body)?;
    let mut names = past.names(&mut reader)?;
    if past.tell(&mut page, &names)?.is_break() {
        return Ok(());
    }
    names.learn(&mut reader, rows.iter().filter_map(Row::id).cloned())?;
    let table = table(&by, &rows, &page, &names);
    page.end_with_table(&table, "command-no-satisfaction")?;
    let corrected = rows.iter().filter_map(|row| {
        let when = row.day.as_ref().or(row.week.as_ref())?;
        Some(Corrected { when, late: row.late, corrected_at: row.corrected_at })
    });
    page.end_with(&Corrected::lines(corrected, &page, &names))
}

fn table(by: &str, rows: &[Row], page: &Page<'_>, names: &Names) -> Table<11> {
    use Align::{Left, Right};
    let by = match by {
        "engineer" => "command-engineer",
        "outlet" => "command-outlet",
        "area" => "command-area",
        "week" => "command-week",
        _ => "command-day",
    };
    let columns = [
        (by, Left),
        ("state-resolved", Right),
        ("verdict-satisfied", Right),
        ("verdict-partial", Right),
        ("verdict-unresolved", Right),
        ("command-silent", Right),
        ("command-by-agent", Right),
        ("command-reopened", Right),
        ("state-imported", Right),
        ("command-stars", Right),
        ("command-first-response", Right),
    ];
    let mut table =
        Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
    for row in rows {
        let of = row.day.as_ref().or(row.week.as_ref()).cloned();
        let stars = row.stars_sum as f64 / row.stars_count as f64;
        table.row([
            of.or_else(|| row.id().map(|id| names.of(id)))
                .unwrap_or_else(|| page.say("command-nobody")),
            row.resolved.to_string(),
            row.satisfied.to_string(),
            row.partial.to_string(),
            row.unresolved.to_string(),
            row.closed_by_silence.to_string(),
            row.closed_by_agent.to_string(),
            row.reopened.to_string(),
            row.imported_resolved.to_string(),
            if row.stars_count == 0 { "-".into() } else { format!("{stars:.1}") },
            row.first_response.as_ref().map_or_else(
                || "-".into(),
                |first| page.language.span(Duration::from_secs(first.median_s)),
            ),
        ]);
    }
    table
}
