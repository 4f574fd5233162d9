//! Numbers about the running process: histograms that parts keep, and the text in which all numbers
//! are told to Prometheus.
//!
//! Most numbers are where they belong already (a queue knows its length) and are read when they are
//! asked for. A registry would keep a second copy of each, which can be wrong; so there is none.

mod histogram;
mod text;

pub use histogram::{Histogram, Reading};
pub use text::{Family, Kind, Text};
