//! Whether a report is of a fault that is known already (P5): a duplicate, which is not dispatched;
//! perhaps one, which an agent is asked about for a while; or a repeat visit 返修, which is.
//!
//! Only a report that nobody was ever asked to go for is looked at, once for each other ticket, and
//! what a person linked or told apart stays as it is.

use domain::rules::{DuplicateRules, RuleSet};
use domain::ticket::{Link, LinkKind, Phase, Ticket};
use domain::{CommonGround, LinkCandidate, LinkReason, TicketId};

use crate::reports::{Known, Reports};
use crate::tickets::{TicketEntry, Tickets};

/// What a new ticket can be to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not 完工.
    Open,
    Done,
}

/// The link that is missing, and the name of the command that only these two tickets have.
pub(crate) fn decide(
    entry: &TicketEntry,
    reports: &Reports,
    tickets: &Tickets,
    rule_set: &RuleSet,
) -> Option<(String, Link)> {
    let rules = &rule_set.rules.duplicates;
    let id = entry.ticket.id;
    if !rules.enabled || !is_new(&entry.ticket) || !tickets.duplicates_of(id).is_empty() {
        return None;
    }
    let (kind, candidates) = weigh(entry, reports.get(id)?, reports, tickets, rules)?;
    let to = candidates.first()?.ticket;
    let verb = match kind {
        LinkKind::Duplicate => "duplicate",
        LinkKind::Suspected => "suspect",
        _ => "repeat-visit",
    };
    let reason = LinkReason { rule_set: rule_set.version, candidates };
    let link = Link { to: Some(to), kind: Some(kind), reason: Some(reason) };
    Some((format!("{verb}/{id}/{to}"), link))
}

/// Nobody was asked to go, and nobody said yet what other ticket it belongs to.
fn is_new(ticket: &Ticket) -> bool {
    let settles = |kind: LinkKind| {
        matches!(kind, LinkKind::Duplicate | LinkKind::RepeatVisit | LinkKind::Suspected)
    };
    ticket.awaits_first_dispatch() && !ticket.links.iter().any(|(_, kind)| settles(*kind))
}

/// What it is, and the tickets that speak for that, best first.
fn weigh(
    entry: &TicketEntry,
    known: &Known,
    reports: &Reports,
    tickets: &Tickets,
    rules: &DuplicateRules,
) -> Option<(LinkKind, Vec<LinkCandidate>)> {
    let (within, repeat_within) = (rules.within.duration(), rules.repeat_within.duration());
    let gist = known.gist();
    let (mut sure, mut suspected, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for other in reports.around(known, within, repeat_within) {
        let (Some(theirs), Some(state)) = (reports.get(other), state(tickets, other)) else {
            continue;
        };
        let Some(ground) = known.common_ground(theirs) else { continue };
        if entry.ticket.told_apart.contains(&other) {
            continue;
        }
        let percent = gist.likeness(&theirs.gist());
        let is_sure = percent >= rules.sure_percent
            && matches!(ground, CommonGround::Device | CommonGround::ContactAndPlace);
        let apart = known.at.since(theirs.at).max(theirs.at.since(known.at));
        let (kind, found) = match state {
            State::Open if apart > within => continue,
            State::Open if is_sure => (LinkKind::Duplicate, &mut sure),
            State::Open if percent >= rules.ask_percent => (LinkKind::Suspected, &mut suspected),
            State::Done if is_sure && apart <= repeat_within => {
                (LinkKind::RepeatVisit, &mut repeated)
            }
            _ => continue,
        };
        if !entry.refused_links.contains(&(other, kind)) {
            let candidate = LinkCandidate { ticket: other, ground, percent };
            found.push((theirs.position, candidate));
        }
    }
    // The first of those that are the same, the last that was done, the likeliest of the others.
    sure.sort_unstable_by_key(|(position, _)| *position);
    repeated.sort_unstable_by_key(|(position, _)| std::cmp::Reverse(*position));
    suspected.sort_unstable_by_key(|(position, one)| (std::cmp::Reverse(one.percent), *position));
    // An agent is asked once, and nobody who has an urgent fault waits for that.
    if entry.ticket.urgent || !entry.ticket.told_apart.is_empty() {
        suspected.clear();
    }
    let kinds = [
        (LinkKind::Duplicate, sure),
        (LinkKind::RepeatVisit, repeated),
        (LinkKind::Suspected, suspected),
    ];
    let (kind, found) = kinds.into_iter().find(|(_, found)| !found.is_empty())?;
    let best = found.into_iter().take(LinkReason::CANDIDATES_MAX);
    Some((kind, best.map(|(_, candidate)| candidate).collect()))
}

fn state(tickets: &Tickets, id: TicketId) -> Option<State> {
    match tickets.get(id)?.ticket.phase {
        Phase::CallBack { .. }
        | Phase::Claimed { .. }
        | Phase::Waiting { .. }
        | Phase::Offered { .. }
        | Phase::Assigned { .. }
        | Phase::Working(_)
        | Phase::Queued { .. } => Some(State::Open),
        Phase::Resolved { .. } | Phase::Closed { .. } => Some(State::Done),
        // The one that these belong to is looked at itself.
        Phase::Duplicate { .. }
        | Phase::Merged { .. }
        | Phase::Imported { .. }
        | Phase::Cancelled { .. } => None,
    }
}
