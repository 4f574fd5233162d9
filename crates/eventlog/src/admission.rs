//! Decides whether an append is taken and where it goes: the part that every backend shares.
//!
//! It holds what is queued and not yet durable, over what the backend looks up for it. Calls come
//! one at a time, under the backend's lock; the order of successful [`Admission::admit`] calls is
//! the order of the log. Encoding, storing and answering are the backend's.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use domain::{CommandId, GlobalPosition, StreamId, StreamVersion, Timestamp};
use foldhash::fast::RandomState;
use smallvec::{SmallVec, smallvec};
use tokio::sync::oneshot;

use crate::clock_guard::ClockGuard;
use crate::codec::{AppendView, EncodedAppend, Settled, command_hash};
use crate::{
    Append, AppendError, Appended, Clock, Fingerprint, KnownCommand, PendingAppend, ReadError,
    SubmitError,
};

/// Answers for one who waits for durability.
pub(crate) type Answer = oneshot::Sender<Result<(), AppendError>>;

/// What a backend knows of its durable events.
pub(crate) trait Lookup {
    /// The durable version of a stream.
    fn version(&self, stream: StreamId) -> Result<StreamVersion, ReadError>;

    /// The durable append of a command.
    fn command(&self, hash: &[u8; 16]) -> Result<Option<(Fingerprint, Appended)>, ReadError>;
}

/// An append on its way to the disk.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) settled: Settled,
    pub(crate) command: [u8; 16],
    pub(crate) fingerprint: Fingerprint,
    pub(crate) first: GlobalPosition,
    pub(crate) last: GlobalPosition,
    pub(crate) recorded_at: Timestamp,
    /// When it was taken, by the clock that never jumps.
    pub(crate) since: Duration,
}

#[derive(Debug)]
struct Waiting {
    fingerprint: Fingerprint,
    appended: Appended,
    /// More than one where a command was repeated meanwhile.
    answers: SmallVec<[Answer; 1]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Closed,
    Poisoned,
}

/// How much may be queued.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueLimits {
    pub(crate) appends_max: usize,
    pub(crate) bytes_max: usize,
}

/// What is queued, and the checks on what comes.
#[derive(Debug)]
pub(crate) struct Admission {
    state: State,
    next: GlobalPosition,
    guard: ClockGuard,
    limits: QueueLimits,
    /// Streams that something unconfirmed writes to: version, and position of the last event.
    versions: HashMap<StreamId, (StreamVersion, GlobalPosition), RandomState>,
    /// Commands that are not confirmed yet.
    waiting: HashMap<[u8; 16], Waiting, RandomState>,
    queue: VecDeque<Queued>,
    unconfirmed_bytes: usize,
}

impl Admission {
    /// Starts after the last durable event.
    pub(crate) fn new(
        clock: &dyn Clock,
        limits: QueueLimits,
        head: GlobalPosition,
        last_recorded: Timestamp,
    ) -> Self {
        Self {
            state: State::Open,
            next: head.next(),
            guard: ClockGuard::new(clock, last_recorded),
            limits,
            versions: HashMap::default(),
            waiting: HashMap::default(),
            queue: VecDeque::new(),
            unconfirmed_bytes: 0,
        }
    }

    /// Whether one more append is taken.
    pub(crate) fn has_room(&self) -> bool {
        self.waiting.len() < self.limits.appends_max
            && self.unconfirmed_bytes < self.limits.bytes_max
    }

    /// How much may be queued.
    pub(crate) const fn limits(&self) -> QueueLimits {
        self.limits
    }

    /// How many appends wait to become durable.
    pub(crate) fn queued(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a sync failed.
    pub(crate) const fn is_poisoned(&self) -> bool {
        matches!(self.state, State::Poisoned)
    }

    /// Checks an append and queues it.
    pub(crate) fn admit(
        &mut self,
        append: &Append,
        encoded: EncodedAppend,
        clock: &dyn Clock,
        lookup: &impl Lookup,
    ) -> Result<PendingAppend, SubmitError> {
        match self.state {
            State::Open => {}
            State::Closed => return Err(SubmitError::Closed),
            State::Poisoned => return Err(SubmitError::Poisoned),
        }
        let command = command_hash(&append.header.command);
        if let Some(known) = self.find(&command, lookup)? {
            let command = append.header.command.clone();
            return Err(SubmitError::KnownCommand { command, known: Box::new(known) });
        }
        if !self.has_room() {
            return Err(SubmitError::QueueFull);
        }
        for expected in &append.expects {
            let actual = self.version(expected.stream, lookup)?;
            if actual != expected.version {
                return Err(SubmitError::WrongExpectedVersion {
                    stream: expected.stream,
                    expected: expected.version,
                    actual,
                });
            }
        }
        let recorded_at = self
            .guard
            .admit(clock, append.now)
            .map_err(|jumped| SubmitError::ClockJumped { from: jumped.from, to: jumped.to })?;

        let first = self.next;
        let last = GlobalPosition::new(first.get() + encoded.places.len() as u64 - 1);
        for (stream, version) in &encoded.written {
            self.versions.insert(*stream, (*version, last));
        }
        let appended = Appended { first, last, recorded_at, versions: encoded.written.clone() };
        let settled = encoded.settle(first, recorded_at);
        let fingerprint = append.header.fingerprint;
        self.next = last.next();
        self.unconfirmed_bytes += settled.bytes.len();
        self.queue.push_back(Queued {
            settled,
            command,
            fingerprint,
            first,
            last,
            recorded_at,
            since: clock.monotonic(),
        });
        let (answer, durable) = oneshot::channel();
        self.waiting.insert(
            command,
            Waiting { fingerprint, appended: appended.clone(), answers: smallvec![answer] },
        );
        Ok(PendingAppend::waiting(appended, durable))
    }

    /// What is known of a command.
    pub(crate) fn find_command(
        &mut self,
        id: &CommandId,
        lookup: &impl Lookup,
    ) -> Result<Option<KnownCommand>, ReadError> {
        self.find(&command_hash(id), lookup)
    }

    fn find(
        &mut self,
        hash: &[u8; 16],
        lookup: &impl Lookup,
    ) -> Result<Option<KnownCommand>, ReadError> {
        if let Some(waiting) = self.waiting.get_mut(hash) {
            // Who gave up waiting no longer counts, so repetitions cannot pile up.
            waiting.answers.retain(|answer| !answer.is_closed());
            let (answer, durable) = oneshot::channel();
            waiting.answers.push(answer);
            let append = PendingAppend::waiting(waiting.appended.clone(), durable);
            return Ok(Some(KnownCommand { fingerprint: waiting.fingerprint, append }));
        }
        Ok(lookup.command(hash)?.map(|(fingerprint, appended)| KnownCommand {
            fingerprint,
            append: PendingAppend::settled(appended),
        }))
    }

    /// The version of a stream, what is queued included.
    pub(crate) fn version(
        &self,
        stream: StreamId,
        lookup: &impl Lookup,
    ) -> Result<StreamVersion, ReadError> {
        match self.versions.get(&stream) {
            Some((version, _)) => Ok(*version),
            None => lookup.version(stream),
        }
    }

    /// Accepts the time that the clock shows.
    pub(crate) fn confirm_clock(&mut self, clock: &dyn Clock) -> Timestamp {
        self.guard.confirm(clock)
    }

    /// Whether something waits to be stored.
    pub(crate) fn has_queued(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Takes what is to be stored next, in order; at most so many bytes, and at least one append
    /// if there is one.
    pub(crate) fn take_group(&mut self, bytes_max: usize) -> Vec<Queued> {
        let mut bytes = 0;
        let mut count = 0;
        for queued in &self.queue {
            bytes += queued.settled.bytes.len();
            if count > 0 && bytes > bytes_max {
                break;
            }
            count += 1;
        }
        self.queue.drain(..count).collect()
    }

    /// Forgets what became durable; from here on the backend's lookups must know it. Returns
    /// whom to tell.
    pub(crate) fn confirm(&mut self, group: &[Queued]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(group.len());
        for queued in group {
            self.unconfirmed_bytes -= queued.settled.bytes.len();
            if let Some(waiting) = self.waiting.remove(&queued.command) {
                answers.extend(waiting.answers);
            }
            for (stream, _) in &queued.settled.places {
                // A later append in the queue may have written to the stream again.
                if self.versions.get(stream).is_some_and(|(_, last)| *last <= queued.last) {
                    self.versions.remove(stream);
                }
            }
        }
        answers
    }

    /// Takes nothing more; what is queued is still to be stored.
    pub(crate) fn close(&mut self) {
        if self.state == State::Open {
            self.state = State::Closed;
        }
    }

    /// Whether nothing more is taken.
    pub(crate) fn is_closed(&self) -> bool {
        self.state != State::Open
    }

    /// Takes nothing more after a failed sync and drops what was not confirmed. Returns whom to
    /// tell that the outcome is unknown.
    pub(crate) fn poison(&mut self) -> Vec<Answer> {
        self.state = State::Poisoned;
        self.queue.clear();
        self.versions.clear();
        self.unconfirmed_bytes = 0;
        self.waiting.drain().flat_map(|(_, waiting)| waiting.answers).collect()
    }
}

/// Answers all of these; who gave up waiting is passed over.
pub(crate) fn answer_all(answers: Vec<Answer>, result: &Result<(), AppendError>) {
    for answer in answers {
        drop(answer.send(result.clone()));
    }
}

/// Where a stored append went, as its first result said.
pub(crate) fn appended(view: &AppendView<'_>) -> Appended {
    let mut versions: Vec<(StreamId, StreamVersion)> = Vec::new();
    for record in &view.records {
        match versions.iter_mut().find(|(stream, _)| *stream == record.stream) {
            Some((_, version)) => *version = record.version,
            None => versions.push((record.stream, record.version)),
        }
    }
    Appended { first: view.first, last: view.last(), recorded_at: view.recorded_at, versions }
}

/// The log's own stream is written by the log alone.
pub(crate) fn refuse_log_stream(append: &Append) -> Result<(), SubmitError> {
    if append.events.iter().any(|event| event.stream == StreamId::LOG) {
        return Err(SubmitError::Malformed("the log's own stream is written by the log alone"));
    }
    Ok(())
}

/// A keyed hash of a command's content.
pub(crate) fn fingerprint(key: &[u8; 32], content: &[u8]) -> Fingerprint {
    let mut out = [0; 16];
    out.copy_from_slice(&blake3::keyed_hash(key, content).as_bytes()[..16]);
    Fingerprint(out)
}
