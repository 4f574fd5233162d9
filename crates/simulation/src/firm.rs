//! The firm's side of the wire: the real engine on the log in memory, under a clock that only the
//! simulation moves; everything it records is checked at once.

use std::sync::Arc;
use std::time::Duration;

use dispatcher::{Action, Answer, FeedEvent};
use domain::directory::{AreaEntry, DeviceEntry, OutletEntry};
use domain::engineer::{DutySource, EngineerCommand};
use domain::rules::{Cel, Condition, DispatchBy, RuleException, Rules, Test};
use domain::ticket::{QueueRole, Ticket};
use domain::{
    Actor, AreaId, Command, CommandId, DeviceId, EngineerId, GlobalPosition, Issuer, OutletId,
    Party, ServiceHours, Span, Stamp, TicketId, Timestamp,
};
use engine::{Engine, Error, Options, Pending, Receipt, Submission};
use eventlog::{
    Clock, DecisionBasis, EventLog, ManualClock, MemoryLog, MemoryOptions, RecordedEvent,
};
use futures_util::FutureExt as _;

use crate::chance::Chance;
use crate::checker::{Checker, Violation};
use crate::people;

pub(crate) const AREA: AreaId = AreaId::from_u128(1);
pub(crate) const HERE: OutletId = OutletId::from_u128(1);
pub(crate) const NEXT_DOOR: OutletId = OutletId::from_u128(2);
pub(crate) const FAR: OutletId = OutletId::from_u128(3);
pub(crate) const ENGINEERS: u32 = 6;
pub(crate) const DEVICES: u64 = 3;

/// Monday morning in Shanghai.
const BEGIN: &str = "2026-03-02T09:00:00+08:00";

/// What came of a command.
pub(crate) type Outcome = Result<Receipt, Error>;

/// The server: one engine, one log.
pub(crate) struct Firm {
    pub(crate) clock: ManualClock,
    pub(crate) log: Arc<MemoryLog>,
    engine: Engine,
    /// Everything durable, as dispatchers read it.
    pub(crate) history: Vec<FeedEvent>,
    pub(crate) checker: Checker,
    /// Decided and not durable yet, oldest first.
    waiting: Vec<(Letter, Pending)>,
    is_held: bool,
    keys: u64,
}

/// Who waits for an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Letter {
    /// A person, who looks at the screen and sees.
    Person,
    /// This run of this dispatcher, which sent this.
    Dispatcher { which: usize, run: u32, id: CommandId },
}

impl Firm {
    pub(crate) fn new(chance: &mut Chance) -> Result<Self, Violation> {
        let clock = ManualClock::new(BEGIN.parse().expect("a moment"));
        let options = MemoryOptions { log_id: Some(1), ..MemoryOptions::default() };
        let log = MemoryLog::with(Arc::new(clock.clone()), &options).expect("randomness");
        let log = Arc::new(log);
        let mut firm = Self {
            engine: Self::engine(&log, &clock),
            clock,
            log,
            history: Vec::new(),
            checker: Checker::default(),
            waiting: Vec::new(),
            is_held: false,
            keys: 0,
        };
        firm.set_up(chance);
        firm.take_in()?;
        Ok(firm)
    }

    fn engine(log: &Arc<MemoryLog>, clock: &ManualClock) -> Engine {
        let log: Arc<dyn EventLog> = Arc::<MemoryLog>::clone(log);
        Engine::new(log, Arc::new(clock.clone()), Options::default())
    }

    fn set_up(&mut self, chance: &mut Chance) {
        let engineers_min = u16::try_from(chance.below(4)).ok();
        let area = AreaEntry { name: "片区".into(), engineers_min, ..AreaEntry::default() };
        self.must(Command::Area(AREA, area));
        let hours = "Mon-Sun 08:00-20:00".parse().expect("hours");
        let hours = ServiceHours::new("Asia/Shanghai", hours, Vec::new()).expect("hours");
        for (outlet, area) in [(HERE, Some(AREA)), (NEXT_DOOR, Some(AREA)), (FAR, None)] {
            let hours = chance.once_in(2).then(|| hours.clone());
            let entry =
                OutletEntry { name: "网点".into(), area, hours, ..OutletEntry::default() };
            self.must(Command::Outlet(outlet, entry));
        }
        for device in 1..=u128::from(DEVICES) {
            self.must(Command::Device(DeviceId::from_u128(device), DeviceEntry::default()));
        }
        for number in 1..=u128::from(ENGINEERS) {
            let (id, profile) = (EngineerId::from_u128(number), people::profile(chance));
            self.must(Command::Engineer(id, EngineerCommand::Put(profile)));
            if chance.once_in(2) {
                let duty = EngineerCommand::StartDuty(DutySource::ByHand);
                self.must(Command::Engineer(id, duty));
            }
            if chance.once_in(2) {
                self.must(Command::Engineer(id, EngineerCommand::GoOnline));
            }
        }
        let mut rules = Rules::default();
        rules.accept.redispatches_max = u32::try_from(chance.below(3)).expect("a few");
        rules.exceptions.extend(other_way(chance));
        self.must(Command::PublishRules(rules));
    }

    fn must(&mut self, command: Command) {
        let submission = self.submission(Party::Gateway, command);
        let pending = self.engine.begin(submission).expect("taken");
        pending.durable().now_or_never().expect("nothing is held").expect("taken");
    }

    /// What the server's clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn head(&self) -> GlobalPosition {
        GlobalPosition::new(self.history.len() as u64)
    }

    pub(crate) fn see(&self, id: TicketId) -> Option<Arc<Ticket>> {
        self.engine.ticket(id).ok().flatten().map(|(_, ticket)| ticket)
    }

    pub(crate) fn submission(&mut self, party: Party, command: Command) -> Submission {
        self.keys += 1;
        let issuer = Issuer::Client("people".into());
        let id = CommandId { issuer, key: self.keys.to_string() };
        Submission::live(id, command, Actor::system(party))
    }

    /// Takes a command. Nothing: it is decided, and the outcome comes with [`Firm::release`].
    pub(crate) fn take(&mut self, from: Letter, submission: Submission) -> Option<Outcome> {
        let pending = match self.engine.begin(submission) {
            Ok(pending) => pending,
            Err(error) => return Some(Err(error)),
        };
        if self.is_held {
            self.waiting.push((from, pending));
            return None;
        }
        Some(pending.durable().now_or_never().expect("the log in memory stores at once"))
    }

    pub(crate) const fn is_held(&self) -> bool {
        self.is_held
    }

    /// Nothing becomes durable from here on.
    pub(crate) fn hold(&mut self) {
        self.log.hold();
        self.is_held = true;
    }

    /// What was held becomes durable, and is answered.
    pub(crate) fn release(&mut self) -> Vec<(Letter, Outcome)> {
        self.log.release();
        self.is_held = false;
        let outcome = |pending: Pending| pending.durable().now_or_never().expect("durable by now");
        std::mem::take(&mut self.waiting)
            .into_iter()
            .map(|(letter, pending)| (letter, outcome(pending)))
            .collect()
    }

    /// The engine is lost, and a new one reads what it needs from the log. Only while nothing is
    /// held: what is not durable would be lost with it.
    pub(crate) fn restart(&mut self) {
        assert!(!self.is_held, "a restart loses what is held");
        self.engine = Self::engine(&self.log, &self.clock);
    }

    /// Reads what became durable; says how much there was.
    pub(crate) fn take_in(&mut self) -> Result<usize, Violation> {
        let events = self.log.read(self.head(), usize::MAX).expect("memory can be read");
        self.checker.read(&events)?;
        let count = events.len();
        self.history.extend(events.into_iter().map(feed_event));
        Ok(count)
    }

    /// Lets the server believe its clock, whatever it shows.
    pub(crate) fn confirm_clock(&self) {
        self.log.confirm_clock();
    }

    pub(crate) fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }
}

/// What some firms do otherwise with some tickets.
fn other_way(chance: &mut Chance) -> Option<RuleException> {
    let area = Condition::Is(Test::AreaIn(vec![AREA]));
    let important = Condition::Is(Test::Cel(Cel::new("priority >= high || hour < 8")));
    let by = |dispatch_by, when| RuleException { dispatch_by, ..RuleException::of(when) };
    match chance.below(6) {
        0 => Some(by(Some(DispatchBy::Offer), area)),
        1 => Some(RuleException {
            queue_path: Some(vec![QueueRole::Deputy, QueueRole::Director]),
            ..by(Some(DispatchBy::Approval), important)
        }),
        2 => Some(RuleException {
            accept_within: Some(Span::minutes(10)),
            ..RuleException::of(important)
        }),
        _ => None,
    }
}

fn feed_event(recorded: RecordedEvent) -> FeedEvent {
    FeedEvent {
        stream: recorded.stream,
        stamp: Stamp {
            position: recorded.position,
            version: recorded.version,
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
        },
        origin: recorded.header.origin,
        event: recorded.event,
    }
}

/// An action as the server takes it.
pub(crate) fn submission_of(action: &Action) -> Submission {
    let basis = DecisionBasis {
        position: action.basis.position,
        decided_at: action.basis.decided_at,
        rule_set: action.basis.rule_set,
        core_version: action.basis.core_version,
    };
    Submission {
        caused_by: action.caused_by,
        basis: Some(basis),
        ..Submission::live(
            action.id.clone(),
            action.command.clone(),
            Actor::system(Party::Dispatcher),
        )
    }
}

/// An outcome as a dispatcher is told it. Busy is answered as a driver that has tried long enough
/// answers it.
pub(crate) fn answer_of(outcome: Outcome) -> Result<Answer, Error> {
    match outcome {
        Ok(Receipt { recorded_at: Some(_), position, .. }) => Ok(Answer::Done { position }),
        Ok(_) => Ok(Answer::Nothing),
        Err(Error::Rejected(rejected)) => Ok(Answer::Rejected((&rejected.rejection).into())),
        Err(Error::IdReused { .. }) => Ok(Answer::DecidedAlready),
        Err(Error::Busy | Error::Log(eventlog::SubmitError::ClockJumped { .. })) => {
            Ok(Answer::NotTaken)
        }
        Err(error) => Err(error),
    }
}
