//! Mishaps for tests: a disk whose power is cut (`disk`), a process that is frozen or killed at any
//! moment (`process`), one that dies at a chosen step (`steps`), a NATS server that is killed or
//! loses its disk (`nats`), certificates for it (`certificates`), and moments that a seed chooses (`numbers`).
//!
//! A process is the test binary itself, run with one of its tests: that test returns at once unless
//! the environment asks it to do something. What it says is all that a client of it knows.

mod numbers;
mod process;

mod certificates;
mod disk;
mod nats;
mod steps;

pub use certificates::Certificates;
pub use disk::{Cut, Disk};
pub use nats::NatsServer;
pub use numbers::Numbers;
pub use process::{Process, say, spawn};
pub use steps::{Deadly, Lived, live};
