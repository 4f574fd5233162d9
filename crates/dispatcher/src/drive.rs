//! The loop around the core: reads events, waits for the next timer, sends actions, and tells the
//! core what became of them. Every decision is the core's.
//!
//! At most one action of a ticket or engineer is on its way at any time, because the core hands out
//! the next one only after the last; so the order per ticket is kept however many are in flight.
//!
//! A standby folds what happens and sends nothing. Once it is to act, the core looks at everything
//! and says what is missing, as after a start; so it does not matter what the leader did last.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::CommandId;
use futures_util::StreamExt as _;
use futures_util::stream::{self, FuturesUnordered};
use tracing::Instrument as _;

use crate::action::{Action, Answer};
use crate::audit::TOLERANCE;
use crate::core::Dispatcher;
use crate::feed_event::{Fault, FeedEvent};
use crate::ports::{Commands, Feed, FeedError, Role, SubmitError, Wait};
use crate::status::Status;

/// Bounds of the driver.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Actions on their way at once. Enough to fill the log's group commit, few enough to leave
    /// its queue to people.
    pub in_flight_max: usize,
    /// How often an action is sent while the log is busy, before the core is told.
    pub attempts_max: u32,
    /// The pause after the first attempt; doubles each time.
    pub retry_first: Duration,
    /// The longest pause.
    pub retry_max: Duration,
    /// How often the auditor looks through all open tickets, also on standby.
    pub audit_every: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            in_flight_max: 256,
            attempts_max: 8,
            retry_first: Duration::from_millis(50),
            retry_max: Duration::from_secs(5),
            audit_every: Duration::from_secs(60),
        }
    }
}

/// Why the driver stopped by itself. A fresh core that reads the log again goes on where this one
/// stopped.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// No events.
    #[error("the dispatcher could not read the log")]
    Feed(#[from] FeedError),
    /// The events cannot be followed.
    #[error("the dispatcher cannot follow the log")]
    Fault(#[from] Fault),
    /// An action was not answered for good.
    #[error("the dispatcher's command {id} was not answered")]
    Submit {
        /// Which.
        id: CommandId,
        /// Why.
        #[source]
        source: SubmitError,
    },
}

/// Runs a fresh core until `stop` is ready: first everything that is in the log, without any
/// action; then what is missing; then what happens. After `stop` nothing new begins, and what is
/// on its way is waited for.
///
/// # Errors
/// When the log cannot be read or followed, or takes no more commands.
pub async fn drive<F: Feed, C: Commands, W: Wait>(
    mut core: Dispatcher,
    mut feed: F,
    commands: &C,
    wait: &W,
    status: &Status,
    options: Options,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), DriveError> {
    let mut stop = pin!(stop);
    status.begin();
    let caught_up = catch_up(&mut core, &mut feed, status);
    tokio::select! {
        biased;
        () = &mut stop => return Ok(()),
        caught_up = caught_up => caught_up?,
    }

    let stopping = AtomicBool::new(false);
    let mut roles = commands.role();
    let mut role = Role::Standby;
    let mut planned = VecDeque::new();
    let mut inbox = VecDeque::<FeedEvent>::new();
    let mut running = FuturesUnordered::new();
    let mut names = HashSet::new();
    let mut next_audit = wait.now();
    // Held across turns, so that reading is never begun anew because something else was faster.
    let mut pages = pin!(stream::unfold((feed, core.position()), async |(mut feed, after)| {
        let page = feed.next(after).await;
        let last = page.as_ref().ok().and_then(|page| page.last());
        let after = last.map_or(after, |event| event.stamp.position);
        Some((page, (feed, after)))
    }));
    loop {
        let before = std::mem::replace(&mut role, *roles.borrow_and_update());
        let is_leader = role == Role::Leader;
        if is_leader && before == Role::Standby {
            planned.extend(core.resume(wait.now()));
        }
        while running.len() < options.in_flight_max {
            // What a standby had planned as leader waits; it is late then, which harms nothing.
            if is_leader && let Some(action) = planned.pop_front() {
                // An action whose answer the core took for lost may still be on its way.
                if names.insert(action.id.clone()) {
                    tracing::debug!(
                        command.id = %action.id,
                        log.position = action.basis.position.get(),
                        "the dispatcher sends {}", action.id
                    );
                    running.push(carry_out(commands, wait, action, options, &stopping));
                }
            } else if let Some(event) = inbox.pop_front() {
                if is_leader {
                    planned.extend(core.on_event(&event, wait.now())?);
                } else {
                    core.replay(&event)?;
                }
            } else {
                break;
            }
        }
        let now = wait.now();
        status.set(&core, role, running.len(), now);
        let is_free = inbox.is_empty() && (planned.is_empty() || !is_leader);
        // What is being worked through is no finding, but must not keep the auditor waiting for
        // ever; nor must a clock that was set back.
        next_audit = next_audit.min(now.plus(options.audit_every));
        if next_audit <= now && (is_free || next_audit.plus(TOLERANCE) <= now) {
            status.set_audited(core.audited(now));
            next_audit = now.plus(options.audit_every);
        }
        let due = if is_free && is_leader { core.next_due() } else { None };
        tokio::select! {
            () = &mut stop => break,
            // Where nobody can change it any more, it stays.
            Ok(()) = roles.changed() => {}
            Some((id, outcome)) = running.next(), if !running.is_empty() => {
                names.remove(&id);
                take_answer(&mut core, wait, status, id, outcome)?;
            }
            () = wait.until(due.unwrap_or_default()), if due.is_some() => {
                planned.extend(core.on_tick(wait.now()));
            }
            () = wait.until(next_audit), if is_free => {}
            page = pages.next(), if is_free => {
                inbox.extend(page.unwrap_or(Err(FeedError::Closed))?);
            }
        }
    }

    stopping.store(true, Ordering::Relaxed);
    while let Some((id, outcome)) = running.next().await {
        take_answer(&mut core, wait, status, id, outcome)?;
    }
    status.set(&core, role, 0, wait.now());
    Ok(())
}

async fn catch_up<F: Feed>(
    core: &mut Dispatcher,
    feed: &mut F,
    status: &Status,
) -> Result<(), DriveError> {
    let head = feed.head().await?;
    while core.position() < head {
        for event in feed.next(core.position()).await? {
            core.replay(&event)?;
        }
        // Timers of a history that is still being read say nothing yet.
        status.catching_up(core);
        // A long history must not keep the thread from everybody else.
        tokio::task::yield_now().await;
    }
    Ok(())
}

fn take_answer<W: Wait>(
    core: &mut Dispatcher,
    wait: &W,
    status: &Status,
    id: CommandId,
    outcome: Result<Answer, SubmitError>,
) -> Result<(), DriveError> {
    let answer = outcome.map_err(|source| DriveError::Submit { id: id.clone(), source })?;
    match &answer {
        Answer::Rejected(refusal) => {
            tracing::debug!(command.id = %id, rejection = refusal.words, "{id} was refused");
        }
        Answer::NotTaken => {
            tracing::warn!(command.id = %id, "{id} was not taken: the log is busy; tried later");
        }
        Answer::Done { .. } | Answer::Nothing | Answer::DecidedAlready => {}
    }
    status.count(&id, &answer);
    core.on_answer(&id, &answer, wait.now());
    Ok(())
}

async fn carry_out<C: Commands, W: Wait>(
    commands: &C,
    wait: &W,
    action: Action,
    options: Options,
    stopping: &AtomicBool,
) -> (CommandId, Result<Answer, SubmitError>) {
    let mut pause = options.retry_first;
    for attempt in 1..=options.attempts_max {
        let span = tracing::debug_span!(
            "dispatch.attempt",
            command.id = %action.id,
            attempt,
            log.position = action.basis.position.get(),
        );
        let attempted = async {
            let outcome = commands.submit(&action).await;
            tracing::trace!("answered");
            outcome
        };
        match attempted.instrument(span).await {
            Err(SubmitError::Busy) if stopping.load(Ordering::Relaxed) => break,
            Err(SubmitError::Busy) => {
                wait.until(wait.now().plus(pause)).await;
                pause = (pause * 2).min(options.retry_max);
            }
            outcome => return (action.id, outcome),
        }
    }
    (action.id, Ok(Answer::NotTaken))
}
