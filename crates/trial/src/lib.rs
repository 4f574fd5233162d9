//! Tries rules on the past.
//!
//! [`recheck`] asks whether the decisions that a log holds come out again from what they were based on.
//! [`try_rules`] lets the people of a log meet the dispatcher under other rules, in a sandbox, and says
//! what would have been otherwise, and what it had to assume.

mod error;
mod recheck;

mod act;
mod assumption;
mod clocks;
mod firm;
mod history;
mod lag;
mod outcome;
mod people;
mod sandbox;
mod script;

mod report;
mod threshold;

pub use assumption::{Assumption, Assumptions};
pub use error::Error;
pub use outcome::{Linked, TicketOutcome, Totals};
pub use recheck::{Between, Difference, GoOn, Rechecked, feed_event, recheck};
pub use report::{Changed, ChangedCounts, Nearness, Report, try_rules};
pub use threshold::{METRICS, ParseThresholdError, Threshold};
