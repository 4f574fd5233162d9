//! Who goes: outlet, area, skills, duty, freeze, places, load and distance, with the reason as data.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::rules::{RuleSet, Rules};
use domain::{
    Candidate, Coordinates, DispatchReason, EngineerId, Filter, FilterCount, Rule, Timestamp,
};

use crate::engineers::{EngineerEntry, Engineers};
use crate::territory::Territory;
use crate::tickets::TicketEntry;

/// So far away is whoever is not known to be anywhere, in kilometres.
const UNKNOWN_KM: i64 = 100;

/// The best engineer for a ticket, if there is one, and why.
pub(crate) fn choose(
    ticket: &TicketEntry,
    engineers: &Engineers,
    territory: &Territory,
    rule_set: &RuleSet,
    now: Timestamp,
) -> (Option<EngineerId>, DispatchReason) {
    let points = Points { ticket, territory, rules: &rule_set.rules, now };
    let place = ticket.place(territory);
    let mut candidates = Vec::new();
    let mut filtered = BTreeMap::<Filter, u32>::new();
    let mut near = 0_usize;
    for engineer in engineers.around(territory, ticket.ticket.outlet) {
        near += 1;
        match passed_over(ticket, engineer, now) {
            Some(filter) => *filtered.entry(filter).or_default() += 1,
            None => {
                let score = points.of(engineer, place);
                let one = Candidate { engineer: engineer.engineer.id, score };
                candidates.push((Reverse(score), engineer.last_given, one));
            }
        }
    }
    let elsewhere = engineers.active().saturating_sub(near);
    if elsewhere > 0 {
        filtered.insert(Filter::OtherArea, count(elsewhere));
    }
    // Between equals whoever has waited longest goes; the id decides between those who never got
    // any, so that the same state leads to the same choice.
    candidates.sort_unstable_by_key(|(score, given, one)| (*score, *given, one.engineer));
    let mut candidates: Vec<Candidate> = candidates.into_iter().map(|(.., one)| one).collect();
    let candidates_total = count(candidates.len());
    candidates.truncate(DispatchReason::CANDIDATES_MAX);
    let chosen = candidates.first().map(|best| best.engineer);
    let filtered =
        filtered.into_iter().map(|(filter, engineers)| FilterCount { filter, engineers });
    let reason = DispatchReason {
        rule: Rule::LeastLoaded,
        rule_set: rule_set.version,
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

/// What the rules give points for.
struct Points<'a> {
    ticket: &'a TicketEntry,
    territory: &'a Territory,
    rules: &'a Rules,
    now: Timestamp,
}

impl Points<'_> {
    /// The points of an engineer for a ticket at this place.
    fn of(&self, engineer: &EngineerEntry, place: Option<Coordinates>) -> i32 {
        let rules = &self.rules.candidates;
        let outlet = self.ticket.ticket.outlet;
        let same = outlet.is_some() && engineer.engineer.profile.outlet == outlet;
        let times = |points: u32, count: usize| {
            i64::from(points).saturating_mul(i64::try_from(count).unwrap_or(i64::MAX))
        };
        let kilometres = if rules.kilometre == 0 { 0 } else { self.kilometres(engineer, place) };
        let points = times(rules.same_outlet, usize::from(same))
            .saturating_add(times(rules.free_place, engineer.free()))
            .saturating_sub(times(rules.taken_place, engineer.taken()))
            .saturating_sub(i64::from(rules.kilometre) * kilometres);
        i32::try_from(points).unwrap_or(if points < 0 { i32::MIN } else { i32::MAX })
    }

    /// From where the engineer was last, or goes out from, to the ticket.
    fn kilometres(&self, engineer: &EngineerEntry, place: Option<Coordinates>) -> i64 {
        let Some(place) = place else { return UNKNOWN_KM };
        let within = self.rules.urgent.position_within.duration();
        let outlet = engineer.engineer.profile.outlet;
        let home = || outlet.and_then(|outlet| self.territory.position_of(outlet));
        let there = engineer.fresh_position(within, self.now).or_else(home);
        there.map_or(UNKNOWN_KM, |there| metres(there.distance_m(place)) / 1_000)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the earth is 20,000 km long")]
pub(crate) fn metres(distance: f64) -> i64 {
    distance.round() as i64
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
