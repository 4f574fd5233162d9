//! The limit: events one after the other in a file, synced once for all that wait.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::Failure;
use crate::cell::Subject;

/// About the size of a stored event with its share of the append's header.
const EVENT_BYTES: usize = 270;

/// Nobody does while it is measured.
pub(crate) const HUNG_UP: &str = "who waits hung up";

type Queued = (Vec<u8>, oneshot::Sender<()>);

pub(crate) struct BareFile {
    queue: Sender<Queued>,
    writer: JoinHandle<std::io::Result<()>>,
}

impl BareFile {
    pub(crate) fn open(dir: &Path) -> Result<Self, Failure> {
        let file = File::create(dir.join("events"))?;
        let (queue, queued) = channel();
        let writer = std::thread::spawn(move || write(file, &queued));
        Ok(Self { queue, writer })
    }
}

fn write(mut file: File, queued: &Receiver<Queued>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut answers = Vec::new();
    while let Ok(first) = queued.recv() {
        for (event, answer) in std::iter::once(first).chain(queued.try_iter()) {
            bytes.extend_from_slice(&event);
            answers.push(answer);
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
        bytes.clear();
        for answer in answers.drain(..) {
            answer.send(()).map_err(|()| std::io::Error::other(HUNG_UP))?;
        }
    }
    Ok(())
}

impl Subject for BareFile {
    type Pending = oneshot::Receiver<()>;

    fn submit(&mut self, number: u64) -> Result<Self::Pending, Failure> {
        let (answer, durable) = oneshot::channel();
        self.queue.send((event(number), answer)).map_err(|_| "the writer ended")?;
        Ok(durable)
    }

    fn wait(pending: Self::Pending) -> Result<(), Failure> {
        Ok(pending.blocking_recv()?)
    }

    fn close(self) -> Result<(), Failure> {
        drop(self.queue);
        self.writer.join().map_err(|_| "the writer panicked")??;
        Ok(())
    }
}

/// Bytes that differ from event to event.
pub(crate) fn event(number: u64) -> Vec<u8> {
    let mut bytes = vec![b'.'; EVENT_BYTES];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes
}
