//! Trying rules on the log.

use std::io;

use domain::Timestamp;
use domain::rules::Rules;
use trial::{Between, try_rules};

use super::failure::{Failure, FailureKind};
use super::handler::{Ended, Pace, Parts, Replies};
use super::protocol::Reply;

/// So many tickets that came otherwise are told at most.
pub const TICKETS_MAX: u32 = 100_000;

/// Tries rules, tells the tickets that came otherwise one by one, and then the rest of the report.
pub(super) fn try_on(
    parts: &Parts,
    rules: &Rules,
    between: Between,
    tickets: u32,
    replies: &mut dyn Replies,
) -> Result<(), Ended> {
    let mut pace = Pace::new();
    let mut gone = None::<io::Error>;
    let tickets = usize::try_from(tickets.min(TICKETS_MAX)).unwrap_or(usize::MAX);
    let tried = try_rules(parts.log.as_ref(), rules, between, tickets, &mut |done, total| {
        if pace.is_due(false) {
            let told = replies.send(Reply::Progress { done, total }).and_then(|()| replies.flush());
            gone = told.err();
        }
        gone.is_none()
    });
    if let Some(gone) = gone {
        return Err(gone.into());
    }
    let mut report = tried.map_err(failed)?;
    for changed in std::mem::take(&mut report.tickets) {
        replies.send(Reply::TicketTried(Box::new(changed)))?;
    }
    Ok(replies.send(Reply::RulesTried(Box::new(report)))?)
}

fn failed(error: trial::Error) -> Failure {
    let kind = match error {
        trial::Error::Rules(_)
        | trial::Error::NothingThen { .. }
        | trial::Error::TooLong { .. } => FailureKind::BadRequest,
        _ => FailureKind::Failed,
    };
    Failure::of(kind, &error)
}

/// A span of the log, open where nothing is said.
pub(super) fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> Between {
    Between { from: from.unwrap_or(Timestamp::MIN), to: to.unwrap_or(Timestamp::MAX) }
}
