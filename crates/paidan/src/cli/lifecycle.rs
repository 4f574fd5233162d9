//! `paidan lifecycle`: what happened in each hour.

use domain::{CivilDate, CivilHour, Timestamp};
use serde::Deserialize;

use super::CliError;
use super::page::Page;
use super::past::{Corrected, Past};
use super::query_args::LifecycleArgs;
use super::reader::{Reader, read};
use super::table::{Align, Table};
use super::target::Target;
use crate::config::Config;

#[derive(Deserialize)]
struct Hours {
    #[serde(flatten)]
    past: Past,
    from: CivilDate,
    until: CivilDate,
    hours: Vec<Hour>,
    corrected: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    day: String,
    late: u64,
    corrected_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Hour {
    #[serde(flatten)]
    hour: CivilHour,
    created: u64,
    accepted: u64,
    completed: u64,
    rated: u64,
    low: u64,
    silent: u64,
}

pub(super) fn run(
    config: &Config,
    args: &LifecycleArgs,
    mut page: Page<'_>,
) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.query.json)?;
    let target = Target::new("/api/v1/lifecycle")
        .with("from", args.from.as_ref())
        .with("until", args.until.as_ref())
        .with("outlet", args.outlet.as_ref())
        .with("area", args.area.as_ref())
        .asked_of(&args.query);
    let body = reader.ask(target)?;
    if args.query.json {
        return page.end_with_body(&body);
    }
    let Hours { past, from, until, hours, corrected } = read(&body)?;
    let names = past.names(&mut reader)?;
    if past.tell(&mut page, &names)?.is_break() {
        return Ok(());
    }
    if page.put(&format!("{from} – {until}\n\n"))?.is_break() {
        return Ok(());
    }
    page.end_with_table(&table(&hours, &page), "command-no-lifecycle")?;
    let corrected = corrected.iter().map(|Day { day, late, corrected_at }| Corrected {
        when: day,
        late: *late,
        corrected_at: *corrected_at,
    });
    page.end_with(&Corrected::lines(corrected, &page, &names))
}

fn table(hours: &[Hour], page: &Page<'_>) -> Table<8> {
    use Align::{Left, Right};
    let columns = [
        ("command-day", Left),
        ("command-hour", Right),
        ("command-created", Right),
        ("stage-accepted", Right),
        ("state-resolved", Right),
        ("command-rated", Right),
        ("command-low", Right),
        ("command-silent", Right),
    ];
    let mut table =
        Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
    for Hour { hour, created, accepted, completed, rated, low, silent } in hours {
        let [created, accepted, completed, rated, low, silent] =
            [created, accepted, completed, rated, low, silent].map(u64::to_string);
        let begins = format!("{:02}:00", hour.hour);
        table.row([hour.day.to_string(), begins, created, accepted, completed, rated, low, silent]);
    }
    table
}
