//! The log itself, with all of its checks.

use std::path::Path;
use std::str::FromStr;
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

/// What the event has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing personal: an assignment.
    Plain,
    /// Words that are sealed: a note.
    Sealed,
}

impl FromStr for Kind {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        match text {
            "plain" => Ok(Self::Plain),
            "sealed" => Ok(Self::Sealed),
            _ => Err(format!("there is no kind {text}, only plain and sealed").into()),
        }
    }
}

pub(crate) struct Paidan {
    log: SledLog,
    kind: Kind,
    /// How many events of this kind are there already.
    before: u64,
}

impl Paidan {
    pub(crate) fn open(dir: &Path, kind: Kind) -> Result<Self, Failure> {
        let clock = Arc::new(SystemClock);
        let options = OpenOptions::new(dir, MasterKey::from_bytes([7; 32]), clock);
        let log = SledLog::open(&options)?.0;
        let before = log.head().position.get() - 1;
        Ok(Self { log, kind, before })
    }

    pub(crate) fn log(&self) -> &SledLog {
        &self.log
    }
}

/// The append with this number: event after event goes to the streams in turn.
fn append(log: &dyn EventLog, number: u64, kind: Kind) -> Append {
    let now = SystemClock.now();
    let stream = TicketId::from_u128(u128::from(number % STREAMS) + 1).into();
    let key = format!("{number:016}");
    let event: TicketEvent = if kind == Kind::Sealed {
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
        Ok(self.log.submit(append(&self.log, self.before + number, self.kind))?)
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
