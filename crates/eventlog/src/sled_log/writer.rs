//! The one thread that writes the log: takes what is queued, packs it into frames, makes it
//! durable once for all of it, and only then shows it to readers and answers who waits.
//!
//! The order within a group is a promise: keys are durable before anything sealed with them; the
//! witness notes the attempt, then the store commits, then the witness notes the success; then
//! the index knows, then readers, then those who wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::Shared;
use super::store::{FrameStore, StoreError};
use crate::admission::{Queued, answer_all};
use crate::frame::{EncodedFrame, FrameBuilder};
use crate::index::{Additions, Checkpoint, IndexError};
use crate::keys::KeyRingError;
use crate::witness::{Witness, WitnessError};
use crate::{AppendError, ChainHash, Head};

/// What is written together; more waits for the next group.
const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How often the witness is looked after when nothing comes.
const IDLE: Duration = Duration::from_secs(1);

/// Why a group was not confirmed.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error("the keys of an append could not be made durable")]
    Keys(#[from] KeyRingError),
    #[error("the log could not be made durable")]
    Store(#[from] StoreError),
    #[error("the index could not take more")]
    Index(#[from] IndexError),
    #[error("the witness could not be written")]
    Witness(#[from] WitnessError),
}

/// The writer's own things.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) store: Arc<FrameStore>,
    pub(super) witness: Witness,
    pub(super) chain: ChainHash,
}

impl Writer {
    /// Writes until the log is closed, or something fails.
    pub(super) fn run(mut self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.write_all()));
        let failed = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(error)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the log takes no more writes until it is opened again"
                );
                true
            }
            Err(_) => {
                tracing::error!("the log's writer panicked; it takes no more writes");
                true
            }
        };
        if failed {
            let answers = self.shared.admission.lock().poison();
            answer_all(answers, &Err(AppendError::OutcomeUnknown));
        }
    }

    fn write_all(&mut self) -> Result<(), WriteError> {
        loop {
            let group = {
                let mut admission = self.shared.admission.lock();
                if !admission.has_queued() {
                    if admission.is_closed() {
                        break;
                    }
                    self.shared.queued.wait_for(&mut admission, IDLE);
                }
                admission.take_group(GROUP_BYTES_MAX)
            };
            if group.is_empty() {
                self.witness.sync_if_due()?;
            } else {
                self.write(&group)?;
            }
        }
        self.store.refuse_blobs()?;
        Ok(self.witness.sync()?)
    }

    fn write(&mut self, group: &[Queued]) -> Result<(), WriteError> {
        let Some(last) = group.last() else { return Ok(()) };
        let frames = self.pack(group);
        let span = tracing::debug_span!(
            "log.commit",
            log.position = last.last.get(),
            appends = group.len(),
            frames = frames.len()
        );
        let _entered = span.enter();
        let begun = self.shared.clock.monotonic();
        // Asked before the sync: more keys may be made meanwhile.
        let keys = self.shared.keys.last_number();
        self.shared.keys.sync()?;
        self.witness.attempt(last.last, keys)?;
        self.store.commit(frames)?;
        self.witness.durable(last.last, self.chain)?;
        let now = self.shared.clock.monotonic();
        self.shared.counters.durable(group, now.saturating_sub(begun), now);

        let mut additions = Additions::for_appends(group.len());
        for queued in group {
            additions.command(queued.command, queued.first);
            let mut position = queued.first;
            for (stream, version) in &queued.settled.places {
                additions.event(*stream, *version, position);
                position = position.next();
            }
        }
        let log_id = self.shared.identity.log_id;
        let checkpoint = Checkpoint { log_id, position: last.last, chain: self.chain };
        self.shared.index.extend(&additions, checkpoint)?;
        *self.shared.head.lock() =
            Head { position: last.last, chain: self.chain, recorded_at: last.recorded_at };
        self.shared.durable.send_replace(last.last);
        let answers = self.shared.admission.lock().confirm(group);
        answer_all(answers, &Ok(()));
        tracing::trace!("a group of appends is durable");
        Ok(())
    }

    fn pack(&mut self, group: &[Queued]) -> Vec<EncodedFrame> {
        let mut frames = Vec::new();
        let mut open: Option<FrameBuilder> = None;
        let mut left: usize = group.iter().map(|queued| queued.settled.bytes.len()).sum();
        for queued in group {
            let fits = open.take_if(|frame| !frame.has_room_for(&queued.settled));
            if let Some(full) = fits {
                frames.push(self.close(full));
            }
            open.get_or_insert_with(|| FrameBuilder::new(queued.first, self.chain, left))
                .push(&queued.settled);
            left -= queued.settled.bytes.len();
        }
        if let Some(frame) = open {
            frames.push(self.close(frame));
        }
        frames
    }

    fn close(&mut self, frame: FrameBuilder) -> EncodedFrame {
        let frame = frame.finish();
        self.chain = frame.chain;
        frame
    }
}
