//! Tries rules on the past.
//!
//! [`recheck`] asks whether the decisions that a log holds come out again.

mod error;
mod recheck;

pub use error::Error;
pub use recheck::{Between, Difference, Rechecked, feed_event, recheck};
