//! Old rules and new ones side by side.

use std::time::Duration;

use domain::rules::{RuleSetVersion, Rules};
use domain::{GlobalPosition, TicketId, Timestamp};
use eventlog::EventLog;
use serde::{Deserialize, Serialize};

use crate::assumption::Assumptions;
use crate::error::Error;
use crate::history::History;
use crate::outcome::{TicketOutcome, Totals};
use crate::recheck::{Between, Rechecked, recheck};
use crate::sandbox::{Ran, Sandbox};

/// What a trial found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialReport))]
pub struct Report {
    /// From when the new rules held.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// The log was read up to here.
    pub position: GlobalPosition,
    /// The rules that held at the beginning.
    pub rule_set: RuleSetVersion,
    /// What the log recorded.
    pub recorded: Totals,
    /// What the sandbox makes of the old rules.
    pub old: Totals,
    /// What it makes of the new ones.
    pub new: Totals,
    /// By how much the old rules differ from themselves at most when the dispatcher is slower by 6 to 18
    /// seconds: a change that is not greater may be chance.
    pub chance: Totals,
    /// How near the sandbox comes to the log under the old rules.
    pub nearness: Nearness,
    /// Whether the decisions that the log holds come out again, whatever the sandbox makes of them.
    pub decisions: Rechecked,
    /// How many tickets came otherwise, and how.
    pub changed: ChangedCounts,
    /// The first of them, worst first.
    pub tickets: Vec<Changed>,
    /// What was assumed under the old rules.
    pub old_assumptions: Assumptions,
    /// What was assumed under the new rules.
    pub new_assumptions: Assumptions,
}

/// How near the sandbox comes to the log under the old rules: how much it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialNearness))]
pub struct Nearness {
    /// Tickets of both.
    pub tickets: u64,
    /// The same engineers were asked first.
    pub same_asked: u64,
    /// The same engineer accepted it, or nobody did.
    pub same_accepted: u64,
    /// Accepted as long after the report, or a minute more or less; or not at all.
    pub same_wait: u64,
}

/// How many tickets came otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialChangedCounts))]
pub struct ChangedCounts {
    /// In any way.
    pub tickets: u64,
    /// Somebody was asked earlier for the first time.
    pub asked_earlier: u64,
    /// Somebody was asked later for the first time.
    pub asked_later: u64,
    /// Somebody else was asked first.
    pub asked_other: u64,
    /// Accepted earlier.
    pub accepted_earlier: u64,
    /// Accepted later.
    pub accepted_later: u64,
    /// Somebody else accepted.
    pub accepted_other: u64,
    /// Linked with another ticket, or not, or in another way.
    pub linked_otherwise: u64,
    /// In a supervisor's queue more often.
    pub queued_more: u64,
    /// In a supervisor's queue less often.
    pub queued_less: u64,
}

/// A ticket that came otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TrialChanged))]
pub struct Changed {
    /// Which.
    pub ticket: TicketId,
    /// By how many seconds it was accepted later; negative: earlier. Nothing where it was not
    /// accepted under one of both.
    pub accept_later_s: Option<i64>,
    /// Under the old rules.
    pub old: TicketOutcome,
    /// Under the new rules.
    pub new: TicketOutcome,
}

/// So many decisions that do not come out again are told.
const DIFFERENCES_MAX: usize = 10;
/// By so many seconds the dispatcher is slower, for the part of chance: more than what still counts as
/// the same moment, so that another engineer is free for every other ticket; little beside any time to accept.
const SLOWER_S: [u64; 5] = [6, 9, 12, 15, 18];
/// The log is read, the old rules are tried, the new ones, the old ones five times more, and the decisions
/// are looked at.
const STAGES: u64 = 9;
/// So near is the same: people's clocks and the dispatcher's haste are not the rules' doing.
const SAME_WITHIN: Duration = Duration::from_secs(60);

/// Tries rules on a log. `watch` is told how much is done of how much, and says whether to go on.
///
/// # Errors
/// When the log cannot be read or has nothing to try them on, when the rules are none, and when it is
/// stopped.
pub fn try_rules(
    log: &dyn EventLog,
    rules: &Rules,
    between: Between,
    tickets_max: usize,
    watch: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Report, Error> {
    let head = log.head().position.get();
    let mut stage = |number: u64, done: u64| watch(number * head + done.min(head), STAGES * head);
    let history = History::read(log, between, &mut |done| stage(0, done))?;
    let held = history.start.firm.rules();
    let old = Sandbox::new(&history, &held.rules.board).run(None, &mut |done| stage(1, done))?;
    let new = Sandbox::new(&history, &rules.board);
    let new = new.run(Some(rules), &mut |done| stage(2, done))?;
    let mut slower = Vec::new();
    for (number, seconds) in (3..).zip(SLOWER_S) {
        let sandbox = Sandbox::new(&history, &held.rules.board);
        let sandbox = sandbox.slower(Duration::from_secs(seconds));
        let ran = sandbox.run(None, &mut |done| stage(number, done))?;
        slower.push(ran.outcomes.totals());
    }
    let chance = old.outcomes.totals().spread(&slower);
    let between = Between { from: history.between.from, ..between };
    let decisions = recheck(log, between, DIFFERENCES_MAX, &mut |done| stage(8, done))?;
    Ok(Report { decisions, chance, ..compare(&history, old, new, tickets_max) })
}

fn compare(history: &History, old: Ran, new: Ran, tickets_max: usize) -> Report {
    let recorded = &history.recorded;
    let mut nearness = Nearness::default();
    for (id, sandbox) in &old.outcomes.tickets {
        if let Some(log) = recorded.tickets.get(id) {
            nearness.tickets += 1;
            nearness.same_asked += u64::from(log.asked == sandbox.asked);
            nearness.same_accepted += u64::from(log.accepted_by == sandbox.accepted_by);
            nearness.same_wait += u64::from(is_near(log.accepted_at, sandbox.accepted_at));
        }
    }
    let mut changed = ChangedCounts::default();
    let mut tickets = Vec::new();
    for (id, before) in &old.outcomes.tickets {
        let Some(after) = new.outcomes.tickets.get(id) else { continue };
        if changed.count(before, after) {
            let accept_later_s = before.accepted_at.zip(after.accepted_at);
            tickets.push(Changed {
                ticket: *id,
                accept_later_s: accept_later_s.map(|(before, after)| seconds(before, after)),
                old: before.clone(),
                new: after.clone(),
            });
        }
    }
    tickets.sort_by_key(|one| (std::cmp::Reverse(badness(one)), one.ticket));
    tickets.truncate(tickets_max);
    Report {
        from: history.between.from,
        to: history.between.to.min(history.ends_at),
        position: history.head,
        rule_set: history.start.firm.rules().version,
        recorded: recorded.totals(),
        old: old.outcomes.totals(),
        new: new.outcomes.totals(),
        chance: Totals::default(),
        nearness,
        decisions: Rechecked::default(),
        changed,
        tickets,
        old_assumptions: old.assumptions,
        new_assumptions: new.assumptions,
    }
}

impl ChangedCounts {
    /// Counts a ticket; says whether it came otherwise.
    fn count(&mut self, old: &TicketOutcome, new: &TicketOutcome) -> bool {
        let flags = [
            (&mut self.asked_earlier, is_later(new.asked_at, old.asked_at)),
            (&mut self.asked_later, is_later(old.asked_at, new.asked_at)),
            (&mut self.asked_other, both_and_differ(&old.asked, &new.asked)),
            (&mut self.accepted_earlier, is_later(new.accepted_at, old.accepted_at)),
            (&mut self.accepted_later, is_later(old.accepted_at, new.accepted_at)),
            (
                &mut self.accepted_other,
                old.accepted_by.zip(new.accepted_by).is_some_and(|(old, new)| old != new),
            ),
            (&mut self.linked_otherwise, old.linked != new.linked),
            (&mut self.queued_more, new.queued > old.queued),
            (&mut self.queued_less, new.queued < old.queued),
        ];
        let mut otherwise = (old.time_outs, old.offers, old.assignments, old.red, old.flashing)
            != (new.time_outs, new.offers, new.assignments, new.red, new.flashing);
        for (counter, is_so) in flags {
            *counter += u64::from(is_so);
            otherwise |= is_so;
        }
        self.tickets += u64::from(otherwise);
        otherwise
    }
}

fn both_and_differ<T: PartialEq>(old: &[T], new: &[T]) -> bool {
    !old.is_empty() && !new.is_empty() && old != new
}

/// Whether the second is later than the first, or never comes.
fn is_later(first: Option<Timestamp>, second: Option<Timestamp>) -> bool {
    match (first, second) {
        (Some(first), Some(second)) => second > first,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn is_near(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.since(other).max(other.since(one)) <= SAME_WITHIN,
        (one, other) => one == other,
    }
}

fn seconds(before: Timestamp, after: Timestamp) -> i64 {
    after.as_micros().saturating_sub(before.as_micros()) / 1_000_000
}

/// The later it is accepted the worse; not at all is worst, and no longer not at all is best.
fn badness(changed: &Changed) -> (i64, u32) {
    let later = match (changed.old.accepted_at, changed.new.accepted_at) {
        (Some(_), None) => i64::MAX,
        (None, Some(_)) => i64::MIN,
        _ => changed.accept_later_s.unwrap_or_default(),
    };
    (later, changed.new.time_outs.saturating_sub(changed.old.time_outs))
}

impl Totals {
    /// Each figure with its name.
    pub fn figures(&self) -> [(&'static str, u64); 17] {
        let mut copy = *self;
        copy.places().map(|(name, value)| (name, *value))
    }

    /// By how much these are away from it at most, figure by figure.
    fn spread(&self, others: &[Self]) -> Self {
        let mut spread = Self::default();
        for other in others {
            let pairs = self.figures().into_iter().zip(other.figures());
            for ((_, place), ((_, here), (_, there))) in spread.places().into_iter().zip(pairs) {
                *place = here.abs_diff(there).max(*place);
            }
        }
        spread
    }

    fn places(&mut self) -> [(&'static str, &mut u64); 17] {
        [
            ("tickets", &mut self.tickets),
            ("duplicates", &mut self.duplicates),
            ("suspected", &mut self.suspected),
            ("repeat_visits", &mut self.repeat_visits),
            ("offers", &mut self.offers),
            ("assignments", &mut self.assignments),
            ("time_outs", &mut self.time_outs),
            ("declined", &mut self.declined),
            ("queued", &mut self.queued),
            ("queued_peak", &mut self.queued_peak),
            ("freeze_days", &mut self.freeze_days),
            ("red", &mut self.red),
            ("flashing", &mut self.flashing),
            ("accepted", &mut self.accepted),
            ("accept_median_s", &mut self.accept_median_s),
            ("accept_p90_s", &mut self.accept_p90_s),
            ("done", &mut self.done),
        ]
    }
}
