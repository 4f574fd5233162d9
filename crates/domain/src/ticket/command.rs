//! What can be asked of a ticket. These are also the bodies of the gateway's requests.

use serde::{Deserialize, Serialize};

use super::event::{
    Channel, HoldReason, ImportedStep, LinkKind, Part, Priority, QueueReason, ResolutionMethod,
    Skill, Verdict,
};
use crate::attachment::{ContentHash, NewAttachment};
use crate::id::{CustomerId, DeviceId, EngineerId, OutletId, StaffId, TicketId};
use crate::place::Coordinates;
use crate::reason::{DispatchReason, LinkReason};
use crate::rules::{Met, RuleSetVersion};
use crate::time::Timestamp;

macro_rules! ticket_commands {
    ($($(#[$doc:meta])* $name:ident = $verb:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

        impl From<$name> for TicketCommand {
            fn from(command: $name) -> Self { Self::$name(command) }
        })*

        /// Everything that can be asked of a ticket. Its text is what a command id is bound to.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "verb", rename_all = "kebab-case")]
        pub enum TicketCommand { $($(#[$doc])* $name($name),)* }

        /// The name of a command, as it stands in URLs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "kebab-case")]
        pub enum Verb { $($(#[$doc])* $name,)* }

        impl Verb {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As it stands in URLs.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $verb,)* }
            }
        }

        impl TicketCommand {
            /// Which command this is.
            pub const fn verb(&self) -> Verb {
                match self { $(Self::$name(_) => Verb::$name,)* }
            }

            /// Reads the body of a verb.
            ///
            /// # Errors
            /// Whatever the format says of a wrong body.
            pub fn read<'de, D: serde::Deserializer<'de>>(
                verb: Verb,
                body: D,
            ) -> Result<Self, D::Error> {
                match verb { $(Verb::$name => $name::deserialize(body).map(Self::$name),)* }
            }

            /// The schema of a verb's body, and of what that refers to.
            #[cfg(feature = "openapi")]
            pub fn schemas(verb: Verb, named: &mut Vec<crate::Named>) {
                match verb { $(Verb::$name => crate::schema::add::<$name>(named),)* }
            }

            /// Writes the body, as [`TicketCommand::read`] reads it.
            ///
            /// # Errors
            /// Whatever the format says.
            pub fn write<S: serde::Serializer>(&self, body: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$name(command) => command.serialize(body),)* }
            }
        }
    };
}

ticket_commands! {
    /// Reports something; nothing is required.
    Create = "create" {
        /// How it came in.
        channel: Channel,
        /// Of whom.
        customer: Option<CustomerId>,
        /// Which outlet.
        outlet: Option<OutletId>,
        /// Which device.
        device: Option<DeviceId>,
        /// What the job needs.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 50))]
        skills: Vec<Skill>,
        /// How much it matters.
        priority: Priority,
        /// Whether it is urgent.
        urgent: bool,
        /// 一句话描述.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        sentence: Option<String>,
        /// Who reports.
        #[cfg_attr(feature = "openapi", schema(max_length = 200))]
        contact_name: Option<String>,
        /// Their telephone number.
        #[cfg_attr(feature = "openapi", schema(max_length = 200))]
        contact_phone: Option<String>,
        /// Where, in words.
        #[cfg_attr(feature = "openapi", schema(max_length = 200))]
        place: Option<String>,
        /// Where, on the map.
        position: Option<Coordinates>,
        /// Pictures, recordings.
        #[cfg_attr(feature = "openapi", schema(max_items = 50))]
        attachments: Vec<NewAttachment>,
    }
    /// Adds what became known.
    Details = "details" {
        /// Of whom.
        customer: Option<CustomerId>,
        /// Which outlet.
        outlet: Option<OutletId>,
        /// Which device.
        device: Option<DeviceId>,
        /// What the job needs.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, max_items = 50))]
        skills: Option<Vec<Skill>>,
        /// How much it matters.
        priority: Option<Priority>,
        /// Whether it is urgent.
        urgent: Option<bool>,
        /// What else is said.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        sentence: Option<String>,
        /// Who is on site.
        #[cfg_attr(feature = "openapi", schema(max_length = 200))]
        contact_name: Option<String>,
        /// Their telephone number.
        #[cfg_attr(feature = "openapi", schema(max_length = 200))]
        contact_phone: Option<String>,
        /// Where, in words.
        #[cfg_attr(feature = "openapi", schema(max_length = 200))]
        place: Option<String>,
        /// Where, on the map.
        position: Option<Coordinates>,
        /// Pictures, recordings.
        #[cfg_attr(feature = "openapi", schema(max_items = 50))]
        attachments: Vec<NewAttachment>,
    }
    /// An agent takes it in hand 受理.
    Claim = "claim" {
        /// Who; the actor where absent.
        agent: Option<StaffId>,
    }
    /// Ends a claim whose time is over.
    EndClaim = "end-claim" {}
    /// Offers it to several; takes an assignment that is not accepted yet back in the same step.
    Offer = "offer" {
        /// To whom; 1 to 500.
        #[cfg_attr(feature = "openapi", schema(required = true, min_items = 1, max_items = 500))]
        engineers: Vec<EngineerId>,
        /// Until when; by the rules where absent.
        until: Option<Timestamp>,
        /// Why these; by hand where absent.
        reason: Option<DispatchReason>,
        /// The dispatcher's: only while so many offers and assignments have been made together.
        after: Option<u32>,
    }
    /// Takes an offer back whose time is over.
    ExpireOffer = "expire-offer" {
        /// The offer.
        offer: u32,
    }
    /// Gives it to an engineer; takes it from the one before in the same step.
    Assign = "assign" {
        /// To whom.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        engineer: Option<EngineerId>,
        /// Why; by hand where absent.
        reason: Option<DispatchReason>,
        /// The dispatcher's: only while so many assignments have been made.
        after: Option<u32>,
    }
    /// An engineer takes an assignment or an offer 接单.
    Accept = "accept" {
        /// Who; the actor where absent.
        engineer: Option<EngineerId>,
    }
    /// An engineer does not take an assignment or an offer 拒单.
    Decline = "decline" {
        /// Who; the actor where absent.
        engineer: Option<EngineerId>,
        /// Why.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
    }
    /// The owner gives it back 退单.
    Return = "return" {
        /// Who; the actor where absent.
        engineer: Option<EngineerId>,
        /// Why; required.
        #[cfg_attr(feature = "openapi", schema(required = true, min_length = 1, max_length = 8192))]
        words: String,
    }
    /// The owner asks a colleague to take it over 转单.
    Transfer = "transfer" {
        /// To whom.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        to: Option<EngineerId>,
    }
    /// The colleague takes it over.
    AcceptTransfer = "accept-transfer" {
        /// Who; the actor where absent.
        engineer: Option<EngineerId>,
    }
    /// The colleague does not, or did not in time.
    EndTransfer = "end-transfer" {
        /// The assignment.
        assignment: Option<u32>,
    }
    /// Takes an assignment back that was not accepted in time.
    TimeOut = "time-out" {
        /// The assignment.
        assignment: u32,
    }
    /// Takes an assignment or offer back; the dispatcher goes on.
    Withdraw = "withdraw" {}
    /// The engineer sets out 出发.
    Depart = "depart" {
        /// Who; the actor where absent.
        engineer: Option<EngineerId>,
    }
    /// The engineer is there 到场.
    Arrive = "arrive" {
        /// Who; the actor where absent.
        engineer: Option<EngineerId>,
    }
    /// Work stands still 挂起.
    Hold = "hold" {
        /// Why; required.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        reason: Option<HoldReason>,
        /// Until when; by the rules where absent.
        until: Option<Timestamp>,
        /// More about it.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
    }
    /// Work goes on 恢复; by itself when the expected time has come.
    Resume = "resume" {}
    /// A visit is agreed or changed 预约上门.
    Appoint = "appoint" {
        /// From when; required.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        from: Option<Timestamp>,
        /// Until when; required. To come, and not further away than a hold may last (90 days
        /// unless the rules say otherwise).
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        until: Option<Timestamp>,
        /// Agreed with whom.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
    }
    /// Records that nobody came in the window.
    MissAppointment = "miss-appointment" {}
    /// A colleague helps 协作.
    AddHelper = "add-helper" {
        /// Who.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        engineer: Option<EngineerId>,
    }
    /// A colleague no longer helps.
    RemoveHelper = "remove-helper" {
        /// Who.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        engineer: Option<EngineerId>,
    }
    /// Adds words or pictures.
    Note = "note" {
        /// The words.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
        /// Pictures, recordings.
        #[cfg_attr(feature = "openapi", schema(max_items = 50))]
        attachments: Vec<NewAttachment>,
    }
    /// Takes an attachment of this ticket out of view; its bytes stay.
    RemoveAttachment = "remove-attachment" {
        /// Which; required.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        hash: Option<ContentHash>,
        /// Why.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
    }
    /// The customer urges 催单.
    Urge = "urge" {
        /// The words.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
    }
    /// It is done 完工.
    Resolve = "resolve" {
        /// Who did it; the owner where absent.
        engineer: Option<EngineerId>,
        /// How; on site where absent and somebody owns it, by phone otherwise.
        method: Option<ResolutionMethod>,
        /// What kind of fault.
        #[cfg_attr(feature = "openapi", schema(max_length = 200))]
        fault_type: Option<String>,
        /// What caused it.
        #[cfg_attr(feature = "openapi", schema(max_length = 200))]
        cause: Option<String>,
        /// What was used.
        #[cfg_attr(feature = "openapi", schema(max_items = 50))]
        parts: Vec<Part>,
        /// The words.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
        /// Pictures, recordings.
        #[cfg_attr(feature = "openapi", schema(max_items = 50))]
        attachments: Vec<NewAttachment>,
    }
    /// Reminds the customer to answer.
    Remind = "remind" {
        /// Counts the reminders.
        number: u32,
    }
    /// The customer answers 解决满意 or 部分解决 验收.
    Confirm = "confirm" {
        /// Which; satisfied where absent.
        verdict: Option<Verdict>,
        /// 1 to 5.
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 5))]
        stars: Option<u8>,
        /// The words.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
        /// Pictures, recordings.
        #[cfg_attr(feature = "openapi", schema(max_items = 50))]
        attachments: Vec<NewAttachment>,
    }
    /// The customer answers 未解决.
    Reject = "reject" {
        /// 1 to 5.
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 5))]
        stars: Option<u8>,
        /// The words.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
        /// Pictures, recordings.
        #[cfg_attr(feature = "openapi", schema(max_items = 50))]
        attachments: Vec<NewAttachment>,
    }
    /// The customer takes 未解决 back.
    RetractAnswer = "retract-answer" {}
    /// Closes it because the customer did not answer.
    CloseBySilence = "close-by-silence" {}
    /// An agent closes it, as after a call-back.
    Close = "close" {
        /// Why.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
    }
    /// Opens it again; within the time that the rules allow.
    Reopen = "reopen" {
        /// Why.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
    }
    /// Sends it up a level in place.
    Escalate = "escalate" {
        /// Who is left out from now on.
        without: Option<EngineerId>,
    }
    /// Puts it into the supervisor's queue.
    ToSupervisor = "to-supervisor" {
        /// Why; escalated where absent.
        reason: Option<QueueReason>,
    }
    /// Records that the urgent rule holds.
    MarkUrgent = "mark-urgent" {
        /// The rule set that held.
        rule_set: RuleSetVersion,
        /// What in the rule held.
        met: Vec<Met>,
    }
    /// Moves it on to the next person of the ladder when its time in a queue is over.
    EscalateQueue = "escalate-queue" {}
    /// Records that nobody can be assigned now.
    Defer = "defer" {
        /// Who was looked at, and why not.
        reason: Option<DispatchReason>,
    }
    /// Asks an engineer who accepted and stays silent.
    AskOwner = "ask-owner" {
        /// The assignment.
        assignment: u32,
    }
    /// Tells the supervisor of an engineer who was asked and stays silent.
    ReportSilence = "report-silence" {
        /// The assignment.
        assignment: u32,
    }
    /// Lets another ticket carry this case on.
    Merge = "merge" {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        into: Option<TicketId>,
    }
    /// Says that another ticket has to do with it.
    Link = "link" {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        to: Option<TicketId>,
        /// How; related where absent.
        kind: Option<LinkKind>,
        /// The dispatcher's: why.
        reason: Option<LinkReason>,
    }
    /// Says that a link was a mistake.
    Unlink = "unlink" {
        /// From which.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        from: Option<TicketId>,
    }
    /// Nobody needs to come any more.
    Cancel = "cancel" {
        /// Why; 已恢复 for example.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
    }
    /// Takes over a step of another system's history.
    Import = "import" {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(required = true, nullable = false))]
        step: Option<ImportedStep>,
        /// What the other system said; for `attachments_named` one name of a file in each line.
        #[cfg_attr(feature = "openapi", schema(max_length = 8192))]
        words: String,
    }
}
