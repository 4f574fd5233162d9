//! One order of commands: decided one after the other, each on what is queued before it.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use domain::ticket::Ticket;
use domain::{
    Aggregates, Change, CommandId, Context, GlobalPosition, Origin, Stamp, StreamId, StreamVersion,
    Timestamp,
};
use eventlog::{
    Append, AppendHeader, Clock, EventLog, Expected, KnownCommand, NewEvent, PendingAppend,
    SubmitError,
};
use parking_lot::Mutex;
use tracing::field::Empty;

use crate::content;
use crate::event_ids::EventIds;
use crate::reserve::{DiskReserve, DiskRoom, FreeSpace, Watch};
use crate::states::{State, States, View};
use crate::submission::{Error, Receipt, Rejected, Submission, TicketState};

/// How far ahead of ours a client's clock may be.
const AHEAD_MAX: Duration = Duration::from_secs(5 * 60);

/// How long somebody can have been without signal.
const BEHIND_MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// How much an engine keeps at hand.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Aggregates in memory. More than the log's queue can hold, so that what is queued is
    /// always at hand.
    pub aggregates_max: NonZeroUsize,
}

impl Default for Options {
    fn default() -> Self {
        Self { aggregates_max: NonZeroUsize::new(200_000).expect("not zero") }
    }
}

/// The write side. Commands are decided in the order in which `begin` is called.
pub struct Engine {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    core: Mutex<Core>,
}

struct Core {
    /// Nothing where the log keeps to memory.
    disk: Option<Watch>,
    states: States,
    event_ids: EventIds,
    /// The time of the last decision that the log took; those to come never go back before it. What a
    /// wrong clock showed and the log refused is forgotten with the clock's mistake.
    now: Timestamp,
    /// The last command that was queued, and where it went.
    last: Option<(CommandId, GlobalPosition)>,
}

/// A command that was decided, and whose durability is awaited.
#[derive(Debug)]
pub struct Pending {
    append: Option<PendingAppend>,
    answer: Result<Receipt, Box<Rejected>>,
}

impl Pending {
    /// Waits until what the answer tells is durable.
    ///
    /// # Errors
    /// [`Error::Rejected`], or [`Error::OutcomeUnknown`] when the sync failed.
    pub async fn durable(self) -> Result<Receipt, Error> {
        if let Some(append) = self.append {
            append.durable().await.map_err(|_| Error::OutcomeUnknown)?;
        }
        self.answer.map_err(Error::Rejected)
    }

    /// [`Pending::durable`] for threads without a runtime.
    ///
    /// # Errors
    /// As [`Pending::durable`].
    pub fn wait(self) -> Result<Receipt, Error> {
        if let Some(append) = self.append {
            append.wait().map_err(|_| Error::OutcomeUnknown)?;
        }
        self.answer.map_err(Error::Rejected)
    }
}

impl Engine {
    /// The write side of a log. There must be one only.
    pub fn new(log: Arc<dyn EventLog>, clock: Arc<dyn Clock>, options: Options) -> Self {
        let core = Core {
            disk: None,
            states: States::new(options.aggregates_max),
            event_ids: EventIds::new(),
            now: log.head().recorded_at,
            last: None,
        };
        Self { log, clock, core: Mutex::new(core) }
    }

    /// The same, with a part of the disk kept for finishing what was begun.
    #[must_use]
    pub fn keeping(mut self, reserve: DiskReserve, space: Arc<dyn FreeSpace>) -> Self {
        self.core.get_mut().disk = Some(Watch::new(reserve, space));
        self
    }

    /// What the disk has room for.
    pub fn disk_room(&self) -> DiskRoom {
        let now = self.clock.monotonic();
        self.core.lock().disk.as_mut().map_or(DiskRoom::Enough, |disk| disk.room(now))
    }

    /// The log that this engine writes.
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    /// Carries a command out and answers when that is durable.
    ///
    /// # Errors
    /// See [`Error`]. After each but [`Error::OutcomeUnknown`] nothing was recorded.
    pub async fn submit(&self, submission: Submission) -> Result<Receipt, Error> {
        self.begin(submission)?.durable().await
    }

    /// Decides a command and queues what it leads to. The order of calls is the order of
    /// decisions; the answer holds once it is durable.
    ///
    /// # Errors
    /// As [`Engine::submit`], but for rejections, which wait for what they are based on.
    pub fn begin(&self, submission: Submission) -> Result<Pending, Error> {
        let span = tracing::debug_span!(
            "command",
            stream.id = %submission.command.stream(),
            stream.version = Empty,
            log.position = Empty,
        );
        let _entered = span.enter();
        // Outside the lock: it takes a fifth of the time, and depends on nothing that is behind it.
        let fingerprint = self.log.fingerprint(&content::canonical(&submission.command));
        let mut core = self.core.lock();
        let begun = core.begin(self.log.as_ref(), self.clock.as_ref(), submission, fingerprint);
        if let Err(Error::Log(SubmitError::Poisoned)) = &begun {
            // What was decided on top of a failed sync never happened.
            core.states.clear();
        }
        if let Ok(Pending { answer: Ok(receipt), .. }) = &begun {
            span.record("stream.version", receipt.version.get());
            span.record("log.position", receipt.position.get());
            tracing::trace!("decided");
        }
        begun
    }

    /// A ticket as it is, what is queued included.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn ticket(
        &self,
        id: domain::TicketId,
    ) -> Result<Option<(StreamVersion, Arc<Ticket>)>, Error> {
        let (version, state) = self.core.lock().states.get(self.log.as_ref(), id.into())?;
        Ok(match state {
            Some(State::Ticket(ticket)) => Some((version, ticket)),
            _ => None,
        })
    }

    /// Lets somebody look at what decisions are made on, what is queued included. Each look-up
    /// is by itself: commands are decided between them.
    ///
    /// # Errors
    /// The first look-up that failed.
    pub fn look<T>(&self, with: impl FnOnce(&dyn Aggregates) -> T) -> Result<T, Error> {
        let view =
            View::new(|stream| Ok(self.core.lock().states.get(self.log.as_ref(), stream)?.1));
        let seen = with(&view);
        view.failure().map_or(Ok(seen), Err)
    }
}

impl Core {
    fn begin(
        &mut self,
        log: &dyn EventLog,
        clock: &dyn Clock,
        submission: Submission,
        fingerprint: eventlog::Fingerprint,
    ) -> Result<Pending, Error> {
        let stream = submission.command.stream();
        let known =
            log.find_command(&submission.id).map_err(|source| Error::Read { stream, source })?;
        if let Some(known) = known {
            return self.repeat(log, stream, &submission.id, known, fingerprint);
        }
        if !log.has_room() {
            return Err(Error::Busy);
        }
        if let Some(disk) = &mut self.disk {
            disk.admit(clock.monotonic(), &submission)?;
        }
        let now = self.now.max(clock.now());
        if let Some(occurred_at) = submission.occurred_at {
            // Another system's history may be as old as it is.
            let early = submission.origin == Origin::Live && occurred_at < now.minus(BEHIND_MAX);
            if early || occurred_at > now.plus(AHEAD_MAX) {
                return Err(Error::ImplausibleTime { occurred_at, now });
            }
        }
        let (version, _) = self.states.get(log, stream)?;
        if let Some(expected) = submission.if_version.filter(|expected| *expected != version) {
            return Err(Error::VersionMismatch { stream, expected, actual: version });
        }
        let context = Context { now, actor: submission.actor, origin: submission.origin };
        let states = RefCell::new(&mut self.states);
        let view = View::new(|stream| Ok(states.borrow_mut().get(log, stream)?.1));
        let decided = domain::decide(&view, &submission.command, &context);
        if let Some(failure) = view.failure() {
            return Err(failure);
        }
        match decided {
            Ok(changes) if changes.is_empty() => self.already_true(log, stream),
            Ok(changes) => self.append(log, submission, fingerprint, changes, now),
            Err(rejection) => {
                let (version, state) = self.states.get(log, stream)?;
                let ticket = match state {
                    Some(State::Ticket(ticket)) => Some(ticket),
                    _ => None,
                };
                let rejected = Rejected { rejection, stream, version, ticket };
                Ok(Pending { append: self.unsettled(log)?, answer: Err(Box::new(rejected)) })
            }
        }
    }

    /// The same id again: its first result, or a conflict.
    fn repeat(
        &mut self,
        log: &dyn EventLog,
        stream: StreamId,
        id: &CommandId,
        known: KnownCommand,
        fingerprint: eventlog::Fingerprint,
    ) -> Result<Pending, Error> {
        if known.fingerprint != fingerprint {
            return Err(Error::IdReused { command: id.clone() });
        }
        let place = known.append.place().clone();
        let version = place.versions.iter().find(|(written, _)| *written == stream);
        let version = match version {
            Some((_, version)) => *version,
            None => self.states.get(log, stream)?.0,
        };
        let receipt = Receipt {
            stream,
            version,
            position: place.last,
            recorded_at: Some(place.recorded_at),
            repeated: true,
            ticket: self.ticket_state(log, stream)?,
        };
        Ok(Pending { append: Some(known.append), answer: Ok(receipt) })
    }

    /// Nothing has to be recorded. What the answer is based on may still be queued.
    fn already_true(&mut self, log: &dyn EventLog, stream: StreamId) -> Result<Pending, Error> {
        let (version, _) = self.states.get(log, stream)?;
        let append = self.unsettled(log)?;
        let position = match &append {
            Some(append) => append.place().last,
            None => log.head().position,
        };
        let receipt = Receipt {
            stream,
            version,
            position,
            recorded_at: None,
            repeated: false,
            ticket: self.ticket_state(log, stream)?,
        };
        Ok(Pending { append, answer: Ok(receipt) })
    }

    /// The last append, if it is not durable yet: whoever is answered without an append of their
    /// own waits for that one, so that nobody is told what a power cut could still undo.
    fn unsettled(&mut self, log: &dyn EventLog) -> Result<Option<PendingAppend>, Error> {
        let Some((id, position)) = &self.last else { return Ok(None) };
        if log.head().position >= *position {
            return Ok(None);
        }
        let known =
            log.find_command(id).map_err(|source| Error::Read { stream: StreamId::LOG, source })?;
        Ok(known.map(|known| known.append))
    }

    fn ticket_state(
        &mut self,
        log: &dyn EventLog,
        stream: StreamId,
    ) -> Result<Option<TicketState>, Error> {
        Ok(match self.states.get(log, stream)?.1 {
            Some(State::Ticket(ticket)) => Some(TicketState::from(ticket.as_ref())),
            _ => None,
        })
    }

    fn append(
        &mut self,
        log: &dyn EventLog,
        submission: Submission,
        fingerprint: eventlog::Fingerprint,
        changes: Vec<Change>,
        now: Timestamp,
    ) -> Result<Pending, Error> {
        let stream = submission.command.stream();
        let occurred_at = submission.occurred_at.map_or(now, |at| match submission.origin {
            Origin::Import(_) => at,
            Origin::Live => at.min(now),
        });
        let mut expects: Vec<Expected> = Vec::with_capacity(2);
        let mut events = Vec::with_capacity(changes.len());
        for Change { stream, subject, event } in changes {
            if !expects.iter().any(|expected| expected.stream == stream) {
                let (version, _) = self.states.get(log, stream)?;
                expects.push(Expected { stream, version });
            }
            let id = self.event_ids.next(now);
            events.push(NewEvent { stream, id, occurred_at, subject, event });
        }
        let header = AppendHeader {
            command: submission.id.clone(),
            fingerprint,
            actor: submission.actor,
            caused_by: submission.caused_by,
            origin: submission.origin,
            basis: submission.basis,
        };
        let mut versions: Vec<(StreamId, StreamVersion)> =
            expects.iter().map(|expected| (expected.stream, expected.version)).collect();
        // Kept to fold them once the log has taken them.
        let kept: Vec<_> = events.iter().map(|new| (new.stream, new.event.clone())).collect();
        let append =
            log.submit(Append { header, expects, events, now }).map_err(|error| match error {
                SubmitError::QueueFull => Error::Busy,
                other => Error::Log(other),
            })?;
        let place = append.place().clone();
        self.now = now;
        self.last = Some((submission.id, place.last));
        let mut position = place.first;
        for (stream, event) in &kept {
            let Some((_, version)) = versions.iter_mut().find(|(written, _)| written == stream)
            else {
                continue;
            };
            *version = version.next();
            let stamp =
                Stamp { position, version: *version, occurred_at, recorded_at: place.recorded_at };
            self.states.apply(log, *stream, event, &stamp)?;
            position = position.next();
        }
        let receipt = Receipt {
            stream,
            version: self.states.get(log, stream)?.0,
            position: place.last,
            recorded_at: Some(place.recorded_at),
            repeated: false,
            ticket: self.ticket_state(log, stream)?,
        };
        Ok(Pending { append: Some(append), answer: Ok(receipt) })
    }
}
