//! Who goes: outlet, area, skills, duty, freeze, places and load, with the reason as data.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::{
    Candidate, DispatchReason, EngineerId, Filter, FilterCount, Rule, RuleSetVersion, Timestamp,
};

use crate::engineers::{EngineerEntry, Engineers};
use crate::territory::Territory;
use crate::tickets::TicketEntry;

/// Being of the ticket's own outlet outweighs any load: capacity is at most 1,000.
const SAME_OUTLET: i32 = 100_000_000;
/// One more free place outweighs any number of taken ones.
const FREE_PLACE: i32 = 10_000;

/// The best engineer for a ticket, if there is one, and why.
pub(crate) fn choose(
    ticket: &TicketEntry,
    engineers: &Engineers,
    territory: &Territory,
    rule_set: RuleSetVersion,
    now: Timestamp,
) -> (Option<EngineerId>, DispatchReason) {
    let mut candidates = Vec::new();
    let mut filtered = BTreeMap::<Filter, u32>::new();
    let mut near = 0_usize;
    for engineer in engineers.around(territory, ticket.ticket.outlet) {
        near += 1;
        match passed_over(ticket, engineer, now) {
            Some(filter) => *filtered.entry(filter).or_default() += 1,
            None => candidates
                .push(Candidate { engineer: engineer.engineer.id, score: score(ticket, engineer) }),
        }
    }
    let elsewhere = engineers.active().saturating_sub(near);
    if elsewhere > 0 {
        filtered.insert(Filter::OtherArea, count(elsewhere));
    }
    // The id decides between equals, so that the same state leads to the same choice.
    candidates.sort_unstable_by_key(|one| (Reverse(one.score), one.engineer));
    let candidates_total = count(candidates.len());
    candidates.truncate(DispatchReason::CANDIDATES_MAX);
    let chosen = candidates.first().map(|best| best.engineer);
    let filtered =
        filtered.into_iter().map(|(filter, engineers)| FilterCount { filter, engineers });
    let reason = DispatchReason {
        rule: Rule::LeastLoaded,
        rule_set,
        candidates,
        candidates_total,
        filtered: filtered.collect(),
    };
    (chosen, reason)
}

pub(crate) fn passed_over(
    ticket: &TicketEntry,
    engineer: &EngineerEntry,
    now: Timestamp,
) -> Option<Filter> {
    let (ticket, id) = (&ticket.ticket, engineer.engineer.id);
    if ticket.left_out.contains(&id) {
        Some(Filter::LeftOut)
    } else if ticket.passed.contains(&id) {
        Some(Filter::PassedBefore)
    } else if !engineer.engineer.has_skills(&ticket.skills) {
        Some(Filter::LacksSkill)
    } else {
        // Whoever has it and did not accept it yet gives its place back when it is offered.
        let own = ticket.assignment().is_some_and(|live| live.engineer == id);
        engineer.unavailable(now).filter(|filter| !(own && *filter == Filter::NoFreePlace))
    }
}

fn score(ticket: &TicketEntry, engineer: &EngineerEntry) -> i32 {
    let outlet = ticket.ticket.outlet;
    let same = outlet.is_some() && engineer.engineer.profile.outlet == outlet;
    let places = |places: usize| i32::try_from(places).unwrap_or(i32::MAX / FREE_PLACE);
    i32::from(same) * SAME_OUTLET + places(engineer.free()) * FREE_PLACE - places(engineer.taken())
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
