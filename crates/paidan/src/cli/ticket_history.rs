//! `paidan ticket history`.

use std::io;
use std::time::Duration;

use serde::Serialize;

use super::CliError;
use super::args::TicketHistoryArgs;
use super::asking::{ask, connect, unexpected};
use super::event_words::{moment, who, words};
use super::table::{Align, Table};
use super::write::Printer;
use crate::config::Config;
use crate::control::{EventView, Reply, Request, TicketView};

/// Less is the way from the engine to the log.
const RECORDED_LATER: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct History {
    #[serde(flatten)]
    ticket: TicketView,
    events: Vec<EventView>,
}

pub(super) fn run(
    config: &Config,
    args: &TicketHistoryArgs,
    mut printer: Printer<'_>,
) -> Result<(), CliError> {
    let mut ticket = None;
    let mut events = Vec::new();
    let request = Request::TicketHistory { ticket: args.id };
    ask(connect(config)?, request, "reading", false, &mut |reply| {
        match reply {
            Reply::Ticket(view) => ticket = Some(view),
            Reply::Event(event) => events.push(*event),
            other => return Err(unexpected(&other)),
        }
        Ok(())
    })?;
    let ticket = ticket.ok_or_else(|| CliError::Unanswered(io::ErrorKind::UnexpectedEof.into()))?;
    let history = History { ticket, events };
    Ok(printer.print(&history, || text(&history))?)
}

fn text(history: &History) -> String {
    let TicketView { ticket, number, version } = &history.ticket;
    let mut table = Table::new([
        ("position", Align::Right),
        ("occurred (UTC)", Align::Left),
        ("recorded", Align::Left),
        ("event", Align::Left),
        ("who", Align::Left),
        ("", Align::Left),
    ]);
    for event in &history.events {
        let EventView { occurred_at, recorded_at, .. } = *event;
        let later = recorded_at.since(occurred_at) >= RECORDED_LATER;
        table.row([
            event.position.to_string(),
            moment(occurred_at),
            if later { moment(recorded_at) } else { String::new() },
            event.name.clone(),
            who(&event.actor),
            words(event),
        ]);
    }
    format!("ticket {number} ({ticket}), {version} events\n\n{}", table.render())
}
