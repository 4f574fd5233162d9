//! `paidan ticket history`.

use std::time::Duration;

use domain::{TicketId, TicketNumber};
use serde::Deserialize;
use serde_json::Value;

use super::CliError;
use super::events::EventRow;
use super::names::Names;
use super::page::Page;
use super::query_args::TicketArgs;
use super::reader::{Reader, read};
use super::table::{Align, Table};
use super::target::Target;
use super::ticket_pages::whole;
use crate::config::Config;

/// Less is the way from the engine to the log.
const RECORDED_LATER: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
struct Ticket {
    id: TicketId,
    number: TicketNumber,
    version: u64,
}

pub(super) fn run(config: &Config, args: &TicketArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.query.json)?;
    let path = || Target::new("/api/v1/tickets").step(&args.id.to_string());
    let history = whole(&mut reader, args, "events", "events")?;
    if args.query.json {
        return page.end_with_body(&Value::Object(history).to_string());
    }
    let events: Vec<EventRow> =
        serde_json::from_value(history.get("events").cloned().unwrap_or_default())
            .map_err(CliError::OtherShape)?;
    let ticket: Ticket = read(&reader.ask(path().asked(&args.query))?)?;
    let mut names = Names::new(&mut reader)?;
    names.learn(&mut reader, events.iter().flat_map(EventRow::ids))?;
    let text = text(&ticket, &events, &page, &names);
    page.end_with(&text)
}

fn text(ticket: &Ticket, events: &[EventRow], page: &Page<'_>, names: &Names) -> String {
    let occurred = format!("{} ({})", page.say("command-occurred"), names.zone);
    let mut table = Table::new([
        (page.say("command-position"), Align::Right),
        (occurred, Align::Left),
        (page.say("command-recorded"), Align::Left),
        (page.say("command-who"), Align::Left),
        (page.say("command-event"), Align::Left),
    ])
    .within(page.width);
    for event in events {
        let later = event.recorded_at.since(event.occurred_at) >= RECORDED_LATER;
        let told = event.told(page.language, names);
        table.row([
            event.position.to_string(),
            names.time.to_second(event.occurred_at),
            if later { names.time.to_second(event.recorded_at) } else { String::new() },
            told.who,
            told.what,
        ]);
    }
    let Ticket { id, number, version } = ticket;
    let title = page
        .language
        .say_with("ticket-title", &::words::Args::new().text("number", number.to_string()));
    let count = page.say_count("command-events-count", *version);
    format!("{title} ({id}), {count}\n\n{}", table.render())
}
