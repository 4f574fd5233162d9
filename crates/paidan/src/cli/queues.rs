//! `paidan queues`: who has to look at what, and by when.

use domain::ticket::QueueReason;
use domain::{StaffId, TicketNumber, Timestamp};
use projector::open_tickets::QueueName;
use serde::Deserialize;

use super::CliError;
use super::names::Names;
use super::page::Page;
use super::past::Past;
use super::query_args::QueuesArgs;
use super::reader::{Reader, read};
use super::table::{Align, Table};
use super::target::Target;
use crate::config::Config;

#[derive(Deserialize)]
struct Queues {
    #[serde(flatten)]
    past: Past,
    queues: Vec<Queue>,
}

#[derive(Deserialize)]
struct Queue {
    queue: QueueName,
    person: Option<StaffId>,
    total: u64,
    overdue: u64,
    tickets: Vec<Queued>,
}

#[derive(Deserialize)]
struct Queued {
    number: TicketNumber,
    due: Timestamp,
    reason: Option<QueueReason>,
    urgent: bool,
    created_at: Timestamp,
}

pub(super) fn run(config: &Config, args: &QueuesArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.query.json)?;
    let target = Target::new("/api/v1/queues").with("limit", args.limit).asked_of(&args.query);
    let body = reader.ask(target)?;
    if args.query.json {
        return page.end_with_body(&body);
    }
    let Queues { past, queues } = read(&body)?;
    let names = past.names(&mut reader)?;
    if past.tell(&mut page, &names)?.is_break() {
        return Ok(());
    }
    if queues.is_empty() {
        return page.end_with(&format!("{}\n", page.say("command-no-queues")));
    }
    let texts: Vec<_> = queues.iter().map(|queue| text(queue, &page, &names)).collect();
    page.end_with(&texts.join("\n"))
}

fn text(queue: &Queue, page: &Page<'_>, names: &Names) -> String {
    use Align::{Left, Right};
    let columns = [
        ("command-number", Right),
        ("command-due", Left),
        ("command-created", Left),
        ("command-why", Left),
        ("command-marks", Left),
    ];
    let mut table =
        Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width);
    let now = names.now;
    for ticket in &queue.tickets {
        let due = names.time.short(ticket.due, now);
        table.row([
            ticket.number.to_string(),
            format!("{due} ({})", page.language.time_left(ticket.due, now)),
            names.time.short(ticket.created_at, now),
            ticket.reason.map(|why| page.language.queue_reason(why)).unwrap_or_default(),
            if ticket.urgent { page.say("command-urgent") } else { String::new() },
        ]);
    }
    let whose = queue.person.map(|person| format!(" {}", names.of(person))).unwrap_or_default();
    format!(
        "{}{whose}: {}, {}\n{}",
        page.say(name(queue.queue)),
        page.say_count("command-tickets-count", queue.total),
        page.say_count("command-overdue-count", queue.overdue),
        table.render(),
    )
}

const fn name(queue: QueueName) -> &'static str {
    match queue {
        QueueName::CallBack => "queue-call-back",
        QueueName::Claimed => "state-claimed",
        QueueName::Supervisor => "queue-supervisor",
        QueueName::Deputy => "queue-deputy",
        QueueName::Director => "queue-director",
        QueueName::Imported => "state-imported",
    }
}
