//! The append-only log: contract, codec, chain, sled backend and one conformance suite.

mod hex;

mod chain;
mod clock;

pub use chain::{ChainHash, ParseChainHashError};
pub use clock::{Clock, ManualClock, SystemClock};
