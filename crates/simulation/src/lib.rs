//! A firm left to chance: the real engine on a log in memory, one or two real dispatchers, people
//! who do what they like, and every fault that can happen between them, under a virtual clock and
//! a seeded scheduler. The same seed is the same firm, fault for fault.
//!
//! [`run`] plays one seed. [`Checker`] reads the log and knows nothing of the states that decisions
//! are made on. [`Sabotage`] takes a part out, to see that it is missed.

mod chance;
mod checker;
mod trouble;

mod firm;
mod node;
mod people;
mod pictures;
mod post;

mod rest;
mod sabotage;
mod simulation;

pub use checker::{Checker, Violation};
pub use simulation::{Failure, Options, Story, play, run};
pub use trouble::Sabotage;
