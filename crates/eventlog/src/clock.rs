//! Where time comes from: the machine's clock, or one that a test moves by hand.
//!
//! Everything outside `domain` that asks for the time asks a [`Clock`] that it was handed, so that
//! a test can let hours pass in no time. The clock promises no order of wall times; the log's
//! clock guard deals with jumps.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use domain::Timestamp;
use tokio::sync::watch;

/// Tells the time, and waits for one.
pub trait Clock: Send + Sync + 'static {
    /// The wall time, which people and other machines share and which may jump.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment; it never jumps and never goes back, and it goes on while
    /// the machine is suspended.
    fn monotonic(&self) -> Duration;

    /// Waits until the wall time is `at` or later.
    fn wait_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// A wait is cut into pieces of this length, so that a wall clock that was set forward is noticed.
const WAIT_PIECE: Duration = Duration::from_secs(1);

/// The machine's own clocks. Waiting needs a tokio runtime with time enabled.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Timestamp::from_micros(0).plus(since),
            Err(before) => Timestamp::from_micros(0).minus(before.duration()),
        }
    }

    fn monotonic(&self) -> Duration {
        // The boot clock, unlike `Instant`, counts the time that a machine sleeps: a laptop that
        // wakes up must not look like a wall clock that jumped.
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
        Duration::new(seconds, nanos)
    }

    fn wait_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = *self;
        Box::pin(async move {
            loop {
                let left = at.since(clock.now());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(WAIT_PIECE)).await;
            }
        })
    }
}

#[derive(Debug, Clone, Copy)]
struct Hands {
    wall: Timestamp,
    monotonic: Duration,
}

/// A clock that stands still until somebody moves it: a test, or the demo. Clones show the same
/// time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    hands: Arc<watch::Sender<Hands>>,
}

impl ManualClock {
    /// A clock that shows this wall time.
    pub fn new(now: Timestamp) -> Self {
        let hands = Hands { wall: now, monotonic: Duration::ZERO };
        Self { hands: Arc::new(watch::Sender::new(hands)) }
    }

    /// Lets time pass; wakes who waited for it.
    pub fn advance(&self, span: Duration) {
        self.hands.send_modify(|hands| {
            hands.wall = hands.wall.plus(span);
            hands.monotonic += span;
        });
    }

    /// Lets time pass until this moment; a moment in the past changes nothing.
    pub fn set(&self, now: Timestamp) {
        self.hands.send_modify(|hands| {
            hands.monotonic += now.since(hands.wall);
            hands.wall = hands.wall.max(now);
        });
    }

    /// Sets the wall clock, forward or back, without letting time pass: what a wrong time server
    /// does.
    pub fn jump(&self, now: Timestamp) {
        self.hands.send_modify(|hands| hands.wall = now);
    }

    /// How many waits are going on; a test waits for it before it moves the clock.
    pub fn waiters(&self) -> usize {
        self.hands.receiver_count()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.hands.borrow().wall
    }

    fn monotonic(&self) -> Duration {
        self.hands.borrow().monotonic
    }

    fn wait_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut hands = self.hands.subscribe();
        Box::pin(async move {
            if hands.wait_for(|hands| hands.wall >= at).await.is_err() {
                // The clock is gone, so this moment never comes.
                std::future::pending::<()>().await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn moving_the_clock_wakes_who_waited_for_that_moment_only() {
        let clock = ManualClock::new(Timestamp::from_seconds(100));
        let soon = tokio::spawn(clock.wait_until(Timestamp::from_seconds(110)));
        let late = tokio::spawn(clock.wait_until(Timestamp::from_seconds(200)));
        clock.advance(Duration::from_secs(10));
        soon.await.expect("the wait ends");
        assert!(!late.is_finished());
        clock.set(Timestamp::from_seconds(200));
        late.await.expect("the wait ends");
    }

    #[test]
    fn a_jump_moves_wall_time_without_letting_time_pass() {
        let clock = ManualClock::new(Timestamp::from_seconds(100));
        clock.jump(Timestamp::from_seconds(5_000));
        assert_eq!(clock.now(), Timestamp::from_seconds(5_000));
        assert_eq!(clock.monotonic(), Duration::ZERO);
    }

    #[tokio::test]
    async fn the_system_clock_waits_for_a_moment_that_is_near() {
        let clock = SystemClock;
        let at = clock.now().plus(Duration::from_millis(3));
        clock.wait_until(at).await;
        assert!(clock.now() >= at);
    }
}
