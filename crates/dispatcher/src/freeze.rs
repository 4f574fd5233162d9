//! Freezing whoever resolved a ticket that the customer then called 未解决, and taking that back.
//!
//! Whether somebody is frozen is decided when the answer is folded, from what was recorded until
//! then: a replay decides as the live core did. Only sending it is left for later.

use domain::engineer::{EngineerCommand, FreezeReason, UnfreezeReason};
use domain::rules::Rules;
use domain::{EngineerId, StreamVersion, TicketId, Timestamp, Zone};

use crate::engineers::{EngineerEntry, Engineers, Errand};
use crate::territory::Territory;

/// A ticket of which the customer said 未解决.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground {
    pub(crate) ticket: TicketId,
    /// Of the answer, or of taking it back.
    pub(crate) version: StreamVersion,
    /// The end of the day of the answer.
    pub(crate) until: Timestamp,
    /// The customer took it back.
    pub(crate) retracted: bool,
    /// The log would not have it; nothing more is tried.
    pub(crate) refused: bool,
}

impl Ground {
    /// Whether it still freezes.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        !self.retracted && now < self.until
    }
}

/// Notes 未解决, unless the area needs the engineer.
pub(crate) fn note_unresolved(
    engineers: &mut Engineers,
    territory: &Territory,
    rules: &Rules,
    engineer: EngineerId,
    (ticket, version): (TicketId, StreamVersion),
    at: Timestamp,
) {
    if !rules.freeze.enabled || below_floor(engineers, territory, rules, engineer, at) {
        return;
    }
    let until = Zone::or_utc(&rules.zone).end_of_day(at);
    if let Some(entry) = engineers.get_mut(engineer) {
        entry.grounds.retain(|ground| ground.ticket != ticket && at < ground.until);
        let ground = Ground { ticket, version, until, retracted: false, refused: false };
        entry.grounds.push(ground);
    }
}

/// Notes that the customer took 未解决 back.
pub(crate) fn note_retracted(
    engineers: &mut Engineers,
    engineer: EngineerId,
    (ticket, version): (TicketId, StreamVersion),
) {
    let Some(entry) = engineers.get_mut(engineer) else { return };
    for ground in entry.grounds.iter_mut().filter(|ground| ground.ticket == ticket) {
        (ground.retracted, ground.version, ground.refused) = (true, version, false);
    }
}

/// Whether the area would have fewer engineers than it needs. Engineers of no area are counted by
/// their outlet.
fn below_floor(
    engineers: &Engineers,
    territory: &Territory,
    rules: &Rules,
    engineer: EngineerId,
    now: Timestamp,
) -> bool {
    let Some(outlet) = engineers.get(engineer).map(|entry| entry.engineer.profile.outlet) else {
        return false;
    };
    let area = outlet.and_then(|outlet| territory.area_of(outlet));
    let floor = area.and_then(|area| territory.floor(area)).unwrap_or(rules.freeze.engineers_min);
    let others = engineers
        .around(territory, outlet)
        .filter(|entry| outlet.is_some() || entry.engineer.profile.outlet.is_none())
        .filter(|entry| entry.engineer.id != engineer && !entry.is_frozen(now));
    others.take(usize::from(floor)).count() < usize::from(floor)
}

/// What is missing: a freeze for an answer that stands, or the end of one that was taken back.
pub(crate) fn decide(
    entry: &EngineerEntry,
    now: Timestamp,
) -> Option<(String, EngineerCommand, Errand)> {
    let frozen = entry.engineer.freeze_at(now);
    let missing = entry.grounds.iter().find(|ground| {
        ground.holds(now)
            && !ground.refused
            && frozen.is_none_or(|freeze| freeze.until < ground.until)
    });
    if let Some(ground) = missing {
        // The day of the answer, not of the command: after a stop over midnight nobody is frozen
        // for a day on which nothing was said.
        let command = EngineerCommand::Freeze {
            until: Some(ground.until),
            reason: FreezeReason::Unresolved(ground.ticket),
            words: String::new(),
        };
        let key = format!("freeze/{}/{}", ground.ticket, ground.version);
        return Some((key, command, Errand::Freeze(ground.ticket)));
    }
    let reason = frozen?.reason;
    let lifted = entry.grounds.iter().find(|ground| {
        ground.retracted && !ground.refused && reason == FreezeReason::Unresolved(ground.ticket)
    })?;
    let command = EngineerCommand::Unfreeze(UnfreezeReason::AnswerRetracted(lifted.ticket));
    let key = format!("unfreeze/{}/{}", lifted.ticket, lifted.version);
    Some((key, command, Errand::Unfreeze(lifted.ticket)))
}
