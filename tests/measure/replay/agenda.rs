//! What people are about to do, each thing at its time, over HTTP.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::Client;

/// A request that somebody sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Act {
    /// Who, as in `Paidan-Actor`.
    pub(crate) actor: Option<String>,
    /// Where it is sent to.
    pub(crate) path: String,
    /// What is said; the next one where the rules refuse the one before.
    pub(crate) bodies: Vec<Value>,
}

#[derive(Debug, Default)]
struct State {
    due: BinaryHeap<Reverse<(Instant, usize)>>,
    acts: Vec<Act>,
    over: bool,
    late: Vec<Duration>,
    answers: BTreeMap<(String, u16), u64>,
}

/// All of it. Workers send what is due; how late they were is part of the result.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    state: Mutex<State>,
    changed: Condvar,
}

impl Agenda {
    /// Somebody will do this then.
    pub(crate) fn plan(&self, at: Instant, act: Act) {
        let mut state = self.state.lock().expect("no worker panicked");
        let number = state.acts.len();
        state.acts.push(act);
        state.due.push(Reverse((at, number)));
        self.changed.notify_one();
    }

    /// Nothing more is sent.
    pub(crate) fn end(&self) {
        self.state.lock().expect("no worker panicked").over = true;
        self.changed.notify_all();
    }

    /// Sends what is due until the end.
    pub(crate) fn work(&self, client: &Client) {
        while let Some((at, act)) = self.next() {
            let late = at.elapsed();
            let client =
                act.actor.as_ref().map_or_else(|| client.clone(), |actor| client.acting_as(actor));
            let mut status = 0;
            for body in act.bodies {
                status = client.post(&act.path, body).status;
                if status != 409 {
                    break;
                }
            }
            let verb = act.path.rsplit('/').next().unwrap_or_default().to_owned();
            let mut state = self.state.lock().expect("no worker panicked");
            state.late.push(late);
            *state.answers.entry((verb, status)).or_default() += 1;
        }
    }

    fn next(&self) -> Option<(Instant, Act)> {
        let mut state = self.state.lock().expect("no worker panicked");
        loop {
            if state.over {
                return None;
            }
            let now = Instant::now();
            let Some(Reverse((at, number))) = state.due.peek().copied() else {
                state = self.changed.wait(state).expect("no worker panicked");
                continue;
            };
            if at <= now {
                state.due.pop();
                return Some((at, state.acts[number].clone()));
            }
            state = self.changed.wait_timeout(state, at - now).expect("no worker panicked").0;
        }
    }

    /// How late each request was sent, and how often each verb had each status.
    pub(crate) fn result(self) -> (Vec<Duration>, BTreeMap<(String, u16), u64>) {
        let state = self.state.into_inner().expect("no worker panicked");
        (state.late, state.answers)
    }
}
