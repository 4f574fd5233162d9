//! What somebody is going to do, and what they expect to see when they come to do it.

use domain::ticket::{PhaseName, TicketCommand};
use domain::{Coordinates, EngineerId, Party, TicketId, Timestamp};

/// Something to be done at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// When, in the firm's time.
    pub at: Timestamp,
    /// What.
    pub act: Act,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Plans the reports and the leaves of a day; no request.
    NewDay,
    /// A button on a ticket.
    Press(Press),
    /// Somebody looks who could go, and sends one of them or asks several.
    Send(Send),
    /// Something about an engineer.
    Engineer {
        /// Who.
        engineer: EngineerId,
        /// Who does it; the engineer in most cases.
        by: Party,
        /// What.
        step: EngineerStep,
    },
}

/// A button that is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Press {
    /// On which; nothing for a report.
    pub ticket: Option<TicketId>,
    /// By whom.
    pub by: Party,
    /// What.
    pub command: Box<TicketCommand>,
    /// What must be seen for that.
    pub expects: Expects,
}

/// What somebody expects of a ticket when they come back to it. Where it is otherwise they leave
/// it alone, as people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expects {
    /// It is still this assignment.
    pub assignment: Option<u32>,
    /// It is still in this state.
    pub state: Option<PhaseName>,
}

/// A person sends an engineer by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Send {
    /// Which ticket.
    pub ticket: TicketId,
    /// Who sends.
    pub by: Party,
    /// One of them is sent, or three are asked.
    pub how: SendHow,
    /// How often it was tried before.
    pub tries: u32,
}

/// How somebody sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendHow {
    /// Assigns it.
    Assign,
    /// Offers it to several.
    Offer,
}

/// What is said about an engineer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineerStep {
    /// The phone is taken out.
    Online,
    /// The phone says where it is.
    Position(Coordinates),
    /// The phone is put away.
    Offline,
    /// A freeze is lifted.
    Unfreeze,
    /// On the on-call list until then.
    OnCall(Timestamp),
    /// Away for the day.
    Leave(Timestamp, Timestamp),
}

impl EngineerStep {
    /// As it stands in URLs.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Position(_) => "position",
            Self::Offline => "offline",
            Self::Unfreeze => "unfreeze",
            Self::OnCall(_) => "on-call",
            Self::Leave(..) => "leave",
        }
    }
}
