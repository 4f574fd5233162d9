//! The custody chain of one attachment: who sent it, who names it, who held the tickets that do,
//! who opened it, and what else became of it.

use std::collections::{BTreeMap, HashMap};

use domain::attachment::{AttachmentEvent, Read, UploadFacts};
use domain::ticket::TicketEvent;
use domain::{
    AttachmentId, AttachmentRef, ContentHash, EngineerId, Event, GlobalPosition, Party, StreamId,
    StreamVersion, TicketId, Timestamp,
};
use eventlog::{EventLog, RecordedEvent};
use serde::{Deserialize, Serialize};

use crate::Error;

/// So many steps are told, the first ones.
pub const STEPS_MAX: usize = 10_000;

/// So many tickets are followed; a firm's logo can have thousands.
pub const TICKETS_MAX: usize = 1_000;

/// Events of a stream that are read at once.
const PAGE: usize = 512;

/// One step of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = CustodyStep))]
pub struct Step {
    /// Where in the log.
    pub position: GlobalPosition,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who did it.
    pub by: Party,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen to an attachment, or to a ticket that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = CustodyWhat))]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A ticket names it.
    Linked {
        /// Which.
        ticket: TicketId,
        /// How its bytes had come.
        upload: UploadFacts,
    },
    /// The ticket is an engineer's.
    Assigned {
        /// Which.
        ticket: TicketId,
        /// Whose.
        engineer: EngineerId,
    },
    /// The ticket is an engineer's no longer.
    Released {
        /// Which.
        ticket: TicketId,
        /// Whose it was.
        engineer: EngineerId,
        /// How.
        how: crate::How,
    },
    /// A colleague took the ticket over.
    Transferred {
        /// Which.
        ticket: TicketId,
        /// From whom.
        from: EngineerId,
        /// To whom.
        to: EngineerId,
    },
    /// The ticket goes on in another.
    Merged {
        /// Which.
        ticket: TicketId,
        /// Where.
        into: TicketId,
    },
    /// The ticket went up a level.
    Escalated {
        /// Which.
        ticket: TicketId,
        /// The level.
        level: u8,
    },
    /// The ticket is open again.
    Reopened {
        /// Which.
        ticket: TicketId,
    },
    /// Somebody opened it.
    Opened {
        /// Who, and how often.
        reads: Vec<Read>,
    },
    /// It was taken out of view in a ticket.
    Removed {
        /// Which.
        ticket: TicketId,
    },
    /// It is shown to nobody.
    Quarantined {
        /// What speaks against it.
        why: String,
    },
    /// It may be shown again.
    Cleared,
    /// It was erased on purpose.
    Erased,
}

/// The chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Custody {
    /// What it is.
    #[serde(flatten)]
    pub attachment: AttachmentRef,
    /// What happened, in the order of the log; at most 10,000 steps.
    pub steps: Vec<Step>,
    /// There is more than is told: more steps, or more than 1,000 tickets.
    pub cut: bool,
}

/// Follows an attachment through the log.
///
/// # Errors
/// [`Error::NotNamed`] when no event names it; otherwise when the log cannot be read.
pub fn custody(log: &dyn EventLog, hash: ContentHash) -> Result<Custody, Error> {
    let mut steps = Vec::new();
    let mut attachment = None;
    // From which position on a ticket had it.
    let mut open = BTreeMap::new();
    each(log, AttachmentId::from(hash).into(), |event| {
        let Event::Attachment(what) = &event.event else { return };
        if what.hash() != hash {
            return;
        }
        if let AttachmentEvent::AttachmentLinked(linked) = what {
            attachment.get_or_insert_with(|| linked.attachment.clone());
            open.entry(linked.ticket).or_insert(event.position);
        }
        steps.push(step(event, of_attachment(what)));
    })?;
    let attachment = attachment.ok_or(Error::NotNamed { hash })?;
    let mut followed: HashMap<TicketId, GlobalPosition> = HashMap::new();
    while let Some((ticket, since)) = open.pop_first() {
        if followed.len() >= TICKETS_MAX && !followed.contains_key(&ticket) {
            return Ok(Custody { attachment, steps: first(steps), cut: true });
        }
        // What a ticket had earlier by its own link counts, and its steps are told once.
        if followed.get(&ticket).is_some_and(|known| *known <= since) {
            continue;
        }
        let told_from = followed.insert(ticket, since);
        each(log, ticket.into(), |event| {
            let Event::Ticket(what) = &event.event else { return };
            if event.position <= since || told_from.is_some_and(|told| event.position > told) {
                return;
            }
            if let TicketEvent::Merged(merged) = what {
                let since = open.entry(merged.into).or_insert(event.position);
                *since = event.position.min(*since);
            }
            steps.extend(of_ticket(ticket, hash, what).map(|what| step(event, what)));
        })?;
    }
    let cut = steps.len() > STEPS_MAX;
    Ok(Custody { attachment, steps: first(steps), cut })
}

fn first(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort_by_key(|step| step.position);
    steps.truncate(STEPS_MAX);
    steps
}

fn step(event: &RecordedEvent, what: What) -> Step {
    let (position, at, by) = (event.position, event.recorded_at, event.header.actor.party);
    Step { position, at, by, what }
}

/// Shows each durable event of a stream.
fn each(
    log: &dyn EventLog,
    stream: StreamId,
    mut show: impl FnMut(&RecordedEvent),
) -> Result<(), Error> {
    let mut after = StreamVersion::ZERO;
    loop {
        let events = log.read_stream(stream, after, PAGE)?;
        let Some(last) = events.last() else { return Ok(()) };
        after = last.version;
        events.iter().for_each(&mut show);
    }
}

fn of_attachment(event: &AttachmentEvent) -> What {
    match event {
        AttachmentEvent::AttachmentLinked(linked) => {
            What::Linked { ticket: linked.ticket, upload: linked.upload.clone() }
        }
        AttachmentEvent::AttachmentQuarantined(quarantined) => {
            What::Quarantined { why: quarantined.why.clone() }
        }
        AttachmentEvent::AttachmentReleased(_) => What::Cleared,
        AttachmentEvent::AttachmentErased(_) => What::Erased,
        AttachmentEvent::AttachmentOpened(opened) => What::Opened { reads: opened.reads.clone() },
    }
}

fn of_ticket(ticket: TicketId, hash: ContentHash, event: &TicketEvent) -> Option<What> {
    use crate::How;
    let released = |engineer, how| Some(What::Released { ticket, engineer, how });
    match event {
        TicketEvent::Assigned(assigned) => {
            Some(What::Assigned { ticket, engineer: assigned.engineer })
        }
        TicketEvent::Withdrawn(withdrawn) => released(withdrawn.engineer, How::Withdrawn),
        TicketEvent::TimedOut(late) => released(late.engineer, How::TimedOut),
        TicketEvent::Declined(declined) => released(declined.engineer, How::Declined),
        TicketEvent::Returned(returned) => released(returned.engineer, How::Returned),
        TicketEvent::Resolved(resolved) => released(resolved.engineer?, How::Resolved),
        TicketEvent::Transferred(moved) => {
            Some(What::Transferred { ticket, from: moved.from, to: moved.to })
        }
        TicketEvent::Merged(merged) => Some(What::Merged { ticket, into: merged.into }),
        TicketEvent::Escalated(escalated) => {
            Some(What::Escalated { ticket, level: escalated.level })
        }
        TicketEvent::Reopened(_) => Some(What::Reopened { ticket }),
        TicketEvent::AttachmentRemoved(removed) if removed.hash == hash => {
            Some(What::Removed { ticket })
        }
        _ => None,
    }
}
