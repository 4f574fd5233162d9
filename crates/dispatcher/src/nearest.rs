//! Who is asked for an urgent ticket (P8): the nearest of those on duty who are online and known to
//! be somewhere, then those on call. Where of the ticket is not known, the outlet's own place
//! counts; without that, the outlet's engineers come before those of its area.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::rules::RuleSet;
use domain::{
    Candidate, Coordinates, DispatchReason, EngineerId, Filter, FilterCount, Rule, Timestamp,
};

use crate::assign::{count, metres, passed_over};
use crate::engineers::{EngineerEntry, Engineers};
use crate::territory::Territory;
use crate::tickets::TicketEntry;

/// Further away than anything on the earth.
const ON_CALL: i32 = -1_000_000_000;

/// Those who are asked, and why; nobody where nobody is online or on call.
pub(crate) fn choose(
    ticket: &TicketEntry,
    engineers: &Engineers,
    territory: &Territory,
    rule_set: &RuleSet,
    now: Timestamp,
) -> (Vec<EngineerId>, DispatchReason) {
    let outlet = ticket.ticket.outlet;
    let place = ticket.place(territory);
    let within = rule_set.rules.urgent.position_within.duration();
    let mut candidates = Vec::new();
    let mut filtered = BTreeMap::<Filter, u32>::new();
    let mut near = 0_usize;
    for engineer in engineers.around(territory, outlet) {
        near += 1;
        let here = outlet.is_some() && engineer.engineer.profile.outlet == outlet;
        let score = match passed_over(ticket, engineer, now) {
            Some(filter) => Err(filter),
            None => score(engineer, place, within, here, now),
        };
        match score {
            Ok(score) => {
                let candidate = Candidate { engineer: engineer.engineer.id, score };
                let order = (Reverse(score), engineer.taken(), engineer.last_given);
                candidates.push((order, candidate));
            }
            Err(filter) => *filtered.entry(filter).or_default() += 1,
        }
    }
    let elsewhere = engineers.active().saturating_sub(near);
    if elsewhere > 0 {
        filtered.insert(Filter::OtherArea, count(elsewhere));
    }
    // As between those who can be assigned.
    candidates.sort_unstable_by_key(|(order, one)| (*order, one.engineer));
    let candidates: Vec<Candidate> = candidates.into_iter().map(|(.., one)| one).collect();
    let ask = usize::from(rule_set.rules.urgent.ask);
    let asked = candidates.iter().take(ask).map(|one| one.engineer).collect();
    let filtered =
        filtered.into_iter().map(|(filter, engineers)| FilterCount { filter, engineers });
    let reason = DispatchReason {
        rule: Rule::NearestOnline,
        rule_set: rule_set.version,
        candidates_total: count(candidates.len()),
        candidates: candidates.into_iter().take(DispatchReason::CANDIDATES_MAX).collect(),
        filtered: filtered.collect(),
    };
    (asked, reason)
}

/// The negative distance in metres where there is one.
fn score(
    entry: &EngineerEntry,
    place: Option<Coordinates>,
    within: std::time::Duration,
    here: bool,
    now: Timestamp,
) -> Result<i32, Filter> {
    let engineer = &entry.engineer;
    let near = if !engineer.online {
        Err(Filter::Offline)
    } else if let Some(place) = place {
        let there = entry.fresh_position(within, now);
        there.map(|there| -metres_between(there, place)).ok_or(Filter::NoFreshPosition)
    } else {
        Ok(-i32::from(!here))
    };
    match near {
        Ok(score) if engineer.on_duty => Ok(score),
        Ok(_) | Err(_) if engineer.is_on_call(now) => Ok(ON_CALL + i32::from(here)),
        Ok(_) => Err(Filter::OffDuty),
        Err(filter) => Err(filter),
    }
}

fn metres_between(one: Coordinates, other: Coordinates) -> i32 {
    i32::try_from(metres(one.distance_m(other))).unwrap_or(i32::MAX)
}
