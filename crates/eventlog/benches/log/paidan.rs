//! The log itself, with all of its checks.

use std::path::Path;
use std::sync::Arc;

use domain::ticket::TicketEvent;
use domain::ticket::event::{Assigned, Noted, Via};
use domain::{
    Actor, Candidate, CommandId, DispatchReason, EngineerId, EventId, Issuer, Origin, Party,
    Personal, Rule, RuleSetVersion, StaffId, StreamVersion, TicketId, Words,
};
use eventlog::keys::MasterKey;
use eventlog::{
    Append, AppendHeader, Clock, EventLog, Expected, NewEvent, OpenOptions, PendingAppend, SledLog,
    SystemClock,
};

use crate::Failure;
use crate::cell::Subject;

const STREAMS: u64 = 10_000;

pub(crate) struct Paidan {
    log: SledLog,
    sealed: bool,
}

impl Paidan {
    pub(crate) fn open(dir: &Path, sealed: bool) -> Result<Self, Failure> {
        let clock = Arc::new(SystemClock);
        let options = OpenOptions::new(dir, MasterKey::from_bytes([7; 32]), clock);
        Ok(Self { log: SledLog::open(&options)?.0, sealed })
    }
}

/// The append with this number: event after event goes to the streams in turn.
pub(crate) fn append(log: &dyn EventLog, number: u64, sealed: bool) -> Append {
    let now = SystemClock.now();
    let stream = TicketId::from_u128(u128::from(number % STREAMS) + 1).into();
    let key = format!("{number:016}");
    let event: TicketEvent = if sealed {
        let words = Personal::Known(Words::from("second visit tomorrow".to_owned()));
        Noted { attachments: Vec::new(), words }.into()
    } else {
        let engineer = EngineerId::from_u128(7);
        Assigned {
            number: 1,
            engineer,
            via: Via::Choice,
            due: now,
            reason: DispatchReason {
                rule: Rule::LeastLoaded,
                rule_set: RuleSetVersion::new(1),
                candidates: vec![Candidate { engineer, score: 3 }],
                candidates_total: 1,
                filtered: Vec::new(),
            },
        }
        .into()
    };
    Append {
        header: AppendHeader {
            fingerprint: log.fingerprint(key.as_bytes()),
            command: CommandId { issuer: Issuer::Client("bench".into()), key },
            actor: Actor::claimed(Party::Agent(StaffId::from_u128(9))),
            caused_by: None,
            origin: Origin::Live,
            basis: None,
        },
        expects: vec![Expected { stream, version: StreamVersion::new(number / STREAMS) }],
        events: vec![NewEvent {
            stream,
            id: EventId::from_u128(number.into()),
            occurred_at: now,
            subject: stream,
            event: event.into(),
        }],
        now,
    }
}

impl Subject for Paidan {
    type Pending = PendingAppend;

    fn submit(&mut self, number: u64) -> Result<PendingAppend, Failure> {
        Ok(self.log.submit(append(&self.log, number, self.sealed))?)
    }

    fn wait(pending: PendingAppend) -> Result<(), Failure> {
        pending.wait()?;
        Ok(())
    }

    fn close(self) -> Result<(), Failure> {
        self.log.close();
        Ok(())
    }
}
