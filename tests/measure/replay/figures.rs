//! What happened, counted from the feed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use domain::Timestamp;
use serde_json::Value;

use crate::pace::Pace;

/// What is known of a ticket.
#[derive(Debug, Default)]
struct Ticket {
    created: Option<Timestamp>,
    assigned: Option<Timestamp>,
    accepted: bool,
    assignments: usize,
    duplicate: bool,
    resolved: bool,
    holder: Option<String>,
}

/// All that is counted.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    tickets: HashMap<String, Ticket>,
    to_first: Vec<Duration>,
    to_accept: Vec<Duration>,
    events: BTreeMap<String, usize>,
    links: BTreeMap<String, usize>,
    queued: BTreeMap<(String, String), usize>,
    in_queue: HashSet<String>,
    accepts: HashMap<String, usize>,
    at_once: HashMap<String, usize>,
    most_at_once: usize,
}

impl Figures {
    /// Counts an event.
    pub(crate) fn count(&mut self, event: &Value) {
        let text = |pointer: &str| {
            event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (stream, name) = (text("/stream"), text("/type"));
        if !stream.starts_with("tk_") {
            return;
        }
        let at: Timestamp = text("/recorded_at").parse().expect("a moment");
        *self.events.entry(name.clone()).or_default() += 1;
        let ticket = self.tickets.entry(stream.clone()).or_default();
        let since = |from: Option<Timestamp>| at.since(from.expect("created before"));
        match name.as_str() {
            "Created" => ticket.created = Some(at),
            "Assigned" => {
                if ticket.assigned.is_none() {
                    ticket.assigned = Some(at);
                    self.to_first.push(since(ticket.created));
                }
                ticket.assignments += 1;
                let engineer = text("/data/engineer");
                free(&mut self.at_once, ticket.holder.replace(engineer.clone()));
                let open = self.at_once.entry(engineer).or_default();
                *open += 1;
                self.most_at_once = self.most_at_once.max(*open);
            }
            "Accepted" => {
                if !ticket.accepted {
                    self.to_accept.push(since(ticket.created));
                }
                ticket.accepted = true;
                *self.accepts.entry(text("/data/engineer")).or_default() += 1;
            }
            "Declined" | "TimedOut" | "Withdrawn" => free(&mut self.at_once, ticket.holder.take()),
            "Resolved" => {
                ticket.resolved = true;
                free(&mut self.at_once, ticket.holder.take());
            }
            "Linked" => {
                let kind = text("/data/kind");
                ticket.duplicate = kind == "duplicate";
                *self.links.entry(kind).or_default() += 1;
            }
            "Unlinked" => ticket.duplicate = false,
            "Queued" => {
                let (role, reason) = (text("/data/entry/role"), text("/data/entry/reason"));
                if role == "supervisor" {
                    self.in_queue.insert(stream);
                }
                *self.queued.entry((role, reason)).or_default() += 1;
            }
            _ => {}
        }
    }

    /// Whether so many were reported, and each is done or linked as a duplicate.
    pub(crate) fn settled(&self, reports: usize) -> bool {
        self.tickets.len() == reports
            && self.tickets.values().all(|ticket| ticket.resolved || ticket.duplicate)
    }

    /// Prints everything as a table.
    pub(crate) fn print(mut self, pace: Pace, engineers: &[String]) {
        let row = |what: &str, figure: String| println!("| {what} | {figure} |");
        let minutes = |span: Duration| format!("{:.1}", pace.minutes(span));
        let of = |name: &str| self.events.get(name).copied().unwrap_or(0);
        row("reports that were recorded", of("Created").to_string());
        let settled = |wanted: fn(&Ticket) -> bool| {
            self.tickets.values().filter(|ticket| wanted(ticket)).count()
        };
        row("done at the end", settled(|ticket| ticket.resolved).to_string());
        row(
            "neither done nor linked at the end",
            settled(|ticket| !ticket.resolved && !ticket.duplicate).to_string(),
        );
        for (what, spans) in [
            (
                "from report to acceptance, simulated minutes: p50, p95, longest",
                &mut self.to_accept,
            ),
            (
                "from report to the first assignment, simulated minutes: p50, p95, longest",
                &mut self.to_first,
            ),
        ] {
            spans.sort();
            let figures = [50, 95, 100].map(|percent| minutes(percentile(spans, percent)));
            row(what, figures.join(", "));
        }
        let first = [50, 95, 100].map(|p| format!("{}", percentile(&self.to_first, p).as_millis()));
        row("the same in real milliseconds", first.join(", "));
        let mut rounds = BTreeMap::<usize, usize>::new();
        for ticket in self.tickets.values().filter(|ticket| !ticket.duplicate) {
            *rounds.entry(ticket.assignments).or_default() += 1;
        }
        for (rounds, tickets) in rounds {
            row(&format!("tickets with {rounds} assignment(s)"), tickets.to_string());
        }
        for name in
            ["Assigned", "Accepted", "Declined", "TimedOut", "Withdrawn", "DispatchDeferred"]
        {
            row(&format!("`{name}` events"), of(name).to_string());
        }
        let mut load: Vec<usize> = engineers
            .iter()
            .map(|engineer| self.accepts.get(engineer).copied().unwrap_or(0))
            .collect();
        load.sort_unstable();
        let spread = [0, 5, 50, 95, 100].map(|percent| percentile(&load, percent).to_string());
        row("accepted per engineer: least, p5, p50, p95, most", spread.join(", "));
        row("most tickets that an engineer had at once", self.most_at_once.to_string());
        for kind in ["duplicate", "suspected", "repeat_visit"] {
            let links = self.links.get(kind).copied().unwrap_or(0);
            row(&format!("linked as `{kind}`"), links.to_string());
        }
        row("unlinked", of("Unlinked").to_string());
        row("tickets that came into the supervisor's queue", self.in_queue.len().to_string());
        for ((role, reason), entries) in &self.queued {
            row(&format!("entries in the queue of the {role}: `{reason}`"), entries.to_string());
        }
    }
}

fn free(at_once: &mut HashMap<String, usize>, engineer: Option<String>) {
    if let Some(open) = engineer.and_then(|engineer| at_once.get_mut(&engineer)) {
        *open = open.saturating_sub(1);
    }
}

/// The least of the sorted that so many of a hundred are not above; the default of none.
pub(crate) fn percentile<T: Copy + Default>(sorted: &[T], percent: usize) -> T {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}
