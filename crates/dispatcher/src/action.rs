//! What the core wants done, and what it is told became of it.

use domain::{Command, CommandId, GlobalPosition, Issuer, Rejection, RuleSetVersion, Timestamp};

/// Stands in every decision; raised whenever the same events would lead to another one.
pub const CORE_VERSION: u16 = 1;

/// What a decision was based on, so that it can be reproduced exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    Rejected(Rejection),
    /// It could not be taken now; nothing was recorded.
    NotTaken,
}

/// An id of the dispatcher's own.
pub(crate) const fn command_id(key: String) -> CommandId {
    CommandId { issuer: Issuer::Dispatcher, key }
}
