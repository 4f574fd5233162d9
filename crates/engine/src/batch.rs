//! Many commands of one sender: on their way to the disk together, settled in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::{Engine, Pending};
use crate::submission::{Error, Receipt, Submission};

/// Commands that are decided and not yet durable. A sync takes some milliseconds, however many
/// appends it makes durable; this is an eighth of the log's queue, so that others get in too.
const IN_FLIGHT_MAX: usize = 1_024;

/// How long a full queue is waited for when none of ours is in it.
const FULL_QUEUE_WAIT: Duration = Duration::from_millis(5);

/// So often that is waited; ten seconds together.
const FULL_QUEUE_WAITS_MAX: u32 = 2_000;

/// What became of a command, beside what its sender knows it by.
pub type Settled<T> = (T, Result<Receipt, Error>);

/// Takes the commands of one sender and hands them to the engine in their order. Waits for the
/// disk, so it needs a thread that may wait.
pub struct Batch<T> {
    engine: Arc<Engine>,
    in_flight: VecDeque<(T, Pending)>,
    settled: Vec<Settled<T>>,
}

impl<T> std::fmt::Debug for Batch<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("in_flight", &self.in_flight.len()).finish_non_exhaustive()
    }
}

impl<T> Batch<T> {
    /// Without commands yet.
    pub fn new(engine: Arc<Engine>) -> Self {
        let in_flight = VecDeque::with_capacity(IN_FLIGHT_MAX);
        Self { engine, in_flight, settled: Vec::new() }
    }

    /// Decides a command and returns what was settled since the last call. [`Error::Busy`] is
    /// only answered when others kept the log's queue full for ten seconds.
    pub fn take(&mut self, mark: T, submission: Submission) -> Vec<Settled<T>> {
        if self.in_flight.len() >= IN_FLIGHT_MAX {
            self.settle_oldest();
        }
        let mut waits = 0;
        let begun = loop {
            match self.engine.begin(submission.clone()) {
                // What is queued is in the way: the queue is full, or the aggregate cannot be read
                // before its last event is durable.
                Err(Error::Busy) if self.settle_oldest() => {}
                Err(Error::Busy) if waits < FULL_QUEUE_WAITS_MAX => {
                    waits += 1;
                    std::thread::sleep(FULL_QUEUE_WAIT);
                }
                begun => break begun,
            }
        };
        match begun {
            Ok(pending) => self.in_flight.push_back((mark, pending)),
            Err(error) => self.settled.push((mark, Err(error))),
        }
        std::mem::take(&mut self.settled)
    }

    /// Waits until each command that was taken is settled.
    pub fn settle(&mut self) -> Vec<Settled<T>> {
        while self.settle_oldest() {}
        std::mem::take(&mut self.settled)
    }

    /// Says whether there was one.
    fn settle_oldest(&mut self) -> bool {
        let Some((mark, pending)) = self.in_flight.pop_front() else { return false };
        self.settled.push((mark, pending.wait()));
        true
    }
}
