//! What every backend promises. `conformance` checks it on each of them.

use domain::{
    Actor, CommandId, Epoch, Event, EventId, GlobalPosition, Origin, RuleSetVersion, StreamId,
    StreamVersion, Timestamp,
};
use tokio::sync::{oneshot, watch};

use crate::ChainHash;

/// Which log this is. Cursors, snapshots and checkpoints carry it; of another log or epoch they
/// are void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogIdentity {
    /// A UUID (RFC 9562, version 4) made with the log.
    pub log_id: u128,
    /// Raised by every restore and salvage.
    pub epoch: Epoch,
}

/// The last durable event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its place.
    pub position: GlobalPosition,
    /// The chain's value there.
    pub chain: ChainHash,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// A keyed hash of a command's content: equal for equal content, telling nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 16]);

/// What a decision of the dispatcher was based on, so that it can be reproduced exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionBasis {
    /// All events up to here were known.
    pub position: GlobalPosition,
    /// The time that the decision was taken at.
    pub decided_at: Timestamp,
    /// The rules that held.
    pub rule_set: RuleSetVersion,
    /// The version of the dispatcher's core.
    pub core_version: u16,
}

/// What the events of one append have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendHeader {
    /// The command that is applied at most once, forever.
    pub command: CommandId,
    /// Tells a repetition from another command under the same id.
    pub fingerprint: Fingerprint,
    /// Who acts.
    pub actor: Actor,
    /// The event that this append answers.
    pub caused_by: Option<GlobalPosition>,
    /// Live, or which import.
    pub origin: Origin,
    /// For decisions of the dispatcher.
    pub basis: Option<DecisionBasis>,
}

/// A stream and the version that it is expected at; zero: it does not exist yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The stream.
    pub stream: StreamId,
    /// Its version before this append, what is queued included.
    pub version: StreamVersion,
}

/// An event that is not recorded yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The stream that it goes to; `expects` must name it.
    pub stream: StreamId,
    /// Its id.
    pub id: EventId,
    /// When it really happened.
    pub occurred_at: Timestamp,
    /// Whose key seals its personal part: the customer's, or the ticket's own while the customer
    /// is unknown, or the engineer's.
    pub subject: StreamId,
    /// What happened.
    pub event: Event,
}

/// Events that become durable together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// What they have in common.
    pub header: AppendHeader,
    /// Every stream that is written or depended on, each once. One without an event is a
    /// condition on facts that the append does not change.
    pub expects: Vec<Expected>,
    /// The events, in the order of their positions; at least one.
    pub events: Vec<NewEvent>,
    /// The time of recording; the log moves it forward where it would go back.
    pub now: Timestamp,
}

/// Where an append went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The place of its first event.
    pub first: GlobalPosition,
    /// The place of its last event.
    pub last: GlobalPosition,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The streams that it wrote, with their versions after it.
    pub versions: Vec<(StreamId, StreamVersion)>,
}

/// An append whose place is settled and whose durability is awaited.
#[derive(Debug)]
pub struct PendingAppend {
    appended: Appended,
    durable: Option<oneshot::Receiver<Result<(), AppendError>>>,
}

impl PendingAppend {
    /// An append that waits for this answer.
    pub fn waiting(
        appended: Appended,
        durable: oneshot::Receiver<Result<(), AppendError>>,
    ) -> Self {
        Self { appended, durable: Some(durable) }
    }

    /// An append that is durable already.
    pub const fn settled(appended: Appended) -> Self {
        Self { appended, durable: None }
    }

    /// Where it will be, if it becomes durable.
    pub const fn place(&self) -> &Appended {
        &self.appended
    }

    /// Waits until the events survive a power cut.
    ///
    /// # Errors
    /// [`AppendError::OutcomeUnknown`] when the sync failed or the log was closed meanwhile.
    pub async fn durable(self) -> Result<Appended, AppendError> {
        if let Some(answer) = self.durable {
            answer.await.unwrap_or(Err(AppendError::OutcomeUnknown))?;
        }
        Ok(self.appended)
    }

    /// [`PendingAppend::durable`] for threads without a runtime.
    ///
    /// # Errors
    /// As [`PendingAppend::durable`].
    pub fn wait(self) -> Result<Appended, AppendError> {
        if let Some(answer) = self.durable {
            answer.blocking_recv().unwrap_or(Err(AppendError::OutcomeUnknown))?;
        }
        Ok(self.appended)
    }
}

/// A command that the log has seen, queued or durable.
#[derive(Debug)]
pub struct KnownCommand {
    /// Of its content.
    pub fingerprint: Fingerprint,
    /// Its result; not yet durable where it is still queued.
    pub append: PendingAppend,
}

/// A durable event, as every reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Its place in the whole log.
    pub position: GlobalPosition,
    /// The stream that it belongs to.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: StreamVersion,
    /// Its id.
    pub id: EventId,
    /// When it really happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Of the append that it came with.
    pub header: std::sync::Arc<AppendHeader>,
    /// What happened, in today's shape.
    pub event: Event,
}

/// Why an append was not taken. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Read the stream again and decide anew.
    #[error("stream {stream} is at version {actual}, expected {expected}")]
    WrongExpectedVersion {
        /// The stream.
        stream: StreamId,
        /// What the writer believed.
        expected: StreamVersion,
        /// What it is at, the queue included.
        actual: StreamVersion,
    },
    /// The id is taken: its first result, or a conflict where the fingerprint differs.
    #[error("command {command} was applied already")]
    KnownCommand {
        /// The id.
        command: CommandId,
        /// What is known of it.
        known: Box<KnownCommand>,
    },
    /// Wait a little and send it again.
    #[error("the log's queue is full; try again after a moment")]
    QueueFull,
    /// A record is larger than a record may be.
    #[error("an event of {bytes} bytes is larger than {max}; send long text as an attachment")]
    RecordTooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The append does not fit in a frame.
    #[error("an append of {bytes} bytes is larger than {max}; split it into several commands")]
    AppendTooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The append names an event's stream not at all, or a stream twice, or has no event.
    #[error("the append is malformed: {0}")]
    Malformed(&'static str),
    /// The clock went forward further than time can have; confirm the new time or set it right.
    #[error(
        "the clock jumped forward from {from} to {to}; set it right, or confirm the new time, \
         because recorded times cannot go back"
    )]
    ClockJumped {
        /// The time that was expected.
        from: Timestamp,
        /// The time that the clock shows.
        to: Timestamp,
    },
    /// The log was closed; nothing more is taken.
    #[error("the log is closed")]
    Closed,
    /// A sync failed earlier; close the log and open it again.
    #[error("the log refuses writes after a failed sync; restart to open it again")]
    Poisoned,
    /// A key could not be made or read.
    #[error("personal data could not be sealed")]
    Keys(#[source] crate::keys::KeyRingError),
    /// The log could not look up what it needs for its checks.
    #[error("the append could not be checked against the log")]
    Read(#[from] ReadError),
}

/// Why a queued append was not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The events may be stored. Ask again with the same command id after the log was reopened.
    #[error("the append was not confirmed; repeat it with the same command id after a restart")]
    OutcomeUnknown,
}

/// Why events could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Stored bytes are not what was written.
    #[error("the log is damaged at position {position} ({place}): {what}")]
    Damaged {
        /// The first position concerned.
        position: GlobalPosition,
        /// File or key, with offset where known.
        place: String,
        /// What is wrong with it.
        what: String,
    },
    /// Written by a newer release.
    #[error(
        "event type {type_id} version {schema} at position {position} is newer than this release; \
         upgrade"
    )]
    UnknownShape {
        /// Where.
        position: GlobalPosition,
        /// The event type's number.
        type_id: u16,
        /// The version of its shape.
        schema: u16,
    },
    /// A key could not be read. A key that was destroyed is no error.
    #[error("the personal part of the event at position {position} could not be opened")]
    Keys {
        /// Where.
        position: GlobalPosition,
        /// What the key ring said.
        #[source]
        source: crate::keys::KeyRingError,
    },
    /// The store failed.
    #[error("the log's store failed while {doing}")]
    Store {
        /// What was attempted.
        doing: &'static str,
        /// What the store said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The append-only log, the only truth.
///
/// - An append is all or nothing. When its [`PendingAppend`] answers, the events survive a power
///   cut. A failed sync poisons the log: all who wait get [`AppendError::OutcomeUnknown`], and
///   writes are refused until it is opened again.
/// - Stream versions and positions start at 1, increase by 1, have no gaps; appends take effect
///   in the order of `submit`.
/// - Readers see durable events only, in global order, and never skip one.
/// - A command id is applied at most once, forever.
/// - `recorded_at` never goes back.
/// - The queue is bounded; a full one refuses at once.
pub trait EventLog: Send + Sync + 'static {
    /// Which log this is.
    fn identity(&self) -> LogIdentity;

    /// The last durable event; position zero only before the first append of a new log's
    /// identity, so never for an opened log.
    fn head(&self) -> Head;

    /// Changes whenever more events are durable. The value never goes back.
    fn watch(&self) -> watch::Receiver<GlobalPosition>;

    /// A keyed hash of a command's content.
    fn fingerprint(&self, content: &[u8]) -> Fingerprint;

    /// Checks and queues an append. Its place is settled when this returns.
    ///
    /// # Errors
    /// After each error nothing was or will be written.
    fn submit(&self, append: Append) -> Result<PendingAppend, SubmitError>;

    /// Whether the queue takes one more append. Whoever asks first need not decide in vain.
    fn has_room(&self) -> bool;

    /// What is known of a command, what is queued included.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn find_command(&self, id: &CommandId) -> Result<Option<KnownCommand>, ReadError>;

    /// The version of a stream, what is queued included.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn stream_version(&self, stream: StreamId) -> Result<StreamVersion, ReadError>;

    /// Durable events after a position, in order; at most `limit`, fewer only at the end.
    ///
    /// # Errors
    /// When stored bytes are damaged, unknown or unreadable. Events before the fault are
    /// returned by a call with a smaller limit.
    fn read(&self, after: GlobalPosition, limit: usize) -> Result<Vec<RecordedEvent>, ReadError>;

    /// [`EventLog::read`], leaving what is personal on tickets and attachments sealed: it reads as
    /// [`domain::Personal::Erased`]. Several times faster, for whoever folds who, what and when.
    ///
    /// # Errors
    /// As [`EventLog::read`].
    fn read_facts(
        &self,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError>;

    /// Durable events of one stream after a version, in order; at most `limit`.
    ///
    /// # Errors
    /// As [`EventLog::read`].
    fn read_stream(
        &self,
        stream: StreamId,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError>;

    /// The chain's value at a durable position; zero has the chain's start value.
    ///
    /// # Errors
    /// As [`EventLog::read`]; a position after the head is [`ReadError::Damaged`].
    fn chain_at(&self, position: GlobalPosition) -> Result<ChainHash, ReadError>;

    /// Accepts the time that the clock shows after a jump; returns it.
    fn confirm_clock(&self) -> Timestamp;

    /// Destroys the keys of a subject; says how many there were. What they sealed reads as
    /// [`domain::Personal::Erased`] from here on, and the chain still verifies.
    ///
    /// # Errors
    /// When a key could not be destroyed for good; repeat it.
    fn destroy_keys(&self, subject: StreamId) -> Result<u64, crate::keys::KeyRingError>;
}
