//! What the core wants done, and what it is told became of it.

use domain::{
    Command, CommandId, EngineerId, Filter, GlobalPosition, Issuer, Rejection, RuleSetVersion,
    Timestamp,
};
use serde::{Deserialize, Serialize};

/// Stands in every decision; raised whenever the same events would lead to another one.
pub const CORE_VERSION: u16 = 3;

/// What a decision was based on, so that it can be reproduced exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// All events up to here were known.
    pub position: GlobalPosition,
    /// The time that the decision was taken at.
    pub decided_at: Timestamp,
    /// The rules that held.
    pub rule_set: RuleSetVersion,
    /// The version of the core.
    pub core_version: u16,
}

/// A command to be sent on the dispatcher's own behalf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Named by what it answers: the same decision has the same id, also after a restart and in
    /// another dispatcher.
    pub id: CommandId,
    /// The command. Whoever carries it out acts as `Party::Dispatcher`: the domain refuses a
    /// timer that comes early only from a dispatcher.
    pub command: Command,
    /// What it was based on.
    pub basis: Basis,
    /// The event that it answers; nothing when time led to it.
    pub caused_by: Option<GlobalPosition>,
}

/// What became of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is recorded, now or by an earlier attempt with the same content.
    Done {
        /// Of its last event.
        position: GlobalPosition,
    },
    /// It was true already, or came too late; nothing was recorded.
    Nothing,
    /// The id was used for another content: it was decided already.
    DecidedAlready,
    /// It was refused; nothing was recorded.
    Rejected(Refusal),
    /// It could not be taken now; nothing was recorded.
    NotTaken,
}

/// Why the domain refused an action: as much of it as decides what comes next, and the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What it means for the next attempt.
    pub because: Because,
    /// The refusal's own words, for the log's reader.
    pub words: String,
}

/// What a refusal means for the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// This engineer cannot be asked, whatever the ticket.
    Engineer {
        /// Who.
        engineer: EngineerId,
        /// Why not.
        filter: Filter,
    },
    /// A timer came early.
    NotDue {
        /// When it is due.
        due: Timestamp,
    },
    /// Something else has happened meanwhile.
    Other,
}

impl From<&Rejection> for Refusal {
    fn from(rejection: &Rejection) -> Self {
        let engineer =
            |engineer: &EngineerId, filter| Because::Engineer { engineer: *engineer, filter };
        let because = match rejection {
            Rejection::NoFreePlace { engineer: who, .. } => engineer(who, Filter::NoFreePlace),
            Rejection::Frozen { engineer: who, .. } => engineer(who, Filter::Frozen),
            Rejection::NotOnDuty { engineer: who } | Rejection::Retired { engineer: who } => {
                engineer(who, Filter::OffDuty)
            }
            Rejection::NotDue { due } => Because::NotDue { due: *due },
            _ => Because::Other,
        };
        Self { because, words: rejection.to_string() }
    }
}

/// An id of the dispatcher's own.
pub(crate) const fn command_id(key: String) -> CommandId {
    CommandId { issuer: Issuer::Dispatcher, key }
}
