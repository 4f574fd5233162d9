//! The log in memory keeps every promise of the contract.

use std::sync::Arc;

use eventlog::conformance::Backend;
use eventlog::{EventLog, ManualClock, MemoryLog, MemoryOptions};

#[derive(Default)]
struct Memory {
    log: Option<Arc<MemoryLog>>,
}

impl Memory {
    fn log(&self) -> &MemoryLog {
        self.log.as_deref().expect("the check made one")
    }
}

impl Backend for Memory {
    fn fresh(&mut self, clock: ManualClock, queue_appends_max: usize) -> Arc<dyn EventLog> {
        let options = MemoryOptions { queue_appends_max, ..MemoryOptions::default() };
        let log = Arc::new(MemoryLog::with(Arc::new(clock), &options).expect("made"));
        self.log = Some(Arc::clone(&log));
        log
    }

    fn reopen(&mut self) -> Option<Arc<dyn EventLog>> {
        None
    }

    fn hold(&self) {
        self.log().hold();
    }

    fn release(&self) {
        self.log().release();
    }

    fn fail_sync(&self) {
        self.log().fail_sync();
    }
}

eventlog::conformance_tests!(Memory::default());
