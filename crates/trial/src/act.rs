//! What people did, read from what the log recorded of it, so that it can be done again in a firm where
//! other things happened.

use domain::engineer::EngineerEvent;
use domain::ticket::{self, TicketCommand, TicketEvent, Verb, Verdict, WithdrawReason};
use domain::{Event, Origin, StreamId, StreamKind, TicketId, Timestamp};
use eventlog::RecordedEvent;

/// Stands for words that somebody had to say: the log may have them sealed, and nothing asks for them.
const SOMETHING: &str = "·";

/// Something that can be done again.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A report or a detail comes in: what was said is as it was, where it leads is decided anew.
    Said(TicketId, Box<(TicketCommand, TicketEvent)>),
    /// Somebody asks something of a ticket.
    Ask(TicketId, TicketCommand),
    /// It happens as it did, whatever the rules say.
    Fact(StreamId, Event, Origin),
}

impl Act {
    /// What is asked of a ticket.
    pub(crate) const fn verb(&self) -> Option<Verb> {
        match self {
            Self::Said(_, said) => Some(said.0.verb()),
            Self::Ask(_, command) => Some(command.verb()),
            Self::Fact(..) => None,
        }
    }

    /// The same, so many microseconds later: what was to last as long lasts as long.
    pub(crate) fn later(&mut self, micros: i64) {
        let Self::Ask(_, TicketCommand::Hold(hold)) = self else { return };
        let later = |at: Timestamp| Timestamp::from_micros(at.as_micros().saturating_add(micros));
        hold.until = hold.until.map(later);
    }
}

/// The acts that an append of somebody else than the dispatcher holds.
pub(crate) fn acts_of(append: &[RecordedEvent]) -> Vec<Act> {
    let mut acts: Vec<Act> = append.iter().filter_map(fact).collect();
    if let Some(act) = asked(append) {
        acts.push(act);
    }
    acts
}

/// What happens by itself, not as a part of what is asked of a ticket.
fn fact(recorded: &RecordedEvent) -> Option<Act> {
    let is_fact = match &recorded.event {
        Event::Engineer(EngineerEvent::PlaceTaken(_) | EngineerEvent::PlaceFreed(_)) => false,
        Event::Ticket(event) => matches!(
            event,
            TicketEvent::Imported(_) | TicketEvent::Noted(_) | TicketEvent::AttachmentRemoved(_)
        ),
        Event::Log(_) | Event::Attachment(_) | Event::Audit(_) => false,
        Event::Engineer(_)
        | Event::Customer(_)
        | Event::Device(_)
        | Event::Outlet(_)
        | Event::Area(_)
        | Event::Rules(_) => true,
    };
    let origin = recorded.header.origin;
    is_fact.then(|| Act::Fact(recorded.stream, recorded.event.clone(), origin))
}

/// What was asked of a ticket. An append may begin with what had to be taken back for it.
fn asked(append: &[RecordedEvent]) -> Option<Act> {
    let mut events = append.iter().filter_map(|recorded| match &recorded.event {
        Event::Ticket(event) if recorded.stream.kind() == StreamKind::Ticket => {
            Some((recorded.stream.ticket()?, event))
        }
        _ => None,
    });
    let begins = |event: &TicketEvent| match event {
        TicketEvent::Withdrawn(it) => it.why == WithdrawReason::ByHand,
        TicketEvent::OfferWithdrawn(it) => it.why == WithdrawReason::ByHand,
        TicketEvent::Told(_) => false,
        _ => true,
    };
    let (id, first) = events.find(|(_, event)| begins(event))?;
    let accepts = events.any(|(_, event)| matches!(event, TicketEvent::Accepted(_)));
    let command = command(first, accepts)?;
    Some(match first {
        TicketEvent::Created(_) | TicketEvent::DetailsAdded(_) => {
            Act::Said(id, Box::new((command, first.clone())))
        }
        _ => Act::Ask(id, command),
    })
}

/// The command that leads to an event. Nothing for what only time or the dispatcher leads to.
fn command(event: &TicketEvent, accepts: bool) -> Option<TicketCommand> {
    let words = || String::from(SOMETHING);
    let said = |has: bool| has.then(words);
    Some(match event {
        TicketEvent::Created(it) => ticket::Create {
            channel: it.channel,
            customer: it.customer,
            outlet: it.outlet,
            device: it.device,
            skills: it.skills.clone(),
            priority: it.priority,
            urgent: it.urgent,
            sentence: said(it.has_sentence),
            place: said(it.has_place),
            ..ticket::Create::default()
        }
        .into(),
        TicketEvent::DetailsAdded(it) => ticket::Details {
            customer: it.customer,
            outlet: it.outlet,
            device: it.device,
            skills: it.skills.clone(),
            priority: it.priority,
            urgent: it.urgent,
            sentence: said(it.has_sentence),
            place: said(it.has_place),
            ..ticket::Details::default()
        }
        .into(),
        TicketEvent::Claimed(it) => ticket::Claim { agent: Some(it.agent) }.into(),
        TicketEvent::ClaimEnded(_) => ticket::EndClaim {}.into(),
        TicketEvent::Offered(it) => {
            ticket::Offer { engineers: it.engineers.clone(), ..ticket::Offer::default() }.into()
        }
        TicketEvent::Assigned(it) if accepts => {
            ticket::Accept { engineer: Some(it.engineer) }.into()
        }
        TicketEvent::Assigned(it) => {
            ticket::Assign { engineer: Some(it.engineer), ..ticket::Assign::default() }.into()
        }
        TicketEvent::Accepted(it) => ticket::Accept { engineer: Some(it.engineer) }.into(),
        TicketEvent::Declined(it) => {
            ticket::Decline { engineer: Some(it.engineer), words: words() }.into()
        }
        TicketEvent::OfferDeclined(it) => {
            ticket::Decline { engineer: Some(it.engineer), words: words() }.into()
        }
        TicketEvent::Returned(_) => ticket::Return { engineer: None, words: words() }.into(),
        TicketEvent::Withdrawn(_) | TicketEvent::OfferWithdrawn(_) => ticket::Withdraw {}.into(),
        TicketEvent::TransferRequested(it) => ticket::Transfer { to: Some(it.to) }.into(),
        TicketEvent::TransferEnded(_) => ticket::EndTransfer { assignment: None }.into(),
        TicketEvent::Transferred(it) => ticket::AcceptTransfer { engineer: Some(it.to) }.into(),
        TicketEvent::Departed(_) => ticket::Depart { engineer: None }.into(),
        TicketEvent::Arrived(_) => ticket::Arrive { engineer: None }.into(),
        TicketEvent::Held(it) => {
            let (reason, until) = (Some(it.reason), Some(it.until));
            ticket::Hold { reason, until, words: words() }.into()
        }
        TicketEvent::Resumed(_) => ticket::Resume {}.into(),
        TicketEvent::Appointed(it) => {
            let (from, until) = (Some(it.from), Some(it.until));
            ticket::Appoint { from, until, words: words() }.into()
        }
        TicketEvent::HelperAdded(it) => ticket::AddHelper { engineer: Some(it.engineer) }.into(),
        TicketEvent::HelperRemoved(it) => {
            ticket::RemoveHelper { engineer: Some(it.engineer) }.into()
        }
        TicketEvent::Urged(_) => ticket::Urge { words: words() }.into(),
        TicketEvent::Resolved(it) => ticket::Resolve {
            engineer: if it.number.is_some() { None } else { it.engineer },
            method: Some(it.method),
            fault_type: it.fault_type.clone(),
            cause: it.cause.clone(),
            parts: it.parts.clone(),
            ..ticket::Resolve::default()
        }
        .into(),
        TicketEvent::Confirmed(it) => confirm(it.verdict, it.stars),
        TicketEvent::AnswerContradicted(it) => match it.verdict {
            Verdict::Unresolved => reject(it.stars),
            verdict => confirm(verdict, it.stars),
        },
        TicketEvent::Rejected(it) => reject(it.stars),
        TicketEvent::AnswerRetracted(_) => ticket::RetractAnswer {}.into(),
        TicketEvent::Escalated(it) => ticket::Escalate { without: it.without }.into(),
        TicketEvent::Queued(it) => ticket::ToSupervisor { reason: Some(it.entry.reason) }.into(),
        TicketEvent::Merged(it) => ticket::Merge { into: Some(it.into) }.into(),
        TicketEvent::Linked(it) => {
            ticket::Link { to: Some(it.to), kind: Some(it.kind), reason: None }.into()
        }
        TicketEvent::Unlinked(it) => ticket::Unlink { from: Some(it.from) }.into(),
        TicketEvent::Cancelled(_) => ticket::Cancel { words: words() }.into(),
        TicketEvent::Closed(_) => ticket::Close { words: words() }.into(),
        TicketEvent::Reopened(_) => ticket::Reopen { words: words() }.into(),
        // Shown and not counted.
        TicketEvent::AnswerFlagged(_)
        // These are facts.
        | TicketEvent::Imported(_)
        | TicketEvent::Noted(_)
        | TicketEvent::AttachmentRemoved(_)
        // These are time's, or another ticket's part.
        | TicketEvent::OfferExpired(_)
        | TicketEvent::TimedOut(_)
        | TicketEvent::AppointmentMissed(_)
        | TicketEvent::Reminded(_)
        | TicketEvent::DispatchDeferred(_)
        | TicketEvent::OwnerAsked(_)
        | TicketEvent::SilenceReported(_)
        | TicketEvent::Told(_)
        | TicketEvent::MergedFrom(_)
        | TicketEvent::ClosedBySilence(_)
        | TicketEvent::MarkedUrgent(_) => return None,
    })
}

fn confirm(verdict: Verdict, stars: Option<u8>) -> TicketCommand {
    ticket::Confirm { verdict: Some(verdict), stars, ..ticket::Confirm::default() }.into()
}

fn reject(stars: Option<u8>) -> TicketCommand {
    ticket::Reject { stars, ..ticket::Reject::default() }.into()
}
