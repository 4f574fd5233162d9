//! Events as they are read once the key of their personal part was destroyed.

use domain::attachment::AttachmentEvent;
use domain::directory::{AreaEvent, CustomerEvent, DeviceEvent, OutletEvent};
use domain::engineer::EngineerEvent;
use domain::ticket::TicketEvent;
use domain::{Event, Personal};

/// The event without its personal part. Each event is named, so that a new one must say whether it
/// has such a part.
pub(crate) fn erased(event: &Event) -> Event {
    let mut event = event.clone();
    match &mut event {
        Event::Log(_) | Event::Rules(_) | Event::Audit(_) => {}
        Event::Ticket(event) => ticket(event),
        Event::Engineer(event) => match event {
            EngineerEvent::ProfileSet(set) => set.card = Personal::Erased,
            EngineerEvent::Moved(moved) => moved.position = Personal::Erased,
            EngineerEvent::Frozen(frozen) => frozen.words = Personal::Erased,
            EngineerEvent::DutyStarted(_)
            | EngineerEvent::DutyEnded(_)
            | EngineerEvent::LeaveSet(_)
            | EngineerEvent::OnCallSet(_)
            | EngineerEvent::WentOnline(_)
            | EngineerEvent::WentOffline(_)
            | EngineerEvent::PlaceTaken(_)
            | EngineerEvent::PlaceFreed(_)
            | EngineerEvent::Unfrozen(_) => {}
        },
        Event::Customer(CustomerEvent::CustomerSet(set)) => set.card = Personal::Erased,
        Event::Device(DeviceEvent::DeviceSet(set)) => set.place = Personal::Erased,
        Event::Outlet(OutletEvent::OutletSet(_)) => {}
        Event::Area(AreaEvent::AreaSet(set)) => set.staff = Personal::Erased,
        Event::Attachment(event) => match event {
            AttachmentEvent::AttachmentLinked(linked) => linked.claims = Personal::Erased,
            AttachmentEvent::AttachmentErased(erased) => erased.words = Personal::Erased,
            AttachmentEvent::AttachmentQuarantined(_)
            | AttachmentEvent::AttachmentReleased(_)
            | AttachmentEvent::AttachmentOpened(_) => {}
        },
    }
    event
}

fn ticket(event: &mut TicketEvent) {
    match event {
        TicketEvent::Created(created) => created.report = Personal::Erased,
        TicketEvent::DetailsAdded(added) => added.report = Personal::Erased,
        TicketEvent::OfferDeclined(said) => said.words = Personal::Erased,
        TicketEvent::Declined(said) => said.words = Personal::Erased,
        TicketEvent::Returned(said) => said.words = Personal::Erased,
        TicketEvent::Held(said) => said.words = Personal::Erased,
        TicketEvent::Appointed(said) => said.words = Personal::Erased,
        TicketEvent::Noted(said) => said.words = Personal::Erased,
        TicketEvent::Urged(said) => said.words = Personal::Erased,
        TicketEvent::Resolved(said) => said.words = Personal::Erased,
        TicketEvent::Confirmed(said) => said.words = Personal::Erased,
        TicketEvent::Rejected(said) => said.words = Personal::Erased,
        TicketEvent::AnswerContradicted(said) => said.words = Personal::Erased,
        TicketEvent::AnswerFlagged(said) => said.words = Personal::Erased,
        TicketEvent::Cancelled(said) => said.words = Personal::Erased,
        TicketEvent::Closed(said) => said.words = Personal::Erased,
        TicketEvent::Reopened(said) => said.words = Personal::Erased,
        TicketEvent::Imported(said) => said.words = Personal::Erased,
        TicketEvent::AttachmentRemoved(said) => said.words = Personal::Erased,
        TicketEvent::Claimed(_)
        | TicketEvent::ClaimEnded(_)
        | TicketEvent::Offered(_)
        | TicketEvent::OfferExpired(_)
        | TicketEvent::OfferWithdrawn(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::Accepted(_)
        | TicketEvent::TimedOut(_)
        | TicketEvent::Withdrawn(_)
        | TicketEvent::TransferRequested(_)
        | TicketEvent::TransferEnded(_)
        | TicketEvent::Transferred(_)
        | TicketEvent::Departed(_)
        | TicketEvent::Arrived(_)
        | TicketEvent::Resumed(_)
        | TicketEvent::AppointmentMissed(_)
        | TicketEvent::HelperAdded(_)
        | TicketEvent::HelperRemoved(_)
        | TicketEvent::Reminded(_)
        | TicketEvent::AnswerRetracted(_)
        | TicketEvent::Escalated(_)
        | TicketEvent::DispatchDeferred(_)
        | TicketEvent::Queued(_)
        | TicketEvent::OwnerAsked(_)
        | TicketEvent::SilenceReported(_)
        | TicketEvent::Told(_)
        | TicketEvent::Merged(_)
        | TicketEvent::MergedFrom(_)
        | TicketEvent::Linked(_)
        | TicketEvent::Unlinked(_)
        | TicketEvent::ClosedBySilence(_)
        | TicketEvent::MarkedUrgent(_) => {}
    }
}
