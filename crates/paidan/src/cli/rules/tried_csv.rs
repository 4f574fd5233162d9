//! Tickets that came otherwise, as CSV. The names of the columns are the same in both languages, for
//! programs; there is nothing in the cells but ids, moments, numbers and words of ours.

use std::io;

use domain::Timestamp;
use trial::{Changed, TicketOutcome};

use crate::cli::{CliError, PrintError};

/// Of each of both.
const OUTCOME: [&str; 13] = [
    "linked",
    "linked_to",
    "offers",
    "assignments",
    "time_outs",
    "declined",
    "asked_at",
    "asked",
    "accepted_at",
    "accepted_by",
    "queued",
    "red",
    "flashing",
];

/// A line for each.
pub(super) fn text(tickets: &[Changed]) -> Result<String, CliError> {
    let failed = |error: csv::Error| PrintError::from(io::Error::from(error));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names = ["old", "new"].iter().flat_map(|of| OUTCOME.map(|name| format!("{of}_{name}")));
    let head = ["ticket", "created_at", "accept_later_s"].map(str::to_owned);
    writer.write_record(head.into_iter().chain(names)).map_err(failed)?;
    for changed in tickets {
        let own = [
            changed.ticket.to_string(),
            changed.old.created_at.to_string(),
            changed.accept_later_s.map(|seconds| seconds.to_string()).unwrap_or_default(),
        ];
        let cells = own.into_iter().chain(cells(&changed.old)).chain(cells(&changed.new));
        writer.write_record(cells).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| PrintError::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn cells(outcome: &TicketOutcome) -> [String; OUTCOME.len()] {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let (to, kind) = outcome.linked.map(|linked| (linked.to, linked.kind)).unzip();
    let asked: Vec<String> = outcome.asked.iter().map(ToString::to_string).collect();
    [
        kind.map(|kind| crate::cli::audit_text::word(&kind)).unwrap_or_default(),
        to.map(|to| to.to_string()).unwrap_or_default(),
        outcome.offers.to_string(),
        outcome.assignments.to_string(),
        outcome.time_outs.to_string(),
        outcome.declined.to_string(),
        at(outcome.asked_at),
        asked.join(" "),
        at(outcome.accepted_at),
        outcome.accepted_by.map(|engineer| engineer.to_string()).unwrap_or_default(),
        outcome.queued.to_string(),
        outcome.red.to_string(),
        outcome.flashing.to_string(),
    ]
}
