//! The write side: orders commands, decides each on the state that includes what is queued before
//! it, appends, and answers when that is durable.
//!
//! `submission` is what goes in and comes out. `engine` is the one place where the order of
//! commands is made. `states` keeps aggregates at hand, bounded, and loads them from the log.
//! `batch` takes many commands of one sender. `reserve` refuses new work before the disk is full.
//! Everybody submits through here: people over the gateway, the dispatcher, imports.

mod batch;
mod content;
mod engine;
mod event_ids;
mod reserve;
mod states;
mod submission;

pub use batch::{Batch, Settled};
pub use content::canonical;
pub use engine::{Engine, Options, Pending};
pub use reserve::{DiskReserve, DiskRoom, FreeSpace};
pub use states::{State, View};
pub use submission::{Error, Receipt, Rejected, Submission, TicketState};
