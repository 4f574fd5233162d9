//! Handovers: did the next engineer have every attachment that the one before had?
//!
//! An attachment is had while a ticket, or one that was merged into it, names it, and it is neither
//! out of view there nor in quarantine nor erased.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::attachment::AttachmentEvent;
use domain::ticket::TicketEvent;
use domain::{ContentHash, EngineerId, Event, GlobalPosition, TicketId, Timestamp};
use eventlog::RecordedEvent;
use serde::{Deserialize, Serialize};

/// So many lacking attachments of one handover are named; a ticket has at most as many.
pub const LACKED_MAX: usize = 500;

/// How a ticket left the engineer before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = HandoverHow))]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It was taken back.
    Withdrawn,
    /// It was not accepted in time.
    TimedOut,
    /// The engineer did not take it.
    Declined,
    /// The engineer gave it back.
    Returned,
    /// A colleague took it over.
    Transferred,
    /// It was done, and came back up a level.
    Escalated,
    /// It was done, and opened again.
    Reopened,
    /// It was done, and came back in another way.
    Resolved,
}

/// Why the next one lacked an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = HandoverWhy))]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It was taken out of view before the handover.
    Removed,
    /// It was in quarantine at the handover.
    Quarantined,
    /// It was erased before the handover.
    Erased,
    /// Its bytes are missing now.
    Missing,
    /// Its bytes are damaged now.
    Damaged,
}

/// An attachment that the next one lacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = HandoverLacked))]
pub struct Lacked {
    /// Which.
    pub hash: ContentHash,
    /// Why.
    pub why: Why,
}

/// A ticket went from one engineer to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Handover {
    /// Which ticket.
    pub ticket: TicketId,
    /// Where in the log the next one got it.
    pub position: GlobalPosition,
    /// When.
    pub at: Timestamp,
    /// Who had it before.
    pub from: EngineerId,
    /// Who has it then.
    pub to: EngineerId,
    /// How it left the one before.
    pub how: How,
    /// Attachments that the one before had.
    pub had: u64,
    /// Those of them that the next one lacked; at most 500.
    pub lacked: Vec<Lacked>,
}

impl Handover {
    /// The next one had everything that the one before had.
    pub const fn is_complete(&self) -> bool {
        self.lacked.is_empty()
    }
}

/// What became of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    Missing,
    Damaged,
}

impl From<Loss> for Why {
    fn from(loss: Loss) -> Self {
        match loss {
            Loss::Missing => Self::Missing,
            Loss::Damaged => Self::Damaged,
        }
    }
}

/// Between which positions an engineer had a ticket, and how that ended.
#[derive(Debug, Clone, Copy)]
struct Tenure {
    engineer: EngineerId,
    since: GlobalPosition,
    ended: Option<(GlobalPosition, How)>,
}

/// A handover that happened, before it is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) ticket: TicketId,
    pub(crate) position: GlobalPosition,
    pub(crate) at: Timestamp,
    from: EngineerId,
    to: EngineerId,
    how: How,
    since: GlobalPosition,
    until: GlobalPosition,
}

/// One ticket over time.
#[derive(Debug, Default)]
struct Line {
    /// From then on the ticket shows it, or no longer.
    views: Vec<(GlobalPosition, ContentHash, bool)>,
    merged: Vec<(GlobalPosition, TicketId)>,
    tenure: Option<Tenure>,
}

/// From then on an attachment is withheld, or no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Quarantined,
    Released,
    Erased,
}

/// What one attachment is to whoever has a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    Unknown,
    Shown,
    Not(Why),
}

/// All that handovers depend on, over time.
#[derive(Debug, Default)]
pub(crate) struct Timelines {
    tickets: HashMap<TicketId, Line>,
    holds: HashMap<ContentHash, Vec<(GlobalPosition, Hold)>>,
    places: Vec<Place>,
}

impl Timelines {
    pub(crate) fn apply(&mut self, event: &RecordedEvent) {
        let position = event.position;
        match &event.event {
            Event::Attachment(what) => self.attachment(position, what),
            Event::Ticket(what) => {
                if let Some(ticket) = event.stream.ticket() {
                    self.ticket(event, ticket, what);
                }
            }
            _ => {}
        }
    }

    fn attachment(&mut self, position: GlobalPosition, what: &AttachmentEvent) {
        let hold = match what {
            AttachmentEvent::AttachmentLinked(linked) => {
                let line = self.tickets.entry(linked.ticket).or_default();
                return line.views.push((position, linked.attachment.hash, true));
            }
            AttachmentEvent::AttachmentQuarantined(_) => Hold::Quarantined,
            AttachmentEvent::AttachmentReleased(_) => Hold::Released,
            AttachmentEvent::AttachmentErased(_) => Hold::Erased,
            AttachmentEvent::AttachmentOpened(_) => return,
        };
        self.holds.entry(what.hash()).or_default().push((position, hold));
    }

    fn ticket(&mut self, event: &RecordedEvent, ticket: TicketId, what: &TicketEvent) {
        let position = event.position;
        let line = self.tickets.entry(ticket).or_default();
        let mut end = |how| {
            if let Some(tenure) = &mut line.tenure {
                tenure.ended.get_or_insert((position, how));
            }
        };
        match what {
            TicketEvent::AttachmentRemoved(removed) => {
                line.views.push((position, removed.hash, false));
            }
            TicketEvent::MergedFrom(merged) => line.merged.push((position, merged.ticket)),
            TicketEvent::Withdrawn(_) => end(How::Withdrawn),
            TicketEvent::TimedOut(_) => end(How::TimedOut),
            TicketEvent::Declined(_) => end(How::Declined),
            TicketEvent::Returned(_) => end(How::Returned),
            TicketEvent::Resolved(_) => end(How::Resolved),
            // It was done before; this is why it goes on.
            TicketEvent::Escalated(_) => line.goes_on(position, How::Escalated),
            TicketEvent::Reopened(_) => line.goes_on(position, How::Reopened),
            TicketEvent::Assigned(assigned) => self.hand(event, ticket, assigned.engineer, None),
            TicketEvent::Transferred(moved) => {
                self.hand(event, ticket, moved.to, Some(How::Transferred));
            }
            _ => {}
        }
    }

    fn hand(&mut self, event: &RecordedEvent, ticket: TicketId, to: EngineerId, how: Option<How>) {
        let (position, at) = (event.position, event.recorded_at);
        let line = self.tickets.entry(ticket).or_default();
        let fresh = Tenure { engineer: to, since: position, ended: None };
        let Some(before) = line.tenure.replace(fresh) else { return };
        if before.engineer == to {
            line.tenure = Some(Tenure { ended: None, ..before });
            return;
        }
        let (until, ended) = before.ended.unwrap_or((position, How::Withdrawn));
        let (from, since, how) = (before.engineer, before.since, how.unwrap_or(ended));
        self.places.push(Place { ticket, position, at, from, to, how, since, until });
    }

    /// All handovers, in the order of the log.
    pub(crate) fn handovers(&self) -> &[Place] {
        &self.places
    }

    /// What the next engineer had of what the one before had.
    pub(crate) fn judge(&self, place: &Place, losses: &HashMap<ContentHash, Loss>) -> Handover {
        let Place { ticket, position, at, from, to, how, since, until } = *place;
        let (mut had, mut lacked) = (0, Vec::new());
        for (hash, views) in self.shown_by(ticket, position) {
            let holds = self.holds.get(&hash).map_or(&[][..], Vec::as_slice);
            let changes = views.iter().map(|view| view.0).chain(holds.iter().map(|hold| hold.0));
            let moments = changes.filter(|moment| (since..=until).contains(moment));
            let was_shown =
                moments.chain([since]).any(|moment| sight(&views, holds, moment) == Sight::Shown);
            if !was_shown {
                continue;
            }
            had += 1;
            let why = match sight(&views, holds, position) {
                Sight::Not(why) => Some(why),
                Sight::Shown | Sight::Unknown => losses.get(&hash).map(|loss| Why::from(*loss)),
            };
            if let Some(why) = why
                && lacked.len() < LACKED_MAX
            {
                lacked.push(Lacked { hash, why });
            }
        }
        Handover { ticket, position, at, from, to, how, had, lacked }
    }

    /// What a ticket and those merged into it showed, by attachment: from when on, in which ticket,
    /// and whether it was shown there.
    fn shown_by(
        &self,
        ticket: TicketId,
        until: GlobalPosition,
    ) -> BTreeMap<ContentHash, Vec<View>> {
        let mut shown: BTreeMap<_, Vec<View>> = BTreeMap::new();
        let (mut seen, mut open) = (HashSet::new(), vec![(ticket, GlobalPosition::ZERO)]);
        while let Some((ticket, since)) = open.pop() {
            let Some(line) = self.tickets.get(&ticket).filter(|_| seen.insert(ticket)) else {
                continue;
            };
            for (position, hash, is) in line.views.iter().filter(|view| view.0 <= until) {
                // What a merged ticket had came along with it.
                shown.entry(*hash).or_default().push(((*position).max(since), ticket, *is));
            }
            let merged = line.merged.iter().filter(|(position, _)| *position <= until);
            open.extend(merged.map(|(position, from)| (*from, (*position).max(since))));
        }
        shown
    }
}

type View = (GlobalPosition, TicketId, bool);

impl Line {
    fn goes_on(&mut self, position: GlobalPosition, how: How) {
        if let Some(Tenure { ended, .. }) = &mut self.tenure {
            let since = ended.map_or(position, |(since, _)| since);
            *ended = Some((since, how));
        }
    }
}

/// What an attachment is at a position. One ticket that shows it is enough.
fn sight(views: &[View], holds: &[(GlobalPosition, Hold)], at: GlobalPosition) -> Sight {
    let mut by_ticket: BTreeMap<TicketId, bool> = BTreeMap::new();
    for (_, ticket, is) in views.iter().filter(|view| view.0 <= at) {
        by_ticket.insert(*ticket, *is);
    }
    if by_ticket.is_empty() {
        return Sight::Unknown;
    }
    let by_then = || holds.iter().filter(|hold| hold.0 <= at).map(|hold| hold.1);
    if by_then().any(|hold| hold == Hold::Erased) {
        return Sight::Not(Why::Erased);
    }
    if !by_ticket.values().any(|is| *is) {
        return Sight::Not(Why::Removed);
    }
    match by_then().next_back() {
        Some(Hold::Quarantined) => Sight::Not(Why::Quarantined),
        _ => Sight::Shown,
    }
}
