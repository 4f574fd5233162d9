//! Dispatchers say that they are there, and how far they are; a gateway keeps what each said last.
//!
//! Nothing is decided by it: it is for people who look whether anybody dispatches.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::Client;
use async_nats::connection::State;
use domain::{GlobalPosition, Timestamp};
use futures_util::StreamExt;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::names::Names;

/// How often each says so.
const EVERY: Duration = Duration::from_secs(1);
/// Whoever was not heard of for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(5);
/// So many are kept; further ones are passed over.
const DISPATCHERS_MAX: usize = 64;
/// What is longer is none of ours.
const BYTES_MAX: usize = 1_024;
const ID_BYTES_MAX: usize = 64;

/// What a dispatcher is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeartbeatRole {
    /// It acts.
    Leader,
    /// It knows what the leader knows.
    Standby,
}

/// What a dispatcher says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Which it is.
    pub id: String,
    /// What it is.
    pub role: HeartbeatRole,
    /// It has read everything that there was when it began.
    pub caught_up: bool,
    /// The last event that it knows.
    pub position: GlobalPosition,
    /// When it said so, by its own clock.
    pub sent_at: Timestamp,
}

/// What dispatchers said last. Shared between the task that listens and whoever asks.
#[derive(Debug, Default)]
pub struct Heard(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    last: BTreeMap<String, (Heartbeat, Instant)>,
    /// Since when each of them would have been heard.
    listens_since: Option<Instant>,
}

impl Heard {
    /// All who were heard of in the last seconds, with how long ago that was.
    pub fn dispatchers(&self) -> Vec<(Heartbeat, Duration)> {
        self.0.lock().at(Instant::now())
    }

    /// Whether there is nobody, as far as can be told: whoever did not listen for long enough, or
    /// cannot now, does not know.
    pub fn is_silent(&self) -> bool {
        self.0.lock().is_silent(Instant::now())
    }
}

impl Known {
    fn at(&mut self, now: Instant) -> Vec<(Heartbeat, Duration)> {
        self.forget(now);
        let heard = self.last.values();
        heard.map(|(beat, at)| (beat.clone(), now.duration_since(*at))).collect()
    }

    fn is_silent(&mut self, now: Instant) -> bool {
        self.forget(now);
        let long_enough = |since| now.duration_since(since) >= FORGOTTEN_AFTER;
        self.last.is_empty() && self.listens_since.is_some_and(long_enough)
    }

    fn forget(&mut self, now: Instant) {
        self.last.retain(|_, (_, at)| now.duration_since(*at) < FORGOTTEN_AFTER);
    }

    fn listens(&mut self, listens: bool, now: Instant) {
        self.listens_since = listens.then(|| self.listens_since.unwrap_or(now));
    }

    fn note(&mut self, payload: &[u8], now: Instant) {
        let read = || serde_json::from_slice::<Heartbeat>(payload);
        let beat = (payload.len() <= BYTES_MAX).then(read);
        let Some(Ok(beat)) = beat else { return };
        let is_id = (1..=ID_BYTES_MAX).contains(&beat.id.len())
            && beat.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_id {
            return;
        }
        self.forget(now);
        if self.last.len() < DISPATCHERS_MAX || self.last.contains_key(&beat.id) {
            self.last.insert(beat.id.clone(), (beat, now));
        }
    }
}

/// Keeps what dispatchers say until `stop` is ready.
///
/// # Errors
/// When the connection is closed for good.
pub async fn hear_dispatchers(
    client: Client,
    names: Names,
    heard: Arc<Heard>,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), async_nats::SubscribeError> {
    // Each gateway hears all, so they do not share.
    let mut beats = client.subscribe(names.heartbeat()).await?;
    let mut look = tokio::time::interval(EVERY);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return Ok(()),
            beat = beats.next() => match beat {
                Some(beat) => heard.0.lock().note(&beat.payload, Instant::now()),
                None => return Ok(()),
            },
            _ = look.tick() => {
                let listens = client.connection_state() == State::Connected;
                heard.0.lock().listens(listens, Instant::now());
            }
        }
    }
}

/// Says every second what `now` answers, until `stop` is ready.
pub async fn send_heartbeats(
    client: Client,
    names: Names,
    now: impl Fn() -> Heartbeat + Send,
    stop: impl Future<Output = ()> + Send,
) {
    let mut every = tokio::time::interval(EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let saying = async {
        loop {
            every.tick().await;
            // Nobody is to hear later what was true now.
            if client.connection_state() != State::Connected {
                continue;
            }
            let said = match serde_json::to_vec(&now()) {
                Ok(beat) => client.publish(names.heartbeat(), beat.into()).await,
                Err(error) => {
                    tracing::error!(%error, "a heartbeat could not be written");
                    continue;
                }
            };
            if let Err(error) = said {
                tracing::debug!(%error, "a heartbeat could not be sent");
            }
        }
    };
    tokio::select! {
        () = pin!(stop) => {}
        never = saying => never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beat(id: &str, position: u64) -> Vec<u8> {
        let beat = Heartbeat {
            id: id.into(),
            role: HeartbeatRole::Leader,
            caught_up: true,
            position: GlobalPosition::new(position),
            sent_at: Timestamp::from_seconds(1_800_000_000),
        };
        serde_json::to_vec(&beat).expect("JSON")
    }

    fn ids(heard: &mut Known, now: Instant) -> Vec<String> {
        heard.at(now).into_iter().map(|(beat, _)| beat.id).collect()
    }

    #[test]
    fn each_is_known_by_what_it_said_last_and_forgotten_once_it_is_silent() {
        let (mut heard, start) = (Known::default(), Instant::now());
        heard.note(&beat("a", 1), start);
        heard.note(&beat("b", 2), start);
        let later = start + FORGOTTEN_AFTER - Duration::from_secs(1);
        heard.note(&beat("a", 7), later);
        let known = heard.at(later);
        assert_eq!(known.len(), 2);
        assert_eq!((known[0].0.position.get(), known[0].1), (7, Duration::ZERO));
        assert_eq!(ids(&mut heard, start + FORGOTTEN_AFTER), ["a"]);
        assert!(ids(&mut heard, later + FORGOTTEN_AFTER).is_empty());
    }

    #[test]
    fn whoever_has_not_listened_for_long_enough_does_not_say_that_there_is_nobody() {
        let (mut heard, start) = (Known::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert!(!heard.is_silent(after(100)), "it never listened");
        heard.listens(true, after(100));
        heard.listens(true, after(104));
        assert!(!heard.is_silent(after(104)));
        assert!(heard.is_silent(after(105)));
        heard.note(&beat("a", 1), after(105));
        assert!(!heard.is_silent(after(105)));
        assert!(heard.is_silent(after(110)));
        // The line broke, and is back.
        heard.listens(false, after(111));
        assert!(!heard.is_silent(after(111)));
        heard.listens(true, after(112));
        assert!(!heard.is_silent(after(113)));
        assert!(heard.is_silent(after(117)));
    }

    #[test]
    fn what_strangers_send_is_passed_over_and_takes_no_endless_memory() {
        let (mut heard, start) = (Known::default(), Instant::now());
        let long = format!(r#"{{"x": "{}", {}"#, "x".repeat(BYTES_MAX), "");
        for wrong in [&b""[..], b"{}", long.as_bytes(), &beat("", 1), &beat("a b", 1)] {
            heard.note(wrong, start);
        }
        assert!(ids(&mut heard, start).is_empty());
        for number in 0..1_000 {
            heard.note(&beat(&number.to_string(), 1), start);
        }
        assert_eq!(heard.at(start).len(), DISPATCHERS_MAX);
        // Those who are known are still heard.
        heard.note(&beat("0", 9), start);
        assert_eq!(heard.at(start)[0].0.position.get(), 9);
        // And whoever comes once others are forgotten.
        heard.note(&beat("new", 1), start + FORGOTTEN_AFTER);
        assert_eq!(ids(&mut heard, start + FORGOTTEN_AFTER), ["new"]);
    }
}
