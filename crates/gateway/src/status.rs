//! Whether the process is up, and whether it can do its work.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::GlobalPosition;
use engine::DiskRoom;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Gateway;
use crate::gateway::LogCondition;
use crate::ports::{DispatcherState, DispatchersHeard};

/// A clock that is behind the last event by no more is nothing to speak of.
const CLOCK_BEHIND_MAX: Duration = Duration::from_secs(5);

#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
}

/// `GET /healthz`: the process answers.
pub(crate) async fn health() -> Response {
    Json(Health { status: "up" }).into_response()
}

#[derive(Serialize, ToSchema)]
struct LogReadiness {
    ready: bool,
    position: GlobalPosition,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// How a read model is.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelReadiness {
    pub(crate) name: &'static str,
    pub(crate) ready: bool,
    pub(crate) position: GlobalPosition,
    /// Events that it does not have yet.
    pub(crate) lag: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct DispatcherReadiness {
    ready: bool,
    state: &'static str,
    position: GlobalPosition,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// A dispatcher in a process of its own, as it was heard of last.
#[derive(Serialize, ToSchema)]
struct DispatcherElsewhere {
    id: String,
    /// `leader` or `standby`.
    role: &'static str,
    /// It has read everything that there was when it began.
    caught_up: bool,
    position: GlobalPosition,
    /// Events of the log that it does not know yet.
    lag: u64,
    /// How long ago it said so.
    heard_ms_ago: u64,
}

/// How events get to NATS.
#[derive(Serialize, ToSchema)]
struct RelayReadiness {
    /// False once it ended for good. A NATS server that is absent is waited for, and commands are
    /// taken meanwhile.
    ready: bool,
    connected: bool,
    position: GlobalPosition,
    /// Events that the stream does not have yet.
    lag: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    ready: bool,
    log: LogReadiness,
    read_models: Vec<ModelReadiness>,
    dispatcher: DispatcherReadiness,
    /// Those elsewhere that were heard of in the last seconds. Absent where events do not go to NATS.
    #[serde(skip_serializing_if = "Option::is_none")]
    dispatchers: Option<Vec<DispatcherElsewhere>>,
    /// Absent where events do not go to NATS.
    #[serde(skip_serializing_if = "Option::is_none")]
    relay: Option<RelayReadiness>,
}

/// `GET /readyz`: it takes commands, answers from recent read models, and dispatches.
pub(crate) async fn ready(State(gateway): State<Arc<Gateway>>) -> Response {
    let log = log(&gateway);
    let read_models = gateway.model_readiness(log.position);
    let mut dispatcher = dispatcher(&gateway);
    let heard = gateway.ports().parts.dispatchers();
    // They may come at any time, and people can work by hand, so this is a hint and no more.
    if heard.as_ref().is_some_and(|heard| heard.nobody) {
        dispatcher.why = Some("nobody dispatches: no dispatcher was heard of lately".to_owned());
    }
    let dispatchers = heard.map(|heard| elsewhere(heard, log.position));
    let relay = relay(&gateway, log.position);
    let ready = log.ready
        && dispatcher.ready
        && read_models.iter().all(|model| model.ready)
        && relay.as_ref().is_none_or(|relay| relay.ready);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, log, read_models, dispatcher, dispatchers, relay }))
        .into_response()
}

fn log(gateway: &Gateway) -> LogReadiness {
    let ports = gateway.ports();
    let refused = ports.parts.log_refuses().or_else(|| match gateway.log_condition() {
        LogCondition::Takes => None,
        LogCondition::Refuses => {
            Some("a sync failed or the log was closed; restart to open it again".into())
        }
        LogCondition::ClockJumped => {
            Some("the clock jumped; set it right, or run `paidan log confirm-clock`".into())
        }
    });
    let head = ports.log.head();
    let room = ports.engine.disk_room();
    let refused = refused.or_else(|| {
        (room == DiskRoom::None)
            .then(|| "the disk is full: nothing is taken; make room on it".to_owned())
    });
    let ready = refused.is_none();
    // People can still finish their tickets, so this is a hint and no more.
    let why = refused.or_else(|| {
        (room == DiskRoom::Reserve).then(|| {
            "the disk is nearly full: no new reports are taken; make room on it".to_owned()
        })
    });
    let behind = head.recorded_at.since(ports.clock.now());
    let why = why.or_else(|| {
        (behind > CLOCK_BEHIND_MAX).then(|| {
            format!(
                "the clock is {} s behind the last event: nothing becomes due until it is set right",
                behind.as_secs()
            )
        })
    });
    LogReadiness { ready, position: head.position, why }
}

fn dispatcher(gateway: &Gateway) -> DispatcherReadiness {
    let status = gateway.ports().parts.dispatcher();
    let (ready, state, why) = match status.state {
        DispatcherState::Running => (true, "running", None),
        DispatcherState::Elsewhere => (true, "elsewhere", None),
        DispatcherState::Starting => (false, "starting", None),
        DispatcherState::Stopped(why) => (false, "stopped", Some(why)),
    };
    DispatcherReadiness { ready, state, position: status.position, why }
}

fn elsewhere(heard: DispatchersHeard, head: GlobalPosition) -> Vec<DispatcherElsewhere> {
    let all = heard.all.into_iter();
    let elsewhere = all.map(|heard| DispatcherElsewhere {
        id: heard.id,
        role: role(heard.leads),
        caught_up: heard.caught_up,
        position: heard.position,
        lag: head.get().saturating_sub(heard.position.get()),
        heard_ms_ago: u64::try_from(heard.heard_ago.as_millis()).unwrap_or(u64::MAX),
    });
    elsewhere.collect()
}

/// What a dispatcher is called that leads, or does not.
pub(crate) const fn role(leads: bool) -> &'static str {
    if leads { "leader" } else { "standby" }
}

fn relay(gateway: &Gateway, head: GlobalPosition) -> Option<RelayReadiness> {
    let status = gateway.ports().parts.relay()?;
    let ready = status.ended.is_none();
    let trouble = status.trouble.as_deref().unwrap_or("NATS cannot be reached");
    let why = status
        .ended
        .or_else(|| (!status.connected).then(|| format!("{trouble}; events wait in the log")));
    Some(RelayReadiness {
        ready,
        connected: status.connected,
        position: status.position,
        lag: head.get().saturating_sub(status.position.get()),
        why,
    })
}
