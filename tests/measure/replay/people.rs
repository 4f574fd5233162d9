//! What engineers and the supervisor do. All of it is made up; the seed draws it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::agenda::{Act, Agenda};
use crate::firm::SUPERVISOR;
use crate::pace::Pace;

/// Of a hundred assignments so many are ignored,
const IGNORED: u64 = 12;
/// and so many declined.
const DECLINED: u64 = 10;
/// Means in simulated minutes, each of an exponential distribution: until an engineer accepts,
const ACCEPTS: f64 = 8.0;
/// declines,
const DECLINES: f64 = 4.0;
/// departs,
const DEPARTS: f64 = 3.0;
/// arrives,
const ARRIVES: f64 = 15.0;
/// is done,
const RESOLVES: f64 = 35.0;
/// and until the supervisor gives what is in the queue to somebody.
const SUPERVISES: f64 = 10.0;

/// Chance from a seed: splitmix64.
#[derive(Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// A span with this mean in minutes; at most ten times that.
    fn exponential(&mut self, mean: f64) -> Duration {
        let even = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let minutes = (-(1.0 - even).ln() * mean).min(mean * 10.0);
        Duration::from_secs_f64(minutes * 60.0)
    }
}

/// Everybody who reacts to what the feed tells.
pub(crate) struct People<'a> {
    pub(crate) agenda: &'a Agenda,
    pub(crate) pace: Pace,
    pub(crate) chance: Chance,
    pub(crate) engineers: &'a [String],
    /// Who has or had a ticket last.
    pub(crate) owners: HashMap<String, String>,
}

impl People<'_> {
    /// Plans what follows from an event.
    pub(crate) fn hear(&mut self, event: &Value) {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        let Some(ticket) = text("/stream").filter(|stream| stream.starts_with("tk_")) else {
            return;
        };
        match text("/type").unwrap_or_default() {
            "Assigned" => {
                let engineer = text("/data/engineer").expect("an engineer");
                self.owners.insert(ticket.to_owned(), engineer.to_owned());
                match self.chance.below(100) {
                    draw if draw < IGNORED => {}
                    draw if draw < IGNORED + DECLINED => {
                        self.engineer(ticket, "decline", DECLINES, json!({"words": "去不了"}));
                    }
                    _ => self.engineer(ticket, "accept", ACCEPTS, json!({})),
                }
            }
            "Accepted" => self.engineer(ticket, "depart", DEPARTS, json!({})),
            "Departed" => self.engineer(ticket, "arrive", ARRIVES, json!({})),
            "Arrived" => self.engineer(ticket, "resolve", RESOLVES, json!({})),
            "Queued" if text("/data/entry/role") == Some("supervisor") => self.supervise(ticket),
            _ => {}
        }
    }

    fn engineer(&mut self, ticket: &str, verb: &str, mean: f64, body: Value) {
        let engineer = &self.owners[ticket];
        let act = Act {
            actor: Some(format!("engineer:{engineer}")),
            path: format!("/api/v1/tickets/{ticket}/{verb}"),
            bodies: vec![body],
        };
        self.plan(mean, act);
    }

    /// The supervisor asks whoever comes to mind, and another one where that one is full.
    fn supervise(&mut self, ticket: &str) {
        const TRIES: u64 = 5;
        let first = self.chance.below(self.engineers.len() as u64);
        let those = self.engineers.iter().cycle().skip(usize::try_from(first).unwrap_or(0));
        let act = Act {
            actor: Some(format!("supervisor:{SUPERVISOR}")),
            path: format!("/api/v1/tickets/{ticket}/assign"),
            bodies: those.take(TRIES as usize).map(|id| json!({"engineer": id})).collect(),
        };
        self.plan(SUPERVISES, act);
    }

    fn plan(&mut self, mean: f64, act: Act) {
        let span = self.pace.real(self.chance.exponential(mean));
        self.agenda.plan(Instant::now() + span, act);
    }
}
