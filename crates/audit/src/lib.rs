//! Looks whether every attachment that the log names is where it belongs, and who had it when.
//!
//! `scope` is what can be asked for, `fold` what the log says up to a position, `bytes` what lies in
//! the store, `elsewhere` which files another system named; `audit` holds the one against the other. `finding` and `report` are what comes of it,
//! `handover` answers whether the next engineer had what the one before had, `custody` tells the
//! story of one attachment. `collect` removes what nobody names, `carry` takes bytes along with a
//! backup.
//!
//! An audit folds the log itself; it asks no live model. What is missing is reported and never
//! repaired. All functions that look at bytes wait, so they need a thread that may, and the handle
//! of a runtime that runs on others.

mod scope;

mod bytes;
mod elsewhere;
mod fold;

mod finding;
mod report;

mod audit;
mod carry;
mod collect;
pub mod custody;
mod error;
mod handover;

pub use audit::{FINDINGS_MAX, Sources, audit};
pub use carry::{Carried, carry};
pub use collect::{Collect, Collected, collect};
pub use custody::{Custody, custody};
pub use error::Error;
pub use finding::{
    Class, Finding, Found, LINKS_MAX, Link, Named, NeverArrived, Sink, State, Stray,
};
pub use handover::{Handover, How, LACKED_MAX, Lacked, Why};
pub use report::{HandoverTotals, Report, Totals, last};
pub use scope::{AsOf, Options, ParseAsOfError, Scope};
