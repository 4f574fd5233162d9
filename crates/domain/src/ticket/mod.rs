//! Tickets, from report to the customer's answer.

mod command;
pub mod event;
mod state;

pub use command::*;
pub use event::{
    Channel, Entry, HoldReason, ImportedStep, LinkKind, Notice, Part, Priority, QueueEntry,
    QueueReason, QueueRole, Recipient, Report, ResolutionMethod, Skill, TicketEvent, Verdict, Via,
    WithdrawReason,
};
pub use state::{
    Answer, Appointment, Assignment, Hold, ImportedStage, Offer, Outcome, Phase, PhaseName,
    Resolution, Stage, Ticket, Transfer, Undo, Work,
};
