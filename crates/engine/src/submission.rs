//! What is submitted, and what is answered.

use std::sync::Arc;

use domain::ticket::{PhaseName, Ticket, Verb};
use domain::{
    Actor, Command, CommandId, GlobalPosition, Origin, Rejection, StreamId, StreamVersion,
    TicketNumber, Timestamp,
};
use eventlog::{DecisionBasis, ReadError, SubmitError};

/// A command with everything that is recorded beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Applied at most once, forever.
    pub id: CommandId,
    /// What is asked.
    pub command: Command,
    /// Who asks.
    pub actor: Actor,
    /// Live, or an import.
    pub origin: Origin,
    /// When it really happened, where that was before now: an engineer without signal, an import.
    pub occurred_at: Option<Timestamp>,
    /// Only if the aggregate is at this version.
    pub if_version: Option<StreamVersion>,
    /// The event that this answers.
    pub caused_by: Option<GlobalPosition>,
    /// What a decision of the dispatcher was based on.
    pub basis: Option<DecisionBasis>,
}

impl Submission {
    /// A live command without conditions.
    pub const fn live(id: CommandId, command: Command, actor: Actor) -> Self {
        Self {
            id,
            command,
            actor,
            origin: Origin::Live,
            occurred_at: None,
            if_version: None,
            caused_by: None,
            basis: None,
        }
    }
}

/// The answer to a command that was carried out, or that was true already. What it tells is
/// durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The aggregate that the command was about.
    pub stream: StreamId,
    /// Its version after the command.
    pub version: StreamVersion,
    /// A read that waits for this position sees the command.
    pub position: GlobalPosition,
    /// When it was recorded; nothing where nothing had to be.
    pub recorded_at: Option<Timestamp>,
    /// The same id had been applied before, and this is its first result.
    pub repeated: bool,
    /// For a ticket: its number, its state and what can be done next.
    pub ticket: Option<TicketState>,
}

/// What a receipt tells of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketState {
    /// Its number for people.
    pub number: TicketNumber,
    /// Its state.
    pub phase: PhaseName,
    /// What can be done next.
    pub allowed: Vec<Verb>,
}

impl From<&Ticket> for TicketState {
    fn from(ticket: &Ticket) -> Self {
        let phase = ticket.phase.name();
        Self { number: ticket.number, phase, allowed: ticket.allowed() }
    }
}

/// A command that was not carried out, with the state that spoke against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Why.
    pub rejection: Rejection,
    /// The aggregate that the command was about.
    pub stream: StreamId,
    /// Its version.
    pub version: StreamVersion,
    /// Where it is a ticket: as it is.
    pub ticket: Option<Arc<Ticket>>,
}

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no. Nothing was recorded.
    #[error("{}", .0.rejection)]
    Rejected(Box<Rejected>),
    /// The id was used for something else.
    #[error("command {command} was used for another content; choose a fresh key")]
    IdReused {
        /// The id.
        command: CommandId,
    },
    /// The aggregate has gone on. Read it again and decide anew.
    #[error("{stream} is at version {actual}, not {expected}; read it again")]
    VersionMismatch {
        /// Which.
        stream: StreamId,
        /// What the client believed.
        expected: StreamVersion,
        /// What it is at.
        actual: StreamVersion,
    },
    /// The time that it is said to have happened lies in the future, or more than a year back.
    #[error("`occurred_at` {occurred_at} is after now, {now}, or more than a year before it")]
    ImplausibleTime {
        /// What was said.
        occurred_at: Timestamp,
        /// Now.
        now: Timestamp,
    },
    /// Too much is queued. Nothing was decided; send it again in a moment.
    #[error("too many commands are waiting; send it again in a moment")]
    Busy,
    /// The disk is nearly full, and this would only add to it. Nothing was decided.
    #[error(
        "the disk has {free_bytes} bytes left; below {reserve_bytes} only what is begun is \
         finished, so send it again once there is room"
    )]
    DiskReserve {
        /// What is free.
        free_bytes: u64,
        /// What has to be free.
        reserve_bytes: u64,
    },
    /// The disk is as good as full. Nothing was decided.
    #[error(
        "the disk has {free_bytes} bytes left; below {floor_bytes} nothing is taken, so send it \
         again once there is room"
    )]
    DiskFull {
        /// What is free.
        free_bytes: u64,
        /// What has to be free.
        floor_bytes: u64,
    },
    /// The log refused the append. Nothing was recorded.
    #[error("the command was not recorded")]
    Log(#[source] SubmitError),
    /// The log could not be read. Nothing was recorded.
    #[error("the state of {stream} could not be read")]
    Read {
        /// Which.
        stream: StreamId,
        /// Why.
        #[source]
        source: ReadError,
    },
    /// Stored history makes no sense. Nothing was recorded.
    #[error("the history of {stream} is damaged")]
    Corrupt {
        /// Which.
        stream: StreamId,
        /// What is wrong.
        #[source]
        source: domain::CorruptHistory,
    },
    /// The command may be recorded. Send it again with the same id after a restart.
    #[error("the command was not confirmed; send it again with the same id after a restart")]
    OutcomeUnknown,
}

impl Error {
    /// Whether another command may well be carried out; otherwise a sender of many stops here.
    pub const fn concerns_one_command(&self) -> bool {
        match self {
            Self::Rejected(_)
            | Self::IdReused { .. }
            | Self::VersionMismatch { .. }
            | Self::ImplausibleTime { .. }
            | Self::Log(
                SubmitError::RecordTooLarge { .. }
                | SubmitError::AppendTooLarge { .. }
                | SubmitError::Malformed(_),
            ) => true,
            Self::Busy
            | Self::DiskReserve { .. }
            | Self::DiskFull { .. }
            | Self::Log(_)
            | Self::Read { .. }
            | Self::Corrupt { .. }
            | Self::OutcomeUnknown => false,
        }
    }
}
