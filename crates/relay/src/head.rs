//! How far the stream goes, and for how long somebody has been behind it.

use std::collections::VecDeque;
use std::error::Error;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::Client;
use async_nats::connection::State;
use domain::GlobalPosition;
use parking_lot::Mutex;

use crate::line::Line;
use crate::names::Names;
use crate::stream;

/// Between two looks: as exact as a lag in seconds can be.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Ends of the stream that were seen and not reached yet; the oldest counts.
const SEEN_MAX: usize = 600;

/// What is known of the stream's end. Shared between the task that looks and whoever asks.
#[derive(Debug)]
pub struct StreamHead {
    client: Client,
    line: Arc<Line>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    last: Option<GlobalPosition>,
    trouble: Option<String>,
    not_reached: VecDeque<(GlobalPosition, Instant)>,
}

impl StreamHead {
    /// That of a stream on the client's server; nothing is known of it before the first look.
    pub fn new(client: Client, line: Arc<Line>) -> Arc<Self> {
        Arc::new(Self { client, line, seen: Mutex::default() })
    }

    /// The last event of the stream, at the last look that succeeded.
    pub fn last(&self) -> Option<GlobalPosition> {
        self.seen.lock().last
    }

    /// Why the stream cannot be looked at now, if so.
    pub fn trouble(&self) -> Option<String> {
        if self.client.connection_state() == State::Connected {
            return self.seen.lock().trouble.clone();
        }
        Some(self.line.trouble().unwrap_or_else(|| "there is no connection to NATS".to_owned()))
    }

    /// For how long somebody who is at this position has not read what was there.
    pub fn behind_for(&self, position: GlobalPosition) -> Duration {
        self.seen.lock().behind_for(position, Instant::now())
    }
}

impl Seen {
    fn at(&mut self, last: GlobalPosition, now: Instant) {
        // The stream was made anew: what was not reached is no more.
        if self.last.is_some_and(|before| last < before) {
            self.not_reached.clear();
        }
        if self.last != Some(last) && self.not_reached.len() < SEEN_MAX {
            self.not_reached.push_back((last, now));
        }
        self.last = Some(last);
        self.trouble = None;
    }

    fn behind_for(&mut self, position: GlobalPosition, now: Instant) -> Duration {
        while self.not_reached.front().is_some_and(|(end, _)| *end <= position) {
            self.not_reached.pop_front();
        }
        self.not_reached.front().map_or(Duration::ZERO, |(_, since)| now.duration_since(*since))
    }
}

/// Looks at the stream's end until `stop` is ready.
pub async fn watch_head(
    names: Names,
    head: Arc<StreamHead>,
    stop: impl Future<Output = ()> + Send,
) {
    let context = stream::context(head.client.clone(), 1);
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let looking = async {
        loop {
            every.tick().await;
            match stream::existing(&context, &names).await {
                Ok(stream) => {
                    let last = GlobalPosition::new(stream.cached_info().state.last_sequence);
                    head.seen.lock().at(last, Instant::now());
                }
                Err(error) => {
                    let why = error.source().map_or_else(String::new, |why| format!(": {why}"));
                    head.seen.lock().trouble = Some(format!("{error}{why}"));
                }
            }
        }
    };
    tokio::select! {
        () = pin!(stop) => {}
        never = looking => never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_behind_since_the_first_end_that_was_not_reached_was_seen() {
        let (mut seen, start) = (Seen::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let at = GlobalPosition::new;
        seen.at(at(10), after(0));
        seen.at(at(20), after(1));
        seen.at(at(20), after(2));
        assert_eq!(seen.behind_for(at(9), after(3)), Duration::from_secs(3));
        assert_eq!(seen.behind_for(at(19), after(3)), Duration::from_secs(2));
        assert_eq!(seen.behind_for(at(20), after(3)), Duration::ZERO);
        // Made anew and shorter: whoever was far is far from nothing.
        seen.at(at(5), after(4));
        assert_eq!(seen.behind_for(at(0), after(6)), Duration::from_secs(2));
        assert_eq!(seen.behind_for(at(5), after(6)), Duration::ZERO);
    }

    #[test]
    fn an_endless_lag_takes_no_endless_memory() {
        let (mut seen, start) = (Seen::default(), Instant::now());
        for end in 1..2_000 {
            seen.at(GlobalPosition::new(end), start + Duration::from_secs(end));
        }
        assert_eq!(seen.not_reached.len(), SEEN_MAX);
        let behind = seen.behind_for(GlobalPosition::ZERO, start + Duration::from_secs(2_001));
        assert_eq!(behind, Duration::from_secs(2_000));
    }
}
