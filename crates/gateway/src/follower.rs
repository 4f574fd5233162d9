//! A dispatcher in a process of its own tells how it is: `/healthz`, `/readyz` and `/metrics`, under
//! the names that a gateway uses, and nothing else.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use domain::{GlobalPosition, Timestamp};
use measures::{Kind, Text};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::Config;
use crate::metrics;
use crate::ports::{DispatcherNumbers, DispatcherState, DispatcherStatus};
use crate::problem::{self, Problem};
use crate::serve::{Bounds, serve_app};
use crate::status::{self, role};

/// Few ask how it is.
const CONNECTIONS_MAX: usize = 64;

/// Whether a dispatcher has the words that do not travel with events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowerWords {
    /// It has those of all events that it knows.
    Complete,
    /// It waits for some, and decides nothing meanwhile.
    Waiting,
    /// It went on without some.
    Missing,
}

impl FollowerWords {
    const ALL: [Self; 3] = [Self::Complete, Self::Waiting, Self::Missing];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Waiting => "waiting",
            Self::Missing => "missing",
        }
    }
}

/// How a dispatcher is that follows from afar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowerStatus {
    /// Which it is.
    pub id: String,
    /// Whether it acts; it stands by otherwise.
    pub leads: bool,
    /// It has read everything that there was when it began.
    pub caught_up: bool,
    /// Why events cannot be followed now, if so.
    pub trouble: Option<String>,
    /// The last event that it knows.
    pub position: GlobalPosition,
    /// The last event of the stream, once it was asked.
    pub stream_position: Option<GlobalPosition>,
    /// How long it has known of an event that it has not read.
    pub behind_for: Duration,
    /// Whether it has the words.
    pub words: FollowerWords,
    /// How often it began again with nothing.
    pub begun_anew: u64,
    /// What it counts.
    pub numbers: DispatcherNumbers,
}

impl FollowerStatus {
    fn lag(&self) -> Option<u64> {
        Some(self.stream_position?.get().saturating_sub(self.position.get()))
    }

    /// Why it cannot do its work, if so.
    fn hindered(&self, lag_max: u64) -> Option<String> {
        if let Some(trouble) = &self.trouble {
            return Some(format!("{trouble}; nothing is followed until it is back"));
        }
        if self.words == FollowerWords::Waiting {
            return Some("it waits for the gateway, which gives no words of what happened".into());
        }
        let lag = self.lag();
        if !self.caught_up {
            let behind = lag.map_or_else(String::new, |lag| format!(", {lag} events behind"));
            return Some(format!("it still reads what happened before it began{behind}"));
        }
        lag.filter(|lag| *lag > lag_max)
            .map(|lag| format!("it is {lag} events behind; up to {lag_max} are nothing special"))
    }
}

/// Tells how it is.
pub trait Follower: Send + Sync + 'static {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// How it is.
    fn status(&self) -> FollowerStatus;
}

struct Told {
    follower: Arc<dyn Follower>,
    started_at: Timestamp,
    lag_max: u64,
}

/// Serves what the follower tells until `shutdown` answers.
///
/// # Errors
/// As [`crate::serve_tcp`].
pub async fn serve_follower(
    listener: TcpListener,
    follower: Arc<dyn Follower>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let config = Config::default();
    let started_at = follower.now();
    let told = Arc::new(Told { follower, started_at, lag_max: config.lag_max });
    let app = Router::new()
        .route("/healthz", get(status::health))
        .route("/readyz", get(ready))
        .route("/metrics", get(numbers))
        .fallback(nothing_else)
        .with_state(told);
    let bounds = Bounds { connections: CONNECTIONS_MAX, head_within: config.head_within };
    serve_app(listener, app, bounds, watch::Sender::new(false), shutdown).await
}

async fn nothing_else() -> Problem {
    Problem::new(
        problem::Kind::NoRoute,
        "a dispatcher has /healthz, /readyz and /metrics; everything else is at its gateway",
    )
}

/// The body of `/readyz`.
#[derive(Serialize)]
struct Readiness {
    ready: bool,
    id: String,
    role: &'static str,
    caught_up: bool,
    connected: bool,
    position: GlobalPosition,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_position: Option<GlobalPosition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lag: Option<u64>,
    words: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// `GET /readyz`: it knows what happened, and would act on what happens next.
async fn ready(State(told): State<Arc<Told>>) -> Response {
    let now = told.follower.status();
    let hindered = now.hindered(told.lag_max);
    let ready = hindered.is_none();
    // People are dispatched to all the same, so this is a hint and no more.
    let why = hindered.or_else(|| {
        (now.words == FollowerWords::Missing).then(|| {
            "the gateway gave no words: a second report of the same fault is not seen as that"
                .to_owned()
        })
    });
    let lag = now.lag();
    let body = Readiness {
        ready,
        id: now.id,
        role: role(now.leads),
        caught_up: now.caught_up,
        connected: now.trouble.is_none(),
        position: now.position,
        stream_position: now.stream_position,
        lag,
        words: now.words.as_str(),
        why,
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body)).into_response()
}

/// `GET /metrics`.
async fn numbers(State(told): State<Arc<Told>>) -> Response {
    let mut out = Text::default();
    metrics::process(told.started_at, &mut out);
    let now = told.follower.status();
    let mut family = out.family("paidan_dispatcher_role", Kind::Gauge, "1 for what it is.");
    for leads in [true, false] {
        family.sample(&[("role", role(leads))], u8::from(leads == now.leads));
    }
    if let Some(position) = now.stream_position {
        let help = "The last event of the NATS stream.";
        out.gauge("paidan_dispatcher_stream_position", help, position);
    }
    let help = "How long it has known of an event that it has not read.";
    out.gauge("paidan_dispatcher_lag_seconds", help, now.behind_for.as_secs_f64());
    let help = "1 while events can be followed.";
    out.gauge("paidan_dispatcher_connected", help, u8::from(now.trouble.is_none()));
    let help = "1 for whether it has the words that it asks the gateway for.";
    let mut family = out.family("paidan_dispatcher_words", Kind::Gauge, help);
    for words in FollowerWords::ALL {
        family.sample(&[("state", words.as_str())], u8::from(words == now.words));
    }
    let help = "How often it began again with nothing.";
    out.counter("paidan_dispatcher_begun_anew_total", help, now.begun_anew);
    let state = match now.caught_up {
        true => DispatcherState::Running,
        false => DispatcherState::Starting,
    };
    let (head, position, numbers) = (now.stream_position, now.position, now.numbers);
    let dispatcher = DispatcherStatus { state, position, numbers };
    metrics::dispatcher(dispatcher, head, told.follower.now(), &mut out);
    ([(CONTENT_TYPE, Text::MEDIA_TYPE)], out.finish()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_once_it_knows_nearly_everything_and_says_what_hinders_it() {
        let at = |position: u64| GlobalPosition::new(position);
        let well = FollowerStatus {
            id: "a".into(),
            leads: false,
            caught_up: true,
            trouble: None,
            position: at(2_000),
            stream_position: Some(at(3_000)),
            behind_for: Duration::ZERO,
            words: FollowerWords::Complete,
            begun_anew: 0,
            numbers: DispatcherNumbers::default(),
        };
        assert_eq!(well.hindered(1_000), None, "a standby, as far behind as it may be");
        let missing = FollowerStatus { words: FollowerWords::Missing, ..well.clone() };
        assert_eq!(missing.hindered(1_000), None, "people are dispatched to");
        for (hindered, said) in [
            (FollowerStatus { stream_position: Some(at(3_001)), ..well.clone() }, "1001 events"),
            (FollowerStatus { caught_up: false, ..well.clone() }, "1000 events behind"),
            (
                FollowerStatus { caught_up: false, stream_position: None, ..well.clone() },
                "before it began",
            ),
            (FollowerStatus { words: FollowerWords::Waiting, ..well.clone() }, "waits for the"),
            (FollowerStatus { trouble: Some("NATS is gone".into()), ..well }, "NATS is gone"),
        ] {
            let why = hindered.hindered(1_000).expect("it is hindered");
            assert!(why.contains(said), "{said}: {why}");
        }
    }
}
