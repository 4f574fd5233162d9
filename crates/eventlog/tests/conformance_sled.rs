//! The log on disk keeps every promise of the contract.

mod support;

use std::sync::Arc;

use eventlog::conformance::Backend;
use eventlog::{EventLog, ManualClock, OpenOptions, SledLog};
use support::GatedSync;

struct OnDisk {
    dir: tempfile::TempDir,
    sync: Arc<GatedSync>,
    options: Option<OpenOptions>,
}

impl OnDisk {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        Self { dir, sync: GatedSync::new(), options: None }
    }
}

impl Backend for OnDisk {
    fn fresh(&mut self, clock: ManualClock, queue_appends_max: usize) -> Arc<dyn EventLog> {
        let mut options = support::options(self.dir.path());
        options.clock = Arc::new(clock);
        options.queue_appends_max = queue_appends_max;
        options.sync = self.sync.clone();
        let (log, _) = SledLog::open(&options).expect("opens");
        self.options = Some(options);
        Arc::new(log)
    }

    fn reopen(&mut self) -> Option<Arc<dyn EventLog>> {
        self.sync.release();
        let options = self.options.as_ref().expect("the check made one");
        Some(Arc::new(SledLog::open(options).expect("opens again").0))
    }

    fn hold(&self) {
        self.sync.hold();
    }

    fn release(&self) {
        self.sync.release();
    }

    fn fail_sync(&self) {
        self.sync.fail();
    }
}

eventlog::conformance_tests!(OnDisk::new());
