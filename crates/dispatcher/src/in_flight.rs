//! Actions that were handed out and whose answers or events are still to come.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::ticket::LinkKind;
use domain::{CommandId, EngineerId, GlobalPosition, TicketId, Timestamp};

/// An answer that is not there by then is taken as lost, and the action is sent again under the
/// same id.
pub(crate) const LOST_AFTER: Duration = Duration::from_secs(120);

/// An action that was handed out.
#[derive(Debug, Clone)]
pub(crate) struct InFlight {
    pub(crate) id: CommandId,
    pub(crate) since: Timestamp,
    /// It is recorded up to here; its events are still to come.
    pub(crate) settled: Option<GlobalPosition>,
    /// For an assignment: whose place is reserved.
    pub(crate) reserved: Option<(EngineerId, u32)>,
    /// For an offer: who is asked.
    pub(crate) asks: Vec<EngineerId>,
    /// For a link: to which ticket, and how.
    pub(crate) link: Option<(TicketId, LinkKind)>,
}

/// Which outstanding answer an event or answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Ticket(TicketId),
    Engineer(EngineerId),
}

/// Answered actions whose events are still to come, by their last position.
pub(crate) type Settling = BTreeSet<(GlobalPosition, Subject)>;
