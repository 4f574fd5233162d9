//! A log in memory, and the small firm of the examples.

use std::cell::Cell;
use std::sync::Arc;

use domain::{Actor, CommandId, GlobalPosition, Issuer, Party, StreamId};
use engine::Engine;
use eventlog::{Clock, EventLog, ManualClock, MemoryLog};
use sheets::{Fault, How, Report, Sender, SheetText};

pub(crate) const FIRM: [(&str, &str); 5] = [
    ("areas.csv", include_str!("../../../../docs/examples/firm/areas.csv")),
    ("outlets.csv", include_str!("../../../../docs/examples/firm/outlets.csv")),
    ("engineers.csv", include_str!("../../../../docs/examples/firm/engineers.csv")),
    ("customers.csv", include_str!("../../../../docs/examples/firm/customers.csv")),
    ("devices.csv", include_str!("../../../../docs/examples/firm/devices.csv")),
];

/// Entries of [`FIRM`].
pub(crate) const ENTRIES: u64 = 2 + 3 + 8 + 10 + 20;

pub(crate) const DRY: How = How { dry_run: true, skip_bad_lines: false };
pub(crate) const LOAD: How = How { dry_run: false, skip_bad_lines: false };
pub(crate) const SKIP: How = How { dry_run: false, skip_bad_lines: true };

/// The directory of a firm.
pub(crate) struct Directory {
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) engine: Arc<Engine>,
    run: Cell<u32>,
}

pub(crate) fn texts(files: &[(&str, &str)]) -> Vec<SheetText> {
    let text =
        |(name, text): &(&str, &str)| SheetText::decode(name, None, text.as_bytes()).expect("text");
    files.iter().map(text).collect()
}

impl Directory {
    pub(crate) fn empty() -> Self {
        let clock: Arc<dyn Clock> =
            Arc::new(ManualClock::new("2026-03-02T00:00:00Z".parse().expect("a moment")));
        let log = Arc::new(MemoryLog::new(Arc::clone(&clock)).expect("a log"));
        let engine =
            Engine::new(Arc::clone(&log) as Arc<dyn EventLog>, clock, engine::Options::default());
        Self { log, engine: Arc::new(engine), run: Cell::new(0) }
    }

    pub(crate) fn of_the_firm() -> Self {
        let directory = Self::empty();
        assert_eq!(directory.load(&FIRM, LOAD).recorded, ENTRIES);
        directory
    }

    /// A run of its own.
    pub(crate) fn load(&self, files: &[(&str, &str)], how: How) -> Report {
        self.run.set(self.run.get() + 1);
        self.load_as(&self.run.get().to_string(), &texts(files), how)
    }

    /// A run under this name.
    pub(crate) fn load_as(&self, run: &str, texts: &[SheetText], how: How) -> Report {
        let command_id = |entry: StreamId| CommandId {
            issuer: Issuer::Import("directory".into()),
            key: format!("{run}/{entry}"),
        };
        let sender = Sender { actor: Actor::system(Party::Import), command_id: &command_id };
        sheets::load(&self.engine, texts, how, sender, &mut |_, _| {}).expect("loaded")
    }

    pub(crate) fn head(&self) -> GlobalPosition {
        self.log.head().position
    }
}

/// `line column message` of each error.
pub(crate) fn told(errors: &[Fault]) -> Vec<String> {
    let one = |fault: &Fault| {
        let Fault { line, column, message, message_zh, .. } = fault;
        assert!(!message_zh.is_ascii(), "{message_zh}");
        let line = line.map_or_else(|| "-".to_owned(), |line| line.to_string());
        format!("{line} {} {message}", column.as_deref().unwrap_or("-"))
    };
    errors.iter().map(one).collect()
}

/// Which entries are added and changed, in any order.
pub(crate) fn changed(report: &Report) -> Vec<String> {
    let mut changed: Vec<_> =
        report.changes.iter().map(|change| format!("{:?} {}", change.outcome, change.id)).collect();
    changed.sort();
    changed
}
