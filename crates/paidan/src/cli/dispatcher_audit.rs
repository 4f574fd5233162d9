//! `paidan dispatcher audit`: whether a ticket was forgotten.

use domain::{TicketId, Timestamp};
use serde::Deserialize;
use words::Args;

use super::CliError;
use super::args::OutputArgs;
use super::names::Names;
use super::page::Page;
use super::reader::{Reader, read};
use super::table::{Align, Table};
use super::target::Target;
use crate::config::Config;

#[derive(Deserialize)]
struct Audit {
    at: Timestamp,
    position: u64,
    open_tickets: u64,
    found: Found,
    tickets: Vec<Neglected>,
}

#[derive(Deserialize)]
struct Found {
    no_due_time: u64,
    overdue: u64,
    unanswered: u64,
}

#[derive(Deserialize)]
struct Neglected {
    ticket: TicketId,
    problem: Problem,
    since: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Problem {
    NoDueTime,
    Overdue,
    Unanswered,
}

pub(super) fn run(config: &Config, output: OutputArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !output.json)?;
    let body = reader.ask(Target::new("/api/v1/audit/tickets"))?;
    let audit: Audit = read(&body)?;
    if output.json {
        page.end_with_body(&body)?;
    } else {
        let names = Names::new(&mut reader)?;
        let text = text(&audit, &page, &names);
        page.end_with(&text)?;
    }
    match audit.found.no_due_time + audit.found.overdue + audit.found.unanswered {
        0 => Ok(()),
        neglected => Err(CliError::TicketsNeglected(neglected)),
    }
}

fn text(audit: &Audit, page: &Page<'_>, names: &Names) -> String {
    use Align::{Left, Right};
    let seen = Args::new()
        .count("open", audit.open_tickets)
        .text("time", names.time.short(audit.at, names.now))
        .text("position", audit.position.to_string());
    let mut text = format!("{}\n\n", page.language.say_with("command-audit-seen", &seen));
    let columns = [("command-audit-problem", Left), ("command-audit-tickets", Right)];
    let mut counts = Table::new(columns.map(|(name, align)| (page.say(name), align)));
    for (name, count) in [
        ("command-audit-no-due-time", audit.found.no_due_time),
        ("command-audit-overdue", audit.found.overdue),
        ("command-audit-unanswered", audit.found.unanswered),
    ] {
        counts.row([page.say(name), count.to_string()]);
    }
    text.push_str(&counts.render());
    if !audit.tickets.is_empty() {
        let columns = [
            ("command-audit-ticket", Left),
            ("command-audit-problem", Left),
            ("command-audit-since", Left),
        ];
        let mut table =
            Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
        for neglected in &audit.tickets {
            let problem = match neglected.problem {
                Problem::NoDueTime => "command-audit-no-due-time",
                Problem::Overdue => "command-audit-overdue",
                Problem::Unanswered => "command-audit-unanswered",
            };
            let since = neglected.since.map(|since| names.time.short(since, names.now));
            table.row([neglected.ticket.to_string(), page.say(problem), since.unwrap_or_default()]);
        }
        text.push_str(&format!("\n{}", table.render()));
    }
    text
}
