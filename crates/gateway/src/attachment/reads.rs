//! Who opened which attachment, gathered in memory and recorded now and then, so that a gallery
//! that is looked through does not swamp the log.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use domain::attachment::{AttachmentCommand, Read};
use domain::limits::LIST_MAX;
use domain::{Actor, Command, CommandId, ContentHash, Issuer, Party, Timestamp};
use engine::{Error, Submission};
use parking_lot::Mutex;

use crate::Gateway;

/// What was opened since the last recording.
#[derive(Debug)]
pub(crate) struct Reads {
    readers_max: usize,
    gathered: Mutex<Gathered>,
}

#[derive(Debug, Default)]
struct Gathered {
    /// Parties by their text: they have no order of their own.
    readers: BTreeMap<ContentHash, BTreeMap<String, Read>>,
    count: usize,
    /// Not noted, because there were too many.
    lost: u64,
    /// Taken out, and not recorded yet. Repeated as they are: their ids are bound to them.
    pending: Vec<Recording>,
}

/// One command that records reads.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Recording {
    hash: ContentHash,
    key: String,
    reads: Vec<Read>,
}

impl Reads {
    pub(crate) fn new(readers_max: usize) -> Self {
        Self { readers_max, gathered: Mutex::default() }
    }

    /// Somebody opened an attachment. Whom the firm does not employ is not recorded.
    pub(super) fn note(&self, hash: ContentHash, by: Party, now: Timestamp) {
        if !works_here(by) {
            return;
        }
        let mut gathered = self.gathered.lock();
        let pending: usize = gathered.pending.iter().map(|recording| recording.reads.len()).sum();
        let full = gathered.count + pending >= self.readers_max;
        let reader = by.to_string();
        match gathered.readers.entry(hash).or_default().entry(reader) {
            Entry::Occupied(mut known) => {
                let read = known.get_mut();
                read.times = read.times.saturating_add(1);
                read.last_at = read.last_at.max(now);
            }
            Entry::Vacant(_) if full => gathered.lost += 1,
            Entry::Vacant(free) => {
                free.insert(Read { by, first_at: now, last_at: now, times: 1 });
                gathered.count += 1;
            }
        }
    }

    /// Readers that are not recorded yet.
    pub(crate) fn waiting(&self) -> usize {
        let gathered = self.gathered.lock();
        gathered.count + gathered.pending.iter().map(|pending| pending.reads.len()).sum::<usize>()
    }

    /// What is to be recorded now, the oldest first.
    fn take(&self) -> Vec<Recording> {
        let mut gathered = self.gathered.lock();
        let Gathered { readers, lost, mut pending, .. } = std::mem::take(&mut *gathered);
        if lost > 0 {
            tracing::warn!(
                lost,
                "more opened attachments than can be noted; some are not recorded"
            );
        }
        for (hash, readers) in readers {
            let reads: Vec<_> = readers.into_values().collect();
            for (place, reads) in reads.chunks(LIST_MAX).enumerate() {
                let first_at = reads.iter().map(|read| read.first_at).min().unwrap_or_default();
                let key = format!("reads/{hash}/{}/{place}", first_at.as_micros());
                pending.push(Recording { hash, key, reads: reads.to_vec() });
            }
        }
        pending
    }

    fn put_back(&self, recordings: Vec<Recording>) {
        let mut gathered = self.gathered.lock();
        gathered.pending.splice(0..0, recordings);
    }
}

const fn works_here(party: Party) -> bool {
    match party {
        Party::Engineer(_)
        | Party::Agent(_)
        | Party::Supervisor(_)
        | Party::Director(_)
        | Party::Administrator(_) => true,
        Party::Anonymous
        | Party::Customer(_)
        | Party::Dispatcher
        | Party::Gateway
        | Party::Import => false,
    }
}

impl Gateway {
    /// Records what was opened. What cannot be recorded now waits for the next time.
    pub async fn flush_reads(&self) {
        let recordings = self.reads.take();
        for place in 0..recordings.len() {
            let Recording { hash, ref key, ref reads } = recordings[place];
            let command = Command::Attachment(hash, AttachmentCommand::RecordReads(reads.clone()));
            let id = CommandId { issuer: Issuer::Gateway, key: key.clone() };
            let sent = Submission::live(id, command, Actor::system(Party::Gateway));
            match self.submit(sent).await {
                Ok(_) => {}
                Err(error @ (Error::Rejected(_) | Error::IdReused { .. })) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, attachment.hash = %hash, "reads cannot be recorded");
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "reads are recorded later");
                    return self.reads.put_back(recordings[place..].to_vec());
                }
            }
        }
    }
}

/// Records at the configured interval who opened what, until the gateway is closed. Whoever closes
/// it calls [`Gateway::flush_reads`] once the last request is answered.
pub async fn record_reads(gateway: Arc<Gateway>) {
    let mut closed = std::pin::pin!(gateway.closed());
    loop {
        let clock = &gateway.ports().clock;
        let next = clock.now().plus(gateway.config().attachments.reads_every);
        tokio::select! {
            () = &mut closed => return,
            () = clock.wait_until(next) => gateway.flush_reads().await,
        }
    }
}
