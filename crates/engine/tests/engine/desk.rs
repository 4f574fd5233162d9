//! An engine over a log in memory, with a small firm.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::directory::{AreaEntry, OutletEntry};
use domain::engineer::{DutySource, EngineerCommand, Profile};
use domain::ticket::TicketCommand;
use domain::{
    Actor, AreaId, Command, CommandId, EngineerId, Issuer, OutletId, Party, TicketId, Timestamp,
};
use engine::{Engine, Error, Options, Receipt, Submission};
use eventlog::{ManualClock, MemoryLog, MemoryOptions};

pub(crate) struct Desk {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) engine: Arc<Engine>,
    keys: AtomicU64,
}

pub(crate) fn outlet() -> OutletId {
    OutletId::from_code("pudong")
}

pub(crate) fn engineer(number: u128) -> EngineerId {
    EngineerId::from_u128(number)
}

pub(crate) fn ticket(number: u128) -> TicketId {
    TicketId::from_u128(number)
}

pub(crate) fn id(key: impl Into<String>) -> CommandId {
    CommandId { issuer: Issuer::Client("test".into()), key: key.into() }
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(&MemoryOptions::default())
    }

    pub(crate) fn with(options: &MemoryOptions) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_700_000_000)));
        let log = Arc::new(MemoryLog::with(clock.clone(), options).expect("a log in memory"));
        let engine = Arc::new(Engine::new(log.clone(), clock.clone(), Options::default()));
        Self { clock, log, engine, keys: AtomicU64::new(0) }
    }

    pub(crate) fn fresh_key(&self) -> String {
        self.keys.fetch_add(1, Ordering::Relaxed).to_string()
    }

    pub(crate) fn submission(&self, command: Command) -> Submission {
        Submission::live(id(self.fresh_key()), command, Actor::claimed(Party::Anonymous))
    }

    pub(crate) fn run(&self, command: Command) -> Result<Receipt, Error> {
        self.engine.begin(self.submission(command))?.wait()
    }

    pub(crate) fn on_ticket(
        &self,
        ticket: TicketId,
        command: impl Into<TicketCommand>,
    ) -> Result<Receipt, Error> {
        self.run(Command::Ticket(ticket, command.into()))
    }

    /// An outlet in an area, and so many engineers on duty with so many places each.
    pub(crate) fn staff(&self, engineers: u128, capacity: u16) {
        let area = AreaId::from_code("east");
        let entry = AreaEntry { name: "东区".into(), ..AreaEntry::default() };
        self.run(Command::Area(area, entry)).expect("an area");
        let entry =
            OutletEntry { name: "浦东".into(), area: Some(area), ..OutletEntry::default() };
        self.run(Command::Outlet(outlet(), entry)).expect("an outlet");
        for number in 1..=engineers {
            let profile =
                Profile { outlet: Some(outlet()), capacity: Some(capacity), ..Profile::default() };
            let engineer = engineer(number);
            self.run(Command::Engineer(engineer, EngineerCommand::Put(profile))).expect("an entry");
            let duty = EngineerCommand::StartDuty(DutySource::ByHand);
            self.run(Command::Engineer(engineer, duty)).expect("on duty");
        }
    }
}
