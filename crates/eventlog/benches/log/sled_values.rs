//! sled as it comes: a value per event under its position, and what really makes it durable.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::Failure;
use crate::bare_file::{HUNG_UP, event};
use crate::cell::Subject;

type Queued = (u64, oneshot::Sender<()>);

pub(crate) struct SledValues {
    queue: Sender<Queued>,
    writer: JoinHandle<Result<(), Failure>>,
}

impl SledValues {
    pub(crate) fn open(dir: &Path) -> Result<Self, Failure> {
        let db = sled::Config::new()
            .path(dir)
            .flush_every_ms(None)
            .mode(sled::Mode::HighThroughput)
            .open()?;
        let file = File::open(dir.join("db"))?;
        let (queue, queued) = channel();
        let writer = std::thread::spawn(move || write(&db, &file, &queued));
        Ok(Self { queue, writer })
    }
}

fn write(db: &sled::Db, file: &File, queued: &Receiver<Queued>) -> Result<(), Failure> {
    let mut answers = Vec::new();
    while let Ok(first) = queued.recv() {
        let mut batch = sled::Batch::default();
        for (number, answer) in std::iter::once(first).chain(queued.try_iter()) {
            batch.insert(&number.to_be_bytes(), event(number));
            answers.push(answer);
        }
        db.apply_batch(batch)?;
        db.flush()?;
        file.sync_data()?;
        for answer in answers.drain(..) {
            answer.send(()).map_err(|()| HUNG_UP)?;
        }
    }
    Ok(())
}

impl Subject for SledValues {
    type Pending = oneshot::Receiver<()>;

    fn submit(&mut self, number: u64) -> Result<Self::Pending, Failure> {
        let (answer, durable) = oneshot::channel();
        self.queue.send((number, answer)).map_err(|_| "the writer ended")?;
        Ok(durable)
    }

    fn wait(pending: Self::Pending) -> Result<(), Failure> {
        Ok(pending.blocking_recv()?)
    }

    fn close(self) -> Result<(), Failure> {
        drop(self.queue);
        self.writer.join().map_err(|_| "the writer panicked")?
    }
}
