//! What happens to a ticket. Stored shapes: once released, a struct here is frozen; a new shape
//! is a new struct and schema version, and the old one moves beside its upcaster in the codec.
//!
//! Each event that leaves the ticket open carries the time at which something must happen next,
//! so that a change of rules never moves a timer that is running.

use serde::{Deserialize, Serialize};

use crate::attachment::{AttachmentRef, ContentHash, Words};
use crate::id::{AreaId, CustomerId, DeviceId, EngineerId, OutletId, StaffId, TicketId};
use crate::personal::Personal;
use crate::reason::{DispatchReason, LinkReason};
use crate::rules::{Met, RuleSetVersion};
use crate::time::Timestamp;

pub use super::terms::*;

macro_rules! ticket_events {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* })*

        /// Everything that can happen to a ticket.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum TicketEvent { $($(#[$doc])* $name($name),)* }

        impl TicketEvent {
            /// The schemas of all payloads, each under the name of its event, and of what they
            /// refer to. Answers with the names.
            #[cfg(feature = "openapi")]
            pub fn schemas(named: &mut Vec<crate::Named>) -> Vec<&'static str> {
                $(crate::schema::add::<$name>(named);)*
                vec![$(stringify!($name),)*]
            }

            /// The event's name; the API gives it as the event's `type`.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name),)* }
            }

            /// Reads an event of this name from its own fields; nothing where the name is none of
            /// these.
            ///
            /// # Errors
            /// Whatever the format says of wrong fields.
            pub fn read<'de, D: serde::Deserializer<'de>>(
                name: &str,
                fields: D,
            ) -> Option<Result<Self, D::Error>> {
                match name {
                    $(stringify!($name) => Some($name::deserialize(fields).map(Self::$name)),)*
                    _ => None,
                }
            }
        }

        $(impl From<$name> for TicketEvent {
            fn from(event: $name) -> Self { Self::$name(event) }
        })*
    };
}

ticket_events! {
    /// A report came in.
    Created {
        /// How.
        channel: Channel,
        /// Of whom, where known.
        customer: Option<CustomerId>,
        /// Which outlet it belongs to, where known.
        outlet: Option<OutletId>,
        /// Which area, by outlet or customer.
        area: Option<AreaId>,
        /// Which device, where known.
        device: Option<DeviceId>,
        /// What the job needs.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        skills: Vec<Skill>,
        /// How much it matters.
        priority: Priority,
        /// Whether it is urgent.
        urgent: bool,
        /// There is a sentence; stays known after the words were erased.
        has_sentence: bool,
        /// There is a place; stays known after it was erased.
        has_place: bool,
        /// Where it goes first.
        entry: Entry,
        /// What came with it.
        attachments: Vec<AttachmentRef>,
        /// The words.
        report: Personal<Report>,
    }
    /// More became known.
    DetailsAdded {
        /// The customer, where it became known.
        customer: Option<CustomerId>,
        /// The outlet, where it became known or changed.
        outlet: Option<OutletId>,
        /// The area that goes with a changed outlet; with the same outlet, where it changed.
        area: Option<AreaId>,
        /// The device, where it became known or changed.
        device: Option<DeviceId>,
        /// What the job needs, where that changed.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
        skills: Option<Vec<Skill>>,
        /// How much it matters, where that changed.
        priority: Option<Priority>,
        /// Whether it is urgent, where that changed.
        urgent: Option<bool>,
        /// A sentence came.
        has_sentence: bool,
        /// A place came.
        has_place: bool,
        /// Where it goes now that there is enough to dispatch it.
        entry: Option<Entry>,
        /// What came with it.
        attachments: Vec<AttachmentRef>,
        /// The words.
        report: Personal<Report>,
    }
    /// An agent took it in hand 受理; the dispatcher leaves it alone until then.
    Claimed {
        /// Who.
        agent: StaffId,
        /// Until when.
        due: Timestamp,
    }
    /// The agent's claim ended without a result.
    ClaimEnded {
        /// Where it goes on.
        entry: Entry,
    }
    /// It was offered to several; whoever accepts first has it.
    Offered {
        /// Counts the offers of this ticket.
        number: u32,
        /// To whom.
        engineers: Vec<EngineerId>,
        /// Until when.
        due: Timestamp,
        /// Why these.
        reason: DispatchReason,
    }
    /// One of them does not want it.
    OfferDeclined {
        /// The offer.
        number: u32,
        /// Who.
        engineer: EngineerId,
        /// Why.
        words: Personal<Words>,
    }
    /// Nobody accepted it in time, or all declined.
    OfferExpired {
        /// The offer.
        number: u32,
        /// By when somebody must have the ticket.
        due: Timestamp,
    }
    /// The offer was taken back.
    OfferWithdrawn {
        /// The offer.
        number: u32,
        /// Why.
        why: WithdrawReason,
        /// By when somebody must have the ticket.
        due: Timestamp,
    }
    /// It is somebody's now.
    Assigned {
        /// Counts the assignments of this ticket.
        number: u32,
        /// Whose.
        engineer: EngineerId,
        /// How it came about.
        via: Via,
        /// Until when it must be accepted.
        due: Timestamp,
        /// Why this engineer.
        reason: DispatchReason,
    }
    /// The engineer took it 接单.
    Accepted {
        /// The assignment.
        number: u32,
        /// Who.
        engineer: EngineerId,
        /// When the engineer is asked, if nothing is heard.
        due: Timestamp,
    }
    /// The engineer did not take it 拒单.
    Declined {
        /// The assignment.
        number: u32,
        /// Who.
        engineer: EngineerId,
        /// By when somebody must have the ticket.
        due: Timestamp,
        /// Why.
        words: Personal<Words>,
    }
    /// The engineer gave it back after taking it 退单.
    Returned {
        /// The assignment.
        number: u32,
        /// Who.
        engineer: EngineerId,
        /// By when somebody must have the ticket.
        due: Timestamp,
        /// Why.
        words: Personal<Words>,
    }
    /// It was not accepted in time.
    TimedOut {
        /// The assignment.
        number: u32,
        /// Who let it pass.
        engineer: EngineerId,
        /// By when somebody must have the ticket.
        due: Timestamp,
    }
    /// The assignment was taken back.
    Withdrawn {
        /// The assignment.
        number: u32,
        /// From whom.
        engineer: EngineerId,
        /// Why.
        why: WithdrawReason,
        /// By when somebody must have the ticket.
        due: Timestamp,
    }
    /// The owner asks a colleague to take it over 转单, and owns it until then.
    TransferRequested {
        /// The assignment.
        number: u32,
        /// To whom.
        to: EngineerId,
        /// Until when the colleague can accept.
        due: Timestamp,
    }
    /// The colleague does not take it over, or did not say so in time.
    TransferEnded {
        /// The assignment, which stays.
        number: u32,
        /// Who was asked.
        to: EngineerId,
        /// When the owner is asked, if nothing is heard.
        due: Timestamp,
    }
    /// The colleague took it over.
    Transferred {
        /// The new assignment.
        number: u32,
        /// Whose it was.
        from: EngineerId,
        /// Whose it is.
        to: EngineerId,
        /// When the new owner is asked, if nothing is heard.
        due: Timestamp,
    }
    /// The engineer is on the way 出发.
    Departed {
        /// The assignment.
        number: u32,
        /// When the engineer is asked, if nothing is heard.
        due: Timestamp,
    }
    /// The engineer is there 到场.
    Arrived {
        /// The assignment.
        number: u32,
        /// When the engineer is asked, if nothing is heard.
        due: Timestamp,
    }
    /// Work stands still 挂起.
    Held {
        /// The assignment.
        number: u32,
        /// Why.
        reason: HoldReason,
        /// When it comes back by itself.
        until: Timestamp,
        /// More about it.
        words: Personal<Words>,
    }
    /// Work goes on 恢复.
    Resumed {
        /// The assignment.
        number: u32,
        /// When the engineer is asked, if nothing is heard.
        due: Timestamp,
    }
    /// A visit was agreed 预约上门, or changed.
    Appointed {
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
        /// When the engineer is asked, if nothing is heard; absent while nobody has accepted.
        due: Option<Timestamp>,
        /// Agreed with whom.
        words: Personal<Words>,
    }
    /// Nobody came in the window that was agreed.
    AppointmentMissed {
        /// The end of the window.
        until: Timestamp,
    }
    /// A colleague helps 协作; the owner stays the owner.
    HelperAdded {
        /// Who.
        engineer: EngineerId,
    }
    /// A colleague no longer helps.
    HelperRemoved {
        /// Who.
        engineer: EngineerId,
    }
    /// Somebody added words or pictures.
    Noted {
        /// What came with it.
        attachments: Vec<AttachmentRef>,
        /// The words.
        words: Personal<Words>,
    }
    /// The customer urges 催单.
    Urged {
        /// How often by now.
        count: u32,
        /// The words.
        words: Personal<Words>,
    }
    /// It is done 完工 and waits for the customer's answer.
    Resolved {
        /// The assignment, where somebody had it.
        number: Option<u32>,
        /// Who did it.
        engineer: Option<EngineerId>,
        /// How.
        method: ResolutionMethod,
        /// What kind of fault it was.
        fault_type: Option<String>,
        /// What caused it.
        cause: Option<String>,
        /// What was used.
        parts: Vec<Part>,
        /// When the customer is reminded, or it is closed by silence.
        due: Timestamp,
        /// When it is closed by silence.
        closes_at: Timestamp,
        /// What came with it.
        attachments: Vec<AttachmentRef>,
        /// The words.
        words: Personal<Words>,
    }
    /// The customer was reminded to answer.
    Reminded {
        /// Counts the reminders.
        number: u32,
        /// The next reminder, or the close by silence.
        due: Timestamp,
    }
    /// The customer answered 解决满意 or 部分解决.
    Confirmed {
        /// Which.
        verdict: Verdict,
        /// 1 to 5, where given; never inferred.
        stars: Option<u8>,
        /// The agents' call-back after 部分解决.
        call_back: Option<QueueEntry>,
        /// What came with it.
        attachments: Vec<AttachmentRef>,
        /// The words.
        words: Personal<Words>,
    }
    /// The customer answered 未解决.
    Rejected {
        /// Whose work.
        engineer: Option<EngineerId>,
        /// 1 to 5, where given; never inferred.
        stars: Option<u8>,
        /// Until when the customer can take it back.
        undo_until: Timestamp,
        /// What came with it.
        attachments: Vec<AttachmentRef>,
        /// The words.
        words: Personal<Words>,
    }
    /// The customer took 未解决 back.
    AnswerRetracted {
        /// When the customer is reminded, or it is closed by silence.
        due: Timestamp,
    }
    /// An answer from an engineer's own login; shown, not counted.
    AnswerFlagged {
        /// The answer.
        verdict: Verdict,
        /// Whose login.
        engineer: EngineerId,
        /// 1 to 5, where given.
        stars: Option<u8>,
        /// The words.
        words: Personal<Words>,
    }
    /// A later answer contradicts the first, which binds; an agent looks at it.
    AnswerContradicted {
        /// The later answer.
        verdict: Verdict,
        /// 1 to 5, where given.
        stars: Option<u8>,
        /// The words.
        words: Personal<Words>,
    }
    /// It goes up a level in place: same number, link, attachments.
    Escalated {
        /// The level that it is on now.
        level: u8,
        /// Who is left out from now on.
        without: Option<EngineerId>,
        /// By when somebody must have the ticket.
        due: Timestamp,
    }
    /// Nobody can be assigned now; dispatched as soon as somebody can.
    DispatchDeferred {
        /// Who was looked at, and why not.
        reason: DispatchReason,
        /// When a person is told.
        due: Timestamp,
    }
    /// It is in a named person's queue.
    Queued {
        /// Whose, why and until when.
        entry: QueueEntry,
    }
    /// The engineer accepted and stays silent, and was asked.
    OwnerAsked {
        /// The assignment.
        number: u32,
        /// When the supervisor is told.
        due: Timestamp,
    }
    /// The engineer still stays silent, and the supervisor was told.
    SilenceReported {
        /// The assignment, which stays.
        number: u32,
        /// When the engineer is asked again.
        due: Timestamp,
    }
    /// Somebody is to be told.
    Told {
        /// Who.
        whom: Recipient,
        /// What.
        notice: Notice,
    }
    /// It is the same case as another and goes on there.
    Merged {
        /// Where it goes on.
        into: TicketId,
    }
    /// Another ticket was merged into this one.
    MergedFrom {
        /// Which.
        ticket: TicketId,
    }
    /// It has to do with another ticket.
    Linked {
        /// Which.
        to: TicketId,
        /// How.
        kind: LinkKind,
        /// For a duplicate, which is not dispatched: when an agent looks at it again. For what is
        /// only suspected: when it is dispatched.
        due: Option<Timestamp>,
        /// Why, where the dispatcher linked it.
        reason: Option<LinkReason>,
    }
    /// The link was a mistake.
    Unlinked {
        /// From which.
        from: TicketId,
        /// Where it goes on, if it waited as a duplicate.
        entry: Option<Entry>,
    }
    /// Nobody needs to come any more.
    Cancelled {
        /// Why.
        words: Personal<Words>,
    }
    /// An agent closed it.
    Closed {
        /// Why.
        words: Personal<Words>,
    }
    /// The customer did not answer; never counted as satisfaction.
    ClosedBySilence {
        /// How long was waited for an answer.
        reminders: u32,
    }
    /// It is open again.
    Reopened {
        /// By when somebody must have the ticket.
        due: Timestamp,
        /// Why.
        words: Personal<Words>,
    }
    /// A step of another system's history; starts no timer, sends nothing.
    Imported {
        /// Which.
        step: ImportedStep,
        /// By when somebody should look at it if it stays open.
        due: Timestamp,
        /// What the other system said.
        words: Personal<Words>,
    }
    /// An attachment of this ticket was taken out of view; its bytes stay.
    AttachmentRemoved {
        /// Which.
        hash: ContentHash,
        /// Why.
        words: Personal<Words>,
    }
    /// The urgent rule holds 紧急工单识别; nobody had said whether it is urgent.
    MarkedUrgent {
        /// The rule set that held.
        rule_set: RuleSetVersion,
        /// What in the rule held.
        met: Vec<Met>,
        /// How much it matters, where that was raised.
        priority: Option<Priority>,
    }
}
