//! Why a command was not carried out: an answer, not a failure.

use serde::Serialize;

use crate::attachment::ContentHash;
use crate::id::{EngineerId, StaffId, TicketId};
use crate::stream::StreamId;
use crate::ticket::{PhaseName, Verb};
use crate::time::Timestamp;

/// Why a command was not carried out. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Rejection {
    /// What the command is about does not exist.
    #[error("{stream} does not exist; check the id")]
    NotFound {
        /// What was named.
        stream: StreamId,
    },
    /// What the command refers to does not exist.
    #[error("{field} names {stream}, which does not exist; enter it into the directory first")]
    UnknownReference {
        /// Where it was named.
        field: &'static str,
        /// What was named.
        stream: StreamId,
    },
    /// The id is in use.
    #[error("{stream} exists already; choose a fresh id")]
    AlreadyExists {
        /// Which.
        stream: StreamId,
    },
    /// The ticket's state does not take this command.
    #[error("a ticket that is {} does not take `{}`", phase.as_str(), verb.as_str())]
    NotAllowed {
        /// The command.
        verb: Verb,
        /// The state.
        phase: PhaseName,
    },
    /// Somebody else was first.
    #[error("{winner} has it since {since}")]
    TakenBy {
        /// Who has it.
        winner: EngineerId,
        /// Since when.
        since: Timestamp,
    },
    /// An agent has it in hand.
    #[error("agent {agent} has it in hand until {until}")]
    ClaimedBy {
        /// Who.
        agent: StaffId,
        /// Until when.
        until: Timestamp,
    },
    /// It was not offered or assigned to this engineer.
    #[error("it is neither assigned nor offered to {engineer}")]
    NotOffered {
        /// Who asked.
        engineer: EngineerId,
    },
    /// It is another engineer's.
    #[error("it belongs to {owner}, not to {engineer}")]
    NotYours {
        /// Who asked.
        engineer: EngineerId,
        /// Whose it is.
        owner: EngineerId,
    },
    /// The engineer's places are taken.
    #[error("{engineer} has no free place: {taken} of {capacity} are taken")]
    NoFreePlace {
        /// Who.
        engineer: EngineerId,
        /// Taken places.
        taken: u32,
        /// All places.
        capacity: u32,
    },
    /// The engineer gets nothing new for now.
    #[error("{engineer} is frozen until {until}; a supervisor can lift the freeze")]
    Frozen {
        /// Who.
        engineer: EngineerId,
        /// Until when.
        until: Timestamp,
    },
    /// The engineer is not there.
    #[error("{engineer} is off duty or on leave; start the duty, end the leave, or choose another")]
    NotOnDuty {
        /// Who.
        engineer: EngineerId,
    },
    /// The customer said 未解决 to this engineer's work on this ticket.
    #[error("{engineer} is left out of this ticket because the customer was not satisfied")]
    LeftOut {
        /// Who.
        engineer: EngineerId,
    },
    /// The engineer is no longer with the firm.
    #[error("{engineer} is no longer with the firm")]
    Retired {
        /// Who.
        engineer: EngineerId,
    },
    /// A timer came before its time.
    #[error("not due before {due}")]
    NotDue {
        /// When it is.
        due: Timestamp,
    },
    /// The time for it is over.
    #[error("possible until {until} only; report it anew and link it")]
    TooLate {
        /// Until when it was possible.
        until: Timestamp,
    },
    /// The case goes on in another ticket.
    #[error("it was merged into {into}; go on there")]
    MergedInto {
        /// Where.
        into: TicketId,
    },
    /// The link would go in a circle or along a chain.
    #[error("{ticket} is itself a duplicate of {of}; link with that one")]
    LinkChain {
        /// Which was named.
        ticket: TicketId,
        /// What it is a duplicate of.
        of: TicketId,
    },
    /// Nothing to take back or to answer.
    #[error("there is no answer that could be taken back")]
    NoAnswer,
    /// A field is missing or wrong.
    #[error("{field}: {problem}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong and what to write instead.
        problem: String,
    },
    /// Rules that cannot take effect.
    #[error("the rules cannot take effect: {}", problems.join("; "))]
    InvalidRules {
        /// All that is wrong with them, each with what to write instead.
        problems: Vec<String>,
    },
    /// Nobody vouches for the bytes of an attachment: they are not there, or no longer.
    #[error("no bytes of {hash} are here; upload them first, or again, and send it once more")]
    UnknownAttachment {
        /// Which.
        hash: ContentHash,
    },
    /// The attachments of one ticket would have too many bytes together.
    #[error(
        "the ticket's attachments would have {bytes} bytes together, and {bytes_max} are the most; \
         send the others with another ticket and link it"
    )]
    AttachmentsTooLarge {
        /// As many there would be, each attachment counted once.
        bytes: u64,
        /// The bound.
        bytes_max: u64,
    },
    /// The bytes were erased on purpose.
    #[error(
        "the bytes of {hash} were erased on purpose and are not taken again; send the words \
         without them"
    )]
    AttachmentErased {
        /// Which.
        hash: ContentHash,
    },
}

impl Rejection {
    /// A field that is missing or wrong.
    pub fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid { field, problem: problem.into() }
    }
}
