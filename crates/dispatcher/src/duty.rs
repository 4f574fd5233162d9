//! Rosters: duty begins and ends at their edges. Duty that is said by hand in between holds until
//! the next edge.

use std::time::Duration;

use domain::engineer::{DutySource, Engineer, EngineerCommand};
use domain::{Timestamp, Zone};

use crate::engineers::Errand;

/// A weekly roster has each of its edges within so many days.
const LOOK_BACK: Duration = Duration::from_secs(8 * 86_400);
/// Edges that are walked through at once: twelve windows on each of nine days.
const EDGES_MAX: usize = 256;

/// What the events said about an engineer's duty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Roster {
    /// Edges up to here count as decided: duty was said, or the roster entered.
    since: Timestamp,
    /// The roster was entered in the middle of a window or gap that nobody has decided yet.
    fresh: bool,
    /// The last edge at which duty was as it should be, or the log refused to change it.
    settled: Option<Timestamp>,
}

impl Roster {
    pub(crate) fn entered(engineer: &Engineer, at: Timestamp) -> Self {
        Self { since: at, fresh: is_kept(engineer), settled: None }
    }

    /// Duty began or ended.
    pub(crate) const fn said(&mut self, at: Timestamp) {
        (self.since, self.fresh) = (at, false);
    }

    /// The entry changed. A roster that is new holds at once; one that replaces another from its
    /// next edge on, so that duty said by hand is not overruled by a correction.
    pub(crate) fn changed(&mut self, was_kept: bool, engineer: &Engineer, at: Timestamp) {
        self.since = at;
        self.fresh = is_kept(engineer) && (self.fresh || !was_kept);
    }

    pub(crate) const fn settle(&mut self, edge: Timestamp) {
        self.settled = Some(edge);
    }
}

/// Whether somebody's duty follows a roster.
pub(crate) fn is_kept(engineer: &Engineer) -> bool {
    !engineer.profile.retired && !engineer.profile.roster.is_empty()
}

/// The next edge of the roster.
pub(crate) fn next_edge(engineer: &Engineer, now: Timestamp) -> Option<Timestamp> {
    if !is_kept(engineer) {
        return None;
    }
    engineer.profile.roster.next_change(&Zone::or_utc(&engineer.profile.zone), now)
}

/// What the last edge that passed asks for, and that edge.
pub(crate) fn decide(
    engineer: &Engineer,
    roster: &Roster,
    now: Timestamp,
) -> Option<(String, EngineerCommand, Errand)> {
    if !is_kept(engineer) {
        return None;
    }
    let hours = &engineer.profile.roster;
    let zone = Zone::or_utc(&engineer.profile.zone);
    let mut last = roster.fresh.then_some(roster.since);
    let mut at = roster.since.max(now.minus(LOOK_BACK));
    for _ in 0..EDGES_MAX {
        match hours.next_change(&zone, at) {
            Some(edge) if edge <= now => (at, last) = (edge, Some(edge)),
            _ => break,
        }
    }
    let edge = last.filter(|edge| roster.settled != Some(*edge))?;
    let (id, micros) = (engineer.id, edge.as_micros());
    match (hours.is_open_in(&zone, edge), engineer.on_duty) {
        (true, false) => {
            let command = EngineerCommand::StartDuty(DutySource::Roster);
            Some((format!("duty/{id}/on/{micros}"), command, Errand::Duty(edge)))
        }
        (false, true) => {
            let command = EngineerCommand::EndDuty(DutySource::Roster);
            Some((format!("duty/{id}/off/{micros}"), command, Errand::Duty(edge)))
        }
        (true, true) | (false, false) => None,
    }
}
