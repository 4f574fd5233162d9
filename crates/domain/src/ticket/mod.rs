//! Tickets, from report to the customer's answer.

mod command;
mod decide;
pub mod event;
mod evolve;
mod permit;
mod state;
mod terms;

pub use command::*;
pub(crate) use decide::decide;
pub use event::{
    Channel, Entry, HoldReason, ImportedStep, LinkKind, Notice, Part, Priority, QueueEntry,
    QueueReason, QueueRole, Recipient, Report, ResolutionMethod, Skill, TicketEvent, Verdict, Via,
    WithdrawReason,
};
pub use permit::Permit;
pub use state::{
    Answer, Appointment, Assignment, ImportedStage, NamedAttachment, OpenHold, OpenOffer,
    OpenTransfer, Outcome, Phase, PhaseName, Resolution, Stage, Ticket, Undo, Work,
};
