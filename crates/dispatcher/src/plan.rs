//! What to do next: one action at a time for each ticket and engineer.

use domain::rules::DispatchBy;
use domain::ticket::{Assign, Defer, Offer, Phase, QueueReason, TicketCommand, ToSupervisor};
use domain::{Command, EngineerId, GlobalPosition, OutletId, StreamVersion, TicketId, Timestamp};

use crate::action::{Action, Basis, CORE_VERSION, command_id};
use crate::core::{ACTIONS_MAX, Dispatcher};
use crate::in_flight::{InFlight, Subject};
use crate::tickets::TicketEntry;
use crate::timers::Step;
use crate::{assign, duplicates, duty, freeze, nearest, timers, urgency};

impl Dispatcher {
    /// Works through what is worth looking at until nothing is left or enough is handed out.
    pub(crate) fn hand_out(
        &mut self,
        now: Timestamp,
        cause: Option<GlobalPosition>,
    ) -> Vec<Action> {
        let mut actions = Vec::new();
        while actions.len() < ACTIONS_MAX {
            let action = if let Some(id) = self.engineers_ready.pop_first() {
                self.plan_engineer(id, now, cause)
            } else if let Some((id, version)) = self.strays.pop_first() {
                Some(self.plan_stray(id, version, now, cause))
            } else if let Some(rank) = self.ready.pop_first() {
                self.plan_ticket(rank.id, now, cause)
            } else if let Some(id) = self.openings.first().copied() {
                let ticket = self.first_waiting(id, now);
                let action = ticket.and_then(|ticket| self.plan_ticket(ticket, now, cause));
                // Other rules may have taken a ticket out of the index; any other that leads to nothing
                // would be found again and again.
                if action.is_none() && ticket.is_none_or(|ticket| self.tickets.waits(ticket)) {
                    self.openings.remove(&id);
                }
                action
            } else {
                break;
            };
            actions.extend(action);
        }
        actions
    }

    /// The first ticket that this engineer could be given now.
    fn first_waiting(&self, id: EngineerId, now: Timestamp) -> Option<TicketId> {
        let entry = self.engineers.get(id)?;
        if entry.unavailable(now).is_some() {
            return None;
        }
        let outlet = entry.engineer.profile.outlet;
        let around = outlet.into_iter().flat_map(|outlet| self.territory.around(outlet));
        let outlets = std::iter::once(None).chain(around.map(Some::<OutletId>));
        self.tickets.first_for(&self.engineers, id, outlets)
    }

    fn plan_ticket(
        &mut self,
        id: TicketId,
        now: Timestamp,
        cause: Option<GlobalPosition>,
    ) -> Option<Action> {
        let entry = self.tickets.get(id)?;
        let can = entry.is_live()
            && entry.in_flight.is_none()
            && entry.held_back.is_none_or(|until| until <= now);
        let decision = if can { self.decide_ticket(entry, now) } else { None };
        let Some((key, command)) = decision else {
            self.tickets.change(id, |entry| {
                // Never again at once: a time that is past and leads to nothing would come forever.
                if can && timers::next(entry).is_some_and(|(at, _)| at <= now) {
                    entry.hold_back(now, None);
                }
            });
            return None;
        };
        let reserved = match &command {
            TicketCommand::Assign(Assign { engineer: Some(engineer), after, .. }) => {
                Some((*engineer, after.unwrap_or_default() + 1))
            }
            _ => None,
        };
        let asks = match &command {
            TicketCommand::Offer(offer) => offer.engineers.clone(),
            _ => Vec::new(),
        };
        let link = match &command {
            TicketCommand::Link(link) => link.to.zip(link.kind),
            _ => None,
        };
        let action = self.action(key, Command::Ticket(id, command), now, cause);
        let flight =
            InFlight { id: action.id.clone(), since: now, settled: None, reserved, asks, link };
        self.in_flight.insert(action.id.key.clone(), Subject::Ticket(id));
        if let Some((engineer, number)) = reserved
            && let Some(entry) = self.engineers.get_mut(engineer)
        {
            entry.reserved.insert((id, number));
        }
        self.tickets.change(id, |entry| {
            entry.held_back = None;
            entry.in_flight = Some(flight);
        });
        Some(action)
    }

    pub(crate) fn decide_ticket(
        &self,
        entry: &TicketEntry,
        now: Timestamp,
    ) -> Option<(String, TicketCommand)> {
        let (id, rules) = (entry.ticket.id, &self.rules.rules);
        let step = |step| timers::command(entry, step, rules);
        if let Some((key, mark)) = urgency::decide(entry) {
            return Some((key, mark.into()));
        }
        if let Some(at_once) = timers::at_once(entry, rules) {
            return Some(step(at_once));
        }
        let due = timers::next(entry).filter(|(at, _)| *at <= now).map(|(_, due)| due);
        if entry.overtaken
            && let Some(offer) = self.offer(entry, now)
        {
            return Some(offer);
        }
        if !entry.awaits_dispatch(rules.rounds()) {
            return due.map(step);
        }
        let found = duplicates::decide(entry, &self.reports, &self.tickets, &self.rules);
        if let Some((key, link)) = found {
            return Some((key, link.into()));
        }
        match rules.dispatch_by(&urgency::facts(&entry.ticket, &self.models, now)) {
            DispatchBy::Assign => {}
            DispatchBy::Offer => {
                if let Some(offer) = self.offer(entry, now) {
                    return Some(offer);
                }
            }
            DispatchBy::Approval => {
                let asked = matches!(entry.ticket.phase, Phase::Queued { .. });
                return match asked {
                    true => due.map(step),
                    false => Some(step(Step::ToSupervisor(QueueReason::ApprovalNeeded))),
                };
            }
        }
        let (engineers, territory) = (&self.engineers, &self.territory);
        match assign::choose(entry, engineers, territory, &self.rules, now) {
            (Some(engineer), reason) => {
                let after = entry.ticket.assignments;
                let key = format!("assign/{id}/{}", after + 1);
                let assign =
                    Assign { engineer: Some(engineer), reason: Some(reason), after: Some(after) };
                Some((key, assign.into()))
            }
            // Everybody who could be asked was: a person must look at once.
            (None, _) if entry.ticket.urgent && is_undecided(entry) && was_asked(entry) => {
                Some(step(Step::ToSupervisor(QueueReason::NobodyAccepted)))
            }
            (None, reason) => due.map(step).or_else(|| {
                let key = format!("defer/{id}/{}", entry.turn);
                is_undecided(entry).then(|| (key, Defer { reason: Some(reason) }.into()))
            }),
        }
    }

    /// The offer of a ticket, where somebody can be asked.
    fn offer(&self, entry: &TicketEntry, now: Timestamp) -> Option<(String, TicketCommand)> {
        let ticket = &entry.ticket;
        if ticket.rounds_over(self.rules.rules.rounds()) {
            return None;
        }
        let (engineers, territory) = (&self.engineers, &self.territory);
        let (engineers, reason) = nearest::choose(entry, engineers, territory, &self.rules, now);
        if engineers.is_empty() {
            return None;
        }
        let key = format!("offer/{}/{}", ticket.id, ticket.offers + 1);
        let after = Some(ticket.offers + ticket.assignments);
        Some((key, Offer { engineers, until: None, reason: Some(reason), after }.into()))
    }

    fn plan_engineer(
        &mut self,
        id: EngineerId,
        now: Timestamp,
        cause: Option<GlobalPosition>,
    ) -> Option<Action> {
        let entry = self.engineers.get(id)?;
        if entry.in_flight.is_some() || entry.retry_at.is_some() {
            return None;
        }
        let (key, command, errand) = freeze::decide(entry, now)
            .or_else(|| duty::decide(&entry.engineer, &entry.roster, now))?;
        let action = self.action(key, Command::Engineer(id, command), now, cause);
        let flight = InFlight {
            id: action.id.clone(),
            since: now,
            settled: None,
            reserved: None,
            asks: Vec::new(),
            link: None,
        };
        self.in_flight.insert(action.id.key.clone(), Subject::Engineer(id));
        if let Some(entry) = self.engineers.get_mut(id) {
            entry.in_flight = Some((flight, errand));
        }
        self.engineers.set_wake(id, now);
        Some(action)
    }

    /// A ticket that was opened again after the core had forgotten it, which takes rules that were
    /// changed meanwhile: a person decides.
    fn plan_stray(
        &self,
        id: TicketId,
        version: StreamVersion,
        now: Timestamp,
        cause: Option<GlobalPosition>,
    ) -> Action {
        let command = ToSupervisor { reason: Some(QueueReason::Escalated) };
        let key = format!("to-supervisor/{id}/{version}");
        self.action(key, Command::Ticket(id, command.into()), now, cause)
    }

    fn action(
        &self,
        key: String,
        command: Command,
        now: Timestamp,
        caused_by: Option<GlobalPosition>,
    ) -> Action {
        let basis = Basis {
            position: self.position,
            decided_at: now,
            rule_set: self.rules.version,
            core_version: CORE_VERSION,
        };
        Action { id: command_id(key), command, basis, caused_by }
    }
}

/// Nobody has looked for anybody since it is nobody's.
fn is_undecided(entry: &TicketEntry) -> bool {
    matches!(entry.ticket.phase, Phase::Waiting { deferred: false, .. })
}

fn was_asked(entry: &TicketEntry) -> bool {
    !entry.ticket.passed.is_empty()
}
