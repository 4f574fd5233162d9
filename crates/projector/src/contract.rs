//! What a projection is.

use std::io;

use domain::rules::Rules;
use domain::{CorruptHistory, Stamp, StreamId, StreamVersion};
use eventlog::{EventLog, ReadError, RecordedEvent};

use crate::body::BodyError;
use crate::changes::Changes;
use crate::dump::TakeLine;

/// Events of one stream that are read at once.
const PAST_PAGE: usize = 512;

/// Folds events into one read model; a fold from zero yields the same rows.
///
/// It never reads the clock: what depends on now is computed when asked, from stored times.
pub trait Projection: Sized + Send + Sync + 'static {
    /// Names the model, its snapshot and its dump.
    const NAME: &'static str;
    /// Raised whenever the fold or the encoding of its rows changes; earlier snapshots are void.
    const VERSION: u32;
    /// The rules that its rows depend on, as paths such as `board.low_stars`. A recount changes
    /// nothing where these are the same.
    const INPUTS: &'static [&'static str];

    /// The model before the first event, under the rules that Paidan is shipped with.
    fn empty() -> Self;

    /// The model before the first event, where these rules hold. Whoever has
    /// [`Projection::INPUTS`] starts from them.
    fn begin(_rules: &Rules) -> Self {
        Self::empty()
    }

    /// The model after one more event. Events arrive in global order, each once, as
    /// [`EventLog::read_facts`] gives them: what is personal on tickets and attachments
    /// stays sealed. Each row of the dump that the event changes is told to `changes`.
    ///
    /// # Errors
    /// After an error the model is as it was before the event.
    fn apply(
        &mut self,
        event: &RecordedEvent,
        past: Past<'_>,
        changes: &mut Changes<'_>,
    ) -> Result<(), ProjectionError>;

    /// How many rows there are.
    fn rows(&self) -> usize;

    /// Gives everything that the model knows, apart from personal data, as lines of JSON in a fixed
    /// order: two models with the same content give the same bytes.
    ///
    /// # Errors
    /// When whoever takes them fails.
    fn lines(&self, take: &mut TakeLine<'_>) -> io::Result<()>;

    /// Writes [`Projection::lines`] as JSON Lines.
    ///
    /// # Errors
    /// When the writer fails.
    fn dump(&self, out: &mut dyn io::Write) -> io::Result<()> {
        self.lines(&mut |_, line| {
            out.write_all(line)?;
            out.write_all(b"\n")
        })
    }

    /// The body of a snapshot: everything but personal data.
    ///
    /// # Errors
    /// When a row cannot be encoded.
    fn encode(&self) -> Result<Vec<u8>, BodyError>;

    /// The model from the body of a snapshot. What is personal is read from the log again.
    ///
    /// # Errors
    /// When the body is not what [`Projection::encode`] writes, or the log cannot be read.
    fn decode(body: &[u8], past: Past<'_>) -> Result<Self, BodyError>;
}

/// Why an event could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The event cannot follow what came before it.
    #[error(transparent)]
    Corrupt(#[from] CorruptHistory),
    /// The log could not be read; that is not the event's fault, and is tried again.
    #[error("the earlier events of {stream} could not be read")]
    Past {
        /// Whose.
        stream: StreamId,
        /// What the log said.
        #[source]
        source: ReadError,
    },
}

/// The earlier events of single streams.
///
/// Models forget what is closed. When a closed ticket is opened again, its own stream tells what
/// was forgotten; what a stream holds up to a version never changes, so the fold stays pure.
#[derive(Clone, Copy)]
pub struct Past<'a>(&'a dyn EventLog);

impl<'a> Past<'a> {
    /// The past as this log has it.
    pub const fn new(log: &'a dyn EventLog) -> Self {
        Self(log)
    }

    /// Shows each event of a stream that came before a version, in order.
    pub(crate) fn before(
        self,
        stream: StreamId,
        version: StreamVersion,
        mut show: impl FnMut(&RecordedEvent) -> Result<(), CorruptHistory>,
    ) -> Result<(), ProjectionError> {
        let mut after = StreamVersion::ZERO;
        while after.next() < version {
            let left = version.get() - after.get() - 1;
            let limit = usize::try_from(left).unwrap_or(PAST_PAGE).min(PAST_PAGE);
            let events = self
                .0
                .read_stream(stream, after, limit)
                .map_err(|source| ProjectionError::Past { stream, source })?;
            // A stream that ends too early would be asked for forever.
            let Some(last) = events.last() else { break };
            after = last.version;
            events.iter().try_for_each(&mut show)?;
        }
        Ok(())
    }

    /// One event of a stream.
    pub(crate) fn at(
        self,
        stream: StreamId,
        version: StreamVersion,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        let before = StreamVersion::new(version.get().saturating_sub(1));
        Ok(self.0.read_stream(stream, before, 1)?.pop())
    }
}

impl std::fmt::Debug for Past<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Past")
    }
}

/// When and where an event was recorded, as the domain's folds want it.
pub(crate) const fn stamp(event: &RecordedEvent) -> Stamp {
    Stamp {
        position: event.position,
        version: event.version,
        occurred_at: event.occurred_at,
        recorded_at: event.recorded_at,
    }
}

/// An event that cannot be where it is.
pub(crate) const fn corrupt(event: &RecordedEvent, why: &'static str) -> CorruptHistory {
    CorruptHistory { event: event.event.name(), position: event.position, why }
}
