//! How the parts of the process are, for readiness and metrics.

use std::sync::Arc;

use dispatcher::Status;
use eventlog::SledLog;
use gateway::{DispatcherState, DispatcherStatus, PartsStatus};
use parking_lot::Mutex;

/// What the gateway may ask about its neighbours.
#[derive(Debug)]
pub(super) struct Parts {
    log: Arc<SledLog>,
    pub(super) dispatcher: Status,
    /// Why the dispatcher ended by itself.
    ended: Mutex<Option<String>>,
}

impl Parts {
    pub(super) fn new(log: Arc<SledLog>) -> Arc<Self> {
        Arc::new(Self { log, dispatcher: Status::default(), ended: Mutex::default() })
    }

    pub(super) fn dispatcher_ended(&self, why: String) {
        *self.ended.lock() = Some(why);
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

    fn log_queued(&self) -> Option<u64> {
        Some(count(self.log.queued()))
    }

    fn dispatcher(&self) -> DispatcherStatus {
        let now = self.dispatcher.snapshot();
        let state = match self.ended.lock().clone() {
            Some(why) => DispatcherState::Stopped(why),
            None if now.caught_up => DispatcherState::Running,
            None => DispatcherState::Starting,
        };
        DispatcherStatus {
            state,
            position: now.position,
            gauges: vec![
                ("open_tickets", count(now.open_tickets)),
                ("timers", count(now.timers)),
                ("in_flight", count(now.in_flight)),
                ("actions", now.actions),
                ("rejections", now.rejections),
                ("not_taken", now.not_taken),
            ],
        }
    }
}
