//! The table of event types: number, schema version, and the personal field where there is one.
//!
//! Append only. A released line never changes its number or meaning, and the struct it names is
//! frozen. A new shape of an event is a new line with the next schema version; the line of the old
//! shape moves below `upcast` and names a frozen copy of the old struct (`super::old`), which turns
//! into today's. What stands above `upcast` is written. The golden files hold every shape that was
//! ever written.

use domain::attachment::AttachmentEvent;
use domain::directory::{AreaEvent, CustomerEvent, DeviceEvent, OutletEvent};
use domain::engineer::EngineerEvent;
use domain::rules::RuleSetEvent;
use domain::ticket::event::TicketEvent;
use domain::{AuditEvent, Event, LogEvent, Personal};

use super::payload;
use super::{EncodedPayload, PayloadError};

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The event type's number in stored bytes.
    pub type_id: u16,
    /// The version of its shape.
    pub schema: u16,
    /// What its golden files are called.
    pub name: &'static str,
    /// Whether it has a personal part.
    pub personal: bool,
    /// Whether it is written; otherwise it is only read.
    pub written: bool,
}

/// The personal part that goes with a payload.
pub(super) enum Part<'a> {
    /// There is none in the record.
    Absent,
    /// There is one, and its key was destroyed.
    Erased,
    /// This is it.
    Known(&'a [u8]),
}

/// Hands the table to a macro; so whatever has to exist for every shape does, or nothing builds.
macro_rules! with_shapes {
    ($then:ident) => {
        $then! {
            // The log itself.
            1 v1 log_created = Log LogEvent LogCreated (domain::LogCreated);
            2 v1 log_epoch_raised = Log LogEvent EpochRaised (domain::EpochRaised);
            // Tickets.
            100 v2 ticket_created = Ticket TicketEvent Created (domain::ticket::event::Created) personal report;
            101 v2 ticket_details_added = Ticket TicketEvent DetailsAdded (domain::ticket::event::DetailsAdded) personal report;
            102 v1 ticket_claimed = Ticket TicketEvent Claimed (domain::ticket::event::Claimed);
            103 v2 ticket_claim_ended = Ticket TicketEvent ClaimEnded (domain::ticket::event::ClaimEnded);
            104 v2 ticket_offered = Ticket TicketEvent Offered (domain::ticket::event::Offered);
            105 v1 ticket_offer_declined = Ticket TicketEvent OfferDeclined (domain::ticket::event::OfferDeclined) personal words;
            106 v1 ticket_offer_expired = Ticket TicketEvent OfferExpired (domain::ticket::event::OfferExpired);
            107 v1 ticket_offer_withdrawn = Ticket TicketEvent OfferWithdrawn (domain::ticket::event::OfferWithdrawn);
            108 v2 ticket_assigned = Ticket TicketEvent Assigned (domain::ticket::event::Assigned);
            109 v1 ticket_accepted = Ticket TicketEvent Accepted (domain::ticket::event::Accepted);
            110 v1 ticket_declined = Ticket TicketEvent Declined (domain::ticket::event::Declined) personal words;
            111 v1 ticket_returned = Ticket TicketEvent Returned (domain::ticket::event::Returned) personal words;
            112 v1 ticket_timed_out = Ticket TicketEvent TimedOut (domain::ticket::event::TimedOut);
            113 v1 ticket_withdrawn = Ticket TicketEvent Withdrawn (domain::ticket::event::Withdrawn);
            114 v1 ticket_transfer_requested = Ticket TicketEvent TransferRequested (domain::ticket::event::TransferRequested);
            115 v1 ticket_transfer_ended = Ticket TicketEvent TransferEnded (domain::ticket::event::TransferEnded);
            116 v1 ticket_transferred = Ticket TicketEvent Transferred (domain::ticket::event::Transferred);
            117 v1 ticket_departed = Ticket TicketEvent Departed (domain::ticket::event::Departed);
            118 v1 ticket_arrived = Ticket TicketEvent Arrived (domain::ticket::event::Arrived);
            119 v1 ticket_held = Ticket TicketEvent Held (domain::ticket::event::Held) personal words;
            120 v1 ticket_resumed = Ticket TicketEvent Resumed (domain::ticket::event::Resumed);
            121 v1 ticket_appointed = Ticket TicketEvent Appointed (domain::ticket::event::Appointed) personal words;
            122 v1 ticket_appointment_missed = Ticket TicketEvent AppointmentMissed (domain::ticket::event::AppointmentMissed);
            123 v1 ticket_helper_added = Ticket TicketEvent HelperAdded (domain::ticket::event::HelperAdded);
            124 v1 ticket_helper_removed = Ticket TicketEvent HelperRemoved (domain::ticket::event::HelperRemoved);
            125 v1 ticket_noted = Ticket TicketEvent Noted (domain::ticket::event::Noted) personal words;
            126 v1 ticket_urged = Ticket TicketEvent Urged (domain::ticket::event::Urged) personal words;
            127 v1 ticket_resolved = Ticket TicketEvent Resolved (domain::ticket::event::Resolved) personal words;
            128 v1 ticket_reminded = Ticket TicketEvent Reminded (domain::ticket::event::Reminded);
            129 v2 ticket_confirmed = Ticket TicketEvent Confirmed (domain::ticket::event::Confirmed) personal words;
            130 v1 ticket_rejected = Ticket TicketEvent Rejected (domain::ticket::event::Rejected) personal words;
            131 v1 ticket_answer_retracted = Ticket TicketEvent AnswerRetracted (domain::ticket::event::AnswerRetracted);
            132 v1 ticket_answer_flagged = Ticket TicketEvent AnswerFlagged (domain::ticket::event::AnswerFlagged) personal words;
            133 v1 ticket_answer_contradicted = Ticket TicketEvent AnswerContradicted (domain::ticket::event::AnswerContradicted) personal words;
            134 v1 ticket_escalated = Ticket TicketEvent Escalated (domain::ticket::event::Escalated);
            135 v2 ticket_dispatch_deferred = Ticket TicketEvent DispatchDeferred (domain::ticket::event::DispatchDeferred);
            136 v2 ticket_queued = Ticket TicketEvent Queued (domain::ticket::event::Queued);
            137 v1 ticket_owner_asked = Ticket TicketEvent OwnerAsked (domain::ticket::event::OwnerAsked);
            138 v1 ticket_silence_reported = Ticket TicketEvent SilenceReported (domain::ticket::event::SilenceReported);
            139 v2 ticket_told = Ticket TicketEvent Told (domain::ticket::event::Told);
            140 v1 ticket_merged = Ticket TicketEvent Merged (domain::ticket::event::Merged);
            141 v1 ticket_merged_from = Ticket TicketEvent MergedFrom (domain::ticket::event::MergedFrom);
            142 v2 ticket_linked = Ticket TicketEvent Linked (domain::ticket::event::Linked);
            143 v2 ticket_unlinked = Ticket TicketEvent Unlinked (domain::ticket::event::Unlinked);
            144 v1 ticket_cancelled = Ticket TicketEvent Cancelled (domain::ticket::event::Cancelled) personal words;
            145 v1 ticket_closed = Ticket TicketEvent Closed (domain::ticket::event::Closed) personal words;
            146 v1 ticket_closed_by_silence = Ticket TicketEvent ClosedBySilence (domain::ticket::event::ClosedBySilence);
            147 v1 ticket_reopened = Ticket TicketEvent Reopened (domain::ticket::event::Reopened) personal words;
            148 v2 ticket_imported = Ticket TicketEvent Imported (domain::ticket::event::Imported) personal words;
            149 v1 ticket_attachment_removed = Ticket TicketEvent AttachmentRemoved (domain::ticket::event::AttachmentRemoved) personal words;
            150 v1 ticket_marked_urgent = Ticket TicketEvent MarkedUrgent (domain::ticket::event::MarkedUrgent);
            // Engineers.
            300 v1 engineer_profile_set = Engineer EngineerEvent ProfileSet (domain::engineer::ProfileSet) personal card;
            301 v1 engineer_duty_started = Engineer EngineerEvent DutyStarted (domain::engineer::DutyStarted);
            302 v1 engineer_duty_ended = Engineer EngineerEvent DutyEnded (domain::engineer::DutyEnded);
            303 v1 engineer_leave_set = Engineer EngineerEvent LeaveSet (domain::engineer::LeaveSet);
            304 v1 engineer_on_call_set = Engineer EngineerEvent OnCallSet (domain::engineer::OnCallSet);
            305 v1 engineer_went_online = Engineer EngineerEvent WentOnline (domain::engineer::WentOnline);
            306 v1 engineer_went_offline = Engineer EngineerEvent WentOffline (domain::engineer::WentOffline);
            307 v1 engineer_moved = Engineer EngineerEvent Moved (domain::engineer::Moved) personal position;
            308 v1 engineer_place_taken = Engineer EngineerEvent PlaceTaken (domain::engineer::PlaceTaken);
            309 v1 engineer_place_freed = Engineer EngineerEvent PlaceFreed (domain::engineer::PlaceFreed);
            310 v1 engineer_frozen = Engineer EngineerEvent Frozen (domain::engineer::Frozen) personal words;
            311 v1 engineer_unfrozen = Engineer EngineerEvent Unfrozen (domain::engineer::Unfrozen);
            // The directory.
            400 v1 customer_set = Customer CustomerEvent CustomerSet (domain::directory::CustomerSet) personal card;
            500 v1 device_set = Device DeviceEvent DeviceSet (domain::directory::DeviceSet) personal place;
            600 v1 outlet_set = Outlet OutletEvent OutletSet (domain::directory::OutletSet);
            700 v1 area_set = Area AreaEvent AreaSet (domain::directory::AreaSet) personal staff;
            // The rules.
            800 v3 rule_set_published = Rules RuleSetEvent RuleSetPublished (domain::rules::RuleSetPublished);
            // Attachments.
            900 v1 attachment_linked = Attachment AttachmentEvent AttachmentLinked (domain::attachment::AttachmentLinked) personal claims;
            901 v1 attachment_quarantined = Attachment AttachmentEvent AttachmentQuarantined (domain::attachment::AttachmentQuarantined);
            902 v1 attachment_released = Attachment AttachmentEvent AttachmentReleased (domain::attachment::AttachmentReleased);
            903 v1 attachment_erased = Attachment AttachmentEvent AttachmentErased (domain::attachment::AttachmentErased) personal words;
            904 v1 attachment_opened = Attachment AttachmentEvent AttachmentOpened (domain::attachment::AttachmentOpened);
            // Audits.
            1000 v1 attachments_audited = Audit AuditEvent AttachmentsAudited (domain::AttachmentsAudited);
            upcast
            // The same shapes, before some of their words (filters, notices, reasons) were known.
            100 v1 ticket_created = Ticket TicketEvent Created (domain::ticket::event::Created) personal report;
            101 v1 ticket_details_added = Ticket TicketEvent DetailsAdded (domain::ticket::event::DetailsAdded) personal report;
            103 v1 ticket_claim_ended = Ticket TicketEvent ClaimEnded (domain::ticket::event::ClaimEnded);
            104 v1 ticket_offered = Ticket TicketEvent Offered (domain::ticket::event::Offered);
            108 v1 ticket_assigned = Ticket TicketEvent Assigned (domain::ticket::event::Assigned);
            129 v1 ticket_confirmed = Ticket TicketEvent Confirmed (domain::ticket::event::Confirmed) personal words;
            135 v1 ticket_dispatch_deferred = Ticket TicketEvent DispatchDeferred (domain::ticket::event::DispatchDeferred);
            136 v1 ticket_queued = Ticket TicketEvent Queued (domain::ticket::event::Queued);
            139 v1 ticket_told = Ticket TicketEvent Told (domain::ticket::event::Told);
            142 v1 ticket_linked = Ticket TicketEvent Linked (super::old::LinkedV1);
            143 v1 ticket_unlinked = Ticket TicketEvent Unlinked (domain::ticket::event::Unlinked);
            148 v1 ticket_imported = Ticket TicketEvent Imported (domain::ticket::event::Imported) personal words;
            800 v1 rule_set_published = Rules RuleSetEvent RuleSetPublished (super::old::RuleSetPublishedV1);
            800 v2 rule_set_published = Rules RuleSetEvent RuleSetPublished (super::old::RuleSetPublishedV2);
        }
    };
}
#[cfg(feature = "conformance")]
pub(crate) use with_shapes;

macro_rules! personal_bytes {
    ($event:ident) => {
        None
    };
    ($event:ident $field:ident) => {
        match &$event.$field {
            Personal::Known(content) => Some(payload::encode(content)?),
            Personal::Erased => None,
        }
    };
}

macro_rules! with_personal {
    ($event:ident, $part:ident) => {
        match $part {
            Part::Absent => {}
            Part::Erased | Part::Known(_) => {
                return Err(PayloadError::Malformed("a personal part where none belongs".into()));
            }
        }
    };
    ($event:ident, $part:ident $field:ident) => {
        if let Part::Known(bytes) = $part {
            $event.$field = Personal::Known(payload::decode(bytes)?);
        }
    };
}

macro_rules! registry {
    (
        $($id:literal $version:ident $name:ident = $kind:ident $enum:ident $variant:ident ($type:ty) $(personal $field:ident)?;)*
        upcast
        $($old_id:literal $old_version:ident $old_name:ident = $old_kind:ident $old_enum:ident $old_variant:ident ($old_type:ty) $(personal $old_field:ident)?;)*
    ) => {
        /// Every shape that this release can read.
        pub const SHAPES: &[Shape] = &[$(Shape {
            type_id: $id,
            schema: schema::$version,
            name: stringify!($name),
            personal: !stringify!($($field)?).is_empty(),
            written: true,
        },)* $(Shape {
            type_id: $old_id,
            schema: schema::$old_version,
            name: stringify!($old_name),
            personal: !stringify!($($old_field)?).is_empty(),
            written: false,
        },)*];

        /// The two parts of an event.
        pub(super) fn encode(event: &Event) -> Result<EncodedPayload, PayloadError> {
            match event {
                $(Event::$kind($enum::$variant(event)) => Ok(EncodedPayload {
                    type_id: $id,
                    schema: schema::$version,
                    public: payload::encode(event)?,
                    personal: personal_bytes!(event $($field)?),
                }),)*
            }
        }

        /// The event of two parts.
        pub(super) fn decode(
            type_id: u16,
            schema: u16,
            public: &[u8],
            personal: Part<'_>,
        ) -> Result<Event, PayloadError> {
            match (type_id, schema) {
                $(($id, schema::$version) => {
                    #[allow(unused_mut, reason = "only shapes with a personal part change it")]
                    let mut event: $type = payload::decode(public)?;
                    with_personal!(event, personal $($field)?);
                    Ok(Event::$kind($enum::$variant(event)))
                })*
                $(($old_id, schema::$old_version) => {
                    #[allow(unused_mut, reason = "only shapes with a personal part change it")]
                    let mut event: $old_type = payload::decode(public)?;
                    with_personal!(event, personal $($old_field)?);
                    Ok(Event::$old_kind($old_enum::$old_variant(event.into())))
                })*
                _ => Err(PayloadError::UnknownShape { type_id, schema }),
            }
        }
    };
}

with_shapes!(registry);

/// Schema versions by the name that the table gives them.
#[allow(non_upper_case_globals, reason = "they are named as in the table and golden files")]
mod schema {
    pub(super) const v1: u16 = 1;
    pub(super) const v2: u16 = 2;
    pub(super) const v3: u16 = 3;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_and_no_name_stands_for_two_shapes() {
        for (place, shape) in SHAPES.iter().enumerate() {
            for other in &SHAPES[place + 1..] {
                assert_ne!((shape.type_id, shape.schema), (other.type_id, other.schema));
                assert_ne!((shape.name, shape.schema), (other.name, other.schema));
            }
        }
    }

    #[test]
    fn an_unknown_shape_is_named() {
        let refused = decode(9_999, 1, &[], Part::Absent);
        assert!(
            matches!(refused, Err(PayloadError::UnknownShape { type_id: 9_999, schema: 1 })),
            "{refused:?}"
        );
    }
}
