//! `paidan tickets`.

use domain::ticket::{HoldReason, PhaseName, Priority, QueueRole, Stage};
use domain::{CustomerId, EngineerId, OutletId, StaffId, TicketNumber, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use super::CliError;
use super::names::Names;
use super::page::Page;
use super::past::Past;
use super::query_args::TicketsArgs;
use super::reader::{Reader, read};
use super::table::{Align, Table};
use super::target::Target;
use crate::config::Config;

/// The most that one page can have.
const PAGE: usize = 200;

/// What a row of a list shows.
#[derive(Deserialize)]
pub(super) struct Row {
    number: TicketNumber,
    state: PhaseName,
    due: Timestamp,
    overdue: bool,
    red: bool,
    flashing: bool,
    priority: Priority,
    urgent: bool,
    created_at: Timestamp,
    customer: Option<CustomerId>,
    outlet: Option<OutletId>,
    engineer: Option<EngineerId>,
    stage: Option<Stage>,
    queue: Option<Queue>,
    hold: Option<Hold>,
    claimed_by: Option<StaffId>,
    imported: bool,
}

#[derive(Deserialize)]
struct Queue {
    role: QueueRole,
    person: Option<StaffId>,
}

#[derive(Deserialize)]
struct Hold {
    reason: HoldReason,
}

#[derive(Deserialize)]
struct List {
    #[serde(flatten)]
    past: Past,
    tickets: Vec<Row>,
    next: Option<String>,
}

/// The same as a program reads it, row by row.
#[derive(Deserialize)]
struct Rows {
    tickets: Vec<Value>,
    next: Option<String>,
}

pub(super) fn run(config: &Config, args: &TicketsArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let mut reader = Reader::new(config, !args.query.json)?;
    if args.all {
        return all(&mut reader, args, page);
    }
    let body = reader.ask(target(args, args.limit, args.after.as_deref()))?;
    if args.query.json {
        return page.end_with_body(&body);
    }
    let List { past, tickets, next } = read(&body)?;
    let mut names = past.names(&mut reader)?;
    if past.tell(&mut page, &names)?.is_break() {
        return Ok(());
    }
    let mut table = table(&page);
    show(&mut table, &page, &mut reader, &mut names, &tickets)?;
    page.end_with_table(&table, "command-no-tickets")?;
    match next {
        Some(_) => page.end_with(&format!("\n{}\n", page.say("command-more-tickets"))),
        None => Ok(()),
    }
}

/// Page by page, so that no more than one is in memory.
fn all(reader: &mut Reader<'_>, args: &TicketsArgs, mut page: Page<'_>) -> Result<(), CliError> {
    let mut names = None;
    let mut table = table(&page);
    let mut after = args.after.clone();
    let mut first = true;
    loop {
        let body = reader.ask(target(args, Some(PAGE), after.as_deref()))?;
        let (text, next) = if args.query.json {
            let Rows { tickets, next } = read(&body)?;
            (tickets.iter().map(|row| format!("{row}\n")).collect(), next)
        } else {
            let List { past, tickets, next } = read(&body)?;
            let names = match &mut names {
                Some(names) => names,
                none => none.insert(past.names(reader)?),
            };
            if first && past.tell(&mut page, names)?.is_break() {
                return Ok(());
            }
            if tickets.is_empty() && first {
                return page.end_with_table(&table, "command-no-tickets");
            }
            show(&mut table, &page, reader, names, &tickets)?;
            (table.block(), next)
        };
        if page.put(&text)?.is_break() || next.is_none() {
            return Ok(());
        }
        (after, first) = (next, false);
    }
}

fn target(args: &TicketsArgs, limit: Option<usize>, after: Option<&str>) -> Target {
    let state = (!args.state.is_empty()).then(|| args.state.join(","));
    // The list takes ids of the staff only, because those are in no directory.
    let person = args
        .person
        .as_ref()
        .map(|person| person.parse().unwrap_or_else(|_| StaffId::from_code(person)));
    Target::new("/api/v1/tickets")
        .with("state", state)
        .with("outlet", args.outlet.as_ref())
        .with("area", args.area.as_ref())
        .with("engineer", args.engineer.as_ref())
        .with("priority", args.priority.as_ref())
        .with("queue", args.queue.as_ref())
        .with("person", person)
        .with("urgent", args.urgent)
        .with("imported", args.imported)
        .with_mark("red", args.red)
        .with_mark("flashing", args.flashing)
        .with_mark("overdue", args.overdue)
        .with("sort", args.sort.as_ref())
        .with("limit", limit)
        .with("after", after)
        .asked_of(&args.query)
}

/// A table of tickets without rows.
pub(super) fn table(page: &Page<'_>) -> Table<9> {
    use Align::{Left, Right};
    let columns = [
        ("command-number", Right),
        ("command-state", Left),
        ("command-priority", Left),
        ("command-created", Left),
        ("command-due", Left),
        ("command-outlet", Left),
        ("command-engineer", Left),
        ("command-customer", Left),
        ("command-marks", Left),
    ];
    Table::new(columns.map(|(name, align)| (page.say(name), align))).within(page.width)
}

/// Adds tickets to a table.
pub(super) fn show(
    table: &mut Table<9>,
    page: &Page<'_>,
    reader: &mut Reader<'_>,
    names: &mut Names,
    tickets: &[Row],
) -> Result<(), CliError> {
    let ids = tickets.iter().flat_map(|row| {
        let outlet = row.outlet.map(|id| id.to_string());
        let engineer = row.engineer.map(|id| id.to_string());
        let customer = row.customer.map(|id| id.to_string());
        outlet.into_iter().chain(engineer).chain(customer)
    });
    names.learn(reader, ids)?;
    let now = names.now;
    for row in tickets {
        let due = names.time.short(row.due, now);
        table.row([
            row.number.to_string(),
            state(row, page, names),
            page.language.priority(row.priority),
            names.time.short(row.created_at, now),
            format!("{due} ({})", page.language.time_left(row.due, now)),
            names.of_some(row.outlet),
            names.of_some(row.engineer),
            names.of_some(row.customer),
            marks(row, page),
        ]);
    }
    Ok(())
}

/// Where a ticket stands, and what tells most about that.
fn state(row: &Row, page: &Page<'_>, names: &Names) -> String {
    let language = page.language;
    let state = language.state(row.state);
    let more = match (&row.hold, &row.queue, row.stage, row.claimed_by) {
        (Some(hold), ..) => language.hold_reason(hold.reason),
        (_, Some(queue), ..) => match queue.person {
            Some(person) => format!("{} {}", language.queue(queue.role), names.of(person)),
            None => language.queue(queue.role),
        },
        (_, _, Some(stage), _) => language.stage(stage),
        (.., Some(agent)) => names.of(agent),
        _ => return state,
    };
    format!("{state}: {more}")
}

fn marks(row: &Row, page: &Page<'_>) -> String {
    let marks = [
        (row.urgent, "command-urgent"),
        (row.overdue, "command-overdue"),
        (row.red, "command-red"),
        (row.flashing, "command-flashing"),
        (row.imported, "command-imported"),
    ];
    let said: Vec<_> =
        marks.into_iter().filter(|(set, _)| *set).map(|(_, name)| page.say(name)).collect();
    said.join(", ")
}
