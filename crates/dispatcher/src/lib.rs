//! Decides who goes, when to try again and what must not be dispatched twice.
//!
//! [`Dispatcher`] is the core: it folds the log's events and says which commands are to be sent,
//! without clock, I/O or randomness. [`drive`] is the thin loop around it, over the ports
//! [`Feed`], [`Commands`] and [`Wait`].
//!
//! The core decides from events alone and names each decision by what it answers, so that a
//! repetition, a restart or a second dispatcher changes nothing. It holds of a ticket the domain's
//! own state, until it can no longer be opened again, and of a report what was said and where, for
//! as long as another can be of the same fault.
//!
//! Deliberately absent: telling people (an event says whom and why; delivering it is the
//! notifier's work).

mod action;
mod feed_event;
mod ports;

mod engineers;
mod in_flight;
mod reports;
mod territory;
mod tickets;

mod assign;
mod duplicates;
mod duty;
mod freeze;
mod nearest;
mod timers;
mod urgency;

mod audit;
mod core;

mod answers;
mod fold;
mod plan;
mod recall;

mod drive;
mod status;

pub use self::core::{ACTIONS_MAX, Dispatcher};
pub use action::{Action, Answer, Basis, Because, CORE_VERSION, Refusal};
pub use audit::{Audited, FINDINGS_MAX, Finding, Found, Problem, TOLERANCE};
pub use drive::{DriveError, Options, drive};
pub use feed_event::{Fault, FeedEvent};
pub use ports::{Commands, Feed, FeedError, Role, SubmitError, Wait};
pub use recall::{Recalled, Supposition};
pub use status::{Answered, DUE_COUNTED_MAX, Outcome, Snapshot, Status};
