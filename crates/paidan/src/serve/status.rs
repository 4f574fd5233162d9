//! How the parts of the process are, for readiness and metrics.

use std::sync::Arc;

use dispatcher::{Problem, Snapshot, Status};
use eventlog::{DiskBytes, LogNumbers, SledLog};
use gateway::{
    DispatcherActions, DispatcherHeard, DispatcherNumbers, DispatcherState, DispatcherStatus,
    DispatchersHeard, NeglectProblem, NeglectedCounts, NeglectedTicket, NoDispatcher, PartsStatus,
    RelayStatus, TicketAudit,
};
use parking_lot::Mutex;

use crate::config::Role;

/// What the gateway may ask about its neighbours.
#[derive(Debug)]
pub(super) struct Parts {
    log: Arc<SledLog>,
    role: Role,
    /// Of the dispatcher; in a gateway, of the one that never leads and only watches.
    pub(super) dispatcher: Status,
    pub(super) relay: Arc<relay::Status>,
    pub(super) line: Arc<relay::Line>,
    pub(super) heard: Arc<relay::Heard>,
    /// Why the dispatcher ended by itself.
    ended: Mutex<Option<String>>,
}

impl Parts {
    pub(super) fn new(log: Arc<SledLog>, role: Role) -> Arc<Self> {
        Arc::new(Self {
            log,
            role,
            dispatcher: Status::default(),
            relay: Arc::default(),
            line: Arc::default(),
            heard: Arc::default(),
            ended: Mutex::default(),
        })
    }

    pub(super) fn dispatcher_ended(&self, why: String) {
        *self.ended.lock() = Some(why);
    }
}

/// What an auditor saw, as the gateway tells it.
pub(crate) fn told(audited: &dispatcher::Audited) -> TicketAudit {
    let dispatcher::Found { no_due_time, overdue, unanswered } = audited.found;
    let neglected = |finding: &dispatcher::Finding| {
        let (problem, since) = match finding.problem {
            Problem::NoDueTime => (NeglectProblem::NoDueTime, None),
            Problem::Overdue { due } => (NeglectProblem::Overdue, Some(due)),
            Problem::Unanswered { since } => (NeglectProblem::Unanswered, Some(since)),
        };
        NeglectedTicket { ticket: finding.ticket, problem, since }
    };
    TicketAudit {
        at: audited.at,
        position: audited.position,
        open_tickets: count(audited.open_tickets),
        found: NeglectedCounts {
            no_due_time: count(no_due_time),
            overdue: count(overdue),
            unanswered: count(unanswered),
        },
        tickets: audited.findings.iter().map(neglected).collect(),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

impl PartsStatus for Parts {
    fn log_refuses(&self) -> Option<String> {
        self.log
            .is_poisoned()
            .then(|| "a sync failed; restart the server to open the log again".to_owned())
    }

    fn log_numbers(&self) -> Option<LogNumbers> {
        Some(self.log.numbers())
    }

    fn disk_bytes(&self) -> Option<DiskBytes> {
        match self.log.disk_bytes() {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the disk does not say how much room there is"
                );
                None
            }
        }
    }

    fn ticket_audit(&self) -> Option<TicketAudit> {
        self.dispatcher.audited().as_ref().map(told)
    }

    fn relay(&self) -> Option<RelayStatus> {
        (self.role == Role::Gateway).then(|| RelayStatus {
            position: self.relay.published(),
            connected: self.relay.is_connected(),
            trouble: self.line.trouble(),
            interruptions: self.relay.failures(),
            made_anew: self.relay.made_anew(),
            ended: self.relay.ended(),
        })
    }

    fn dispatchers(&self) -> Option<DispatchersHeard> {
        let heard = |(beat, heard_ago): (relay::Heartbeat, _)| DispatcherHeard {
            id: beat.id,
            leads: beat.role == relay::HeartbeatRole::Leader,
            caught_up: beat.caught_up,
            position: beat.position,
            heard_ago,
        };
        (self.role == Role::Gateway).then(|| DispatchersHeard {
            all: self.heard.dispatchers().into_iter().map(heard).collect(),
            nobody: self.heard.is_silent(),
        })
    }

    fn dispatcher(&self) -> DispatcherStatus {
        if self.role == Role::Gateway {
            return NoDispatcher.dispatcher();
        }
        let now = self.dispatcher.snapshot();
        let state = match self.ended.lock().clone() {
            Some(why) => DispatcherState::Stopped(why),
            None if now.caught_up => DispatcherState::Running,
            None => DispatcherState::Starting,
        };
        DispatcherStatus { state, position: now.position, numbers: numbers(&self.dispatcher, &now) }
    }
}

/// What a dispatcher counts, for the metrics.
pub(crate) fn numbers(status: &Status, now: &Snapshot) -> DispatcherNumbers {
    let actions = status.answered().into_iter().map(|answered| DispatcherActions {
        action: answered.action,
        outcome: answered.outcome.as_str(),
        count: answered.count,
    });
    DispatcherNumbers {
        open_tickets: count(now.open_tickets),
        timers: count(now.timers),
        timers_due: count(now.timers_due),
        next_due: now.next_due,
        in_flight: count(now.in_flight),
        redispatches: now.redispatches,
        actions: actions.collect(),
    }
}
