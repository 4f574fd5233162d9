//! An invented day: the real engine and the real dispatcher on any log, people drawn from a seed, and a
//! clock that only the day moves.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use dispatcher::{Action, Answer, Dispatcher};
use domain::engineer::{DutySource, EngineerCommand, Profile};
use domain::rules::Rules;
use domain::ticket::{
    Accept, Arrive, Assign, Confirm, Create, Decline, Depart, QueueRole, Reject, Resolve,
    TicketCommand, TicketEvent,
};
use domain::{Actor, Command, CommandId, EngineerId, Event, Issuer, Party, TicketId, Timestamp};
use engine::{Engine, Error, Submission};
use eventlog::{Clock as _, DecisionBasis, EventLog, ManualClock};

/// Chance from a seed: splitmix64.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }

    /// A span with about this mean in minutes, most often shorter and at most ten times that.
    fn exponential(&mut self, mean: u64) -> Duration {
        let even = self.below(1_000_000) as f64 / 1_000_000.0;
        let minutes = (-(1.0 - even).ln() * mean as f64).min(mean as f64 * 10.0);
        Duration::from_secs_f64(minutes * 60.0)
    }
}

/// How people are. Means of exponential distributions are in minutes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct People {
    /// Of a hundred assignments so many are let pass.
    pub(crate) ignored: u64,
    /// Of a hundred assignments so many are declined.
    pub(crate) declined: u64,
    /// Until somebody accepts.
    pub(crate) accepts: u64,
    /// From arrival to 完工.
    pub(crate) resolves: u64,
    /// Until a supervisor gives what is queued to somebody.
    pub(crate) supervises: u64,
    /// Of a hundred customers so many say 未解决; half of the others say that they are satisfied.
    pub(crate) rejects: u64,
}

enum Doing {
    Of(TicketId, Box<TicketCommand>),
    Supervise(TicketId),
}

/// The day.
pub(crate) struct Day {
    clock: ManualClock,
    log: Arc<dyn EventLog>,
    engine: Engine,
    core: Dispatcher,
    people: People,
    chance: Chance,
    engineers: Vec<EngineerId>,
    agenda: BTreeMap<(Timestamp, u64), Doing>,
    entered: u64,
    sent: u64,
}

impl Day {
    /// A day on an empty log whose clock this is.
    pub(crate) fn new(
        log: Arc<dyn EventLog>,
        clock: ManualClock,
        people: People,
        seed: u64,
    ) -> Self {
        let engine =
            Engine::new(Arc::clone(&log), Arc::new(clock.clone()), engine::Options::default());
        Self {
            clock,
            log,
            engine,
            core: Dispatcher::new(),
            people,
            chance: Chance(seed),
            engineers: Vec::new(),
            agenda: BTreeMap::new(),
            entered: 0,
            sent: 0,
        }
    }

    /// Enters something into the directory, or publishes rules.
    pub(crate) fn put(&mut self, command: Command) {
        self.send(Party::Gateway, command).expect("it is taken");
    }

    /// Publishes these rules.
    pub(crate) fn publish(&mut self, rules: Rules) {
        self.put(Command::PublishRules(rules));
    }

    /// An engineer who is always on duty.
    pub(crate) fn engineer(&mut self, profile: Profile) -> EngineerId {
        let id = EngineerId::from_u128(self.engineers.len() as u128 + 1);
        self.put(Command::Engineer(id, EngineerCommand::Put(profile)));
        self.put(Command::Engineer(id, EngineerCommand::StartDuty(DutySource::ByHand)));
        self.engineers.push(id);
        id
    }

    /// Somebody reports something then.
    pub(crate) fn report(&mut self, at: Timestamp, create: Create) -> TicketId {
        let id = TicketId::from_u128(u128::from(self.entered) + 1);
        self.at(at, of(id, create));
        id
    }

    /// Somebody asks something of a ticket then.
    pub(crate) fn ask(
        &mut self,
        at: Timestamp,
        ticket: TicketId,
        command: impl Into<TicketCommand>,
    ) {
        self.at(at, of(ticket, command));
    }

    /// Until this moment everything happens that is due.
    pub(crate) fn pass_until(&mut self, end: Timestamp) {
        self.hear();
        loop {
            let next = self.agenda.first_key_value().map(|((at, _), _)| *at);
            let due = self.core.next_due();
            let Some(at) = [next, due].into_iter().flatten().min().filter(|at| *at <= end) else {
                break;
            };
            self.clock.set(at);
            if next.is_some_and(|next| next <= self.clock.now()) {
                let (_, doing) = self.agenda.pop_first().expect("there is one");
                self.act(doing);
            } else {
                let actions = self.core.on_tick(self.clock.now());
                self.carry_out(actions.into());
            }
            self.hear();
        }
        self.clock.set(end);
    }

    fn at(&mut self, at: Timestamp, doing: Doing) {
        self.entered += 1;
        self.agenda.insert((at, self.entered), doing);
    }

    fn after(&mut self, mean: u64, doing: Doing) {
        let at = self.clock.now().plus(self.chance.exponential(mean));
        self.at(at, doing);
    }

    fn send(&mut self, party: Party, command: Command) -> Result<engine::Receipt, Error> {
        self.sent += 1;
        let id = CommandId { issuer: Issuer::Client("day".into()), key: self.sent.to_string() };
        let submission = Submission::live(id, command, Actor::system(party));
        self.engine.begin(submission)?.wait()
    }

    fn act(&mut self, doing: Doing) {
        match doing {
            // Whoever comes too late is refused.
            Doing::Of(id, command) => {
                drop(self.send(Party::Anonymous, Command::Ticket(id, *command)));
            }
            Doing::Supervise(id) => {
                let first = self.chance.below(self.engineers.len() as u64);
                for place in 0..5 {
                    let index = (first + place) % self.engineers.len() as u64;
                    let engineer = Some(self.engineers[usize::try_from(index).expect("small")]);
                    let assign = Assign { engineer, ..Assign::default() };
                    if self.send(Party::Anonymous, Command::Ticket(id, assign.into())).is_ok() {
                        break;
                    }
                }
            }
        }
    }

    /// Reads what is new: people and the dispatcher hear it.
    fn hear(&mut self) {
        loop {
            let events = self.log.read(self.core.position(), 100).expect("it can be read");
            if events.is_empty() {
                return;
            }
            for recorded in events {
                if let (Some(id), Event::Ticket(event)) =
                    (recorded.stream.ticket(), &recorded.event)
                {
                    self.people_hear(id, &event.clone());
                }
                // A real one needs some milliseconds.
                self.clock.advance(Duration::from_millis(2));
                let event = trial::feed_event(recorded);
                let actions = self.core.on_event(&event, self.clock.now()).expect("it follows");
                self.carry_out(actions.into());
            }
        }
    }

    fn carry_out(&mut self, actions: VecDeque<Action>) {
        for action in actions {
            let basis = DecisionBasis {
                position: action.basis.position,
                decided_at: action.basis.decided_at,
                rule_set: action.basis.rule_set,
                core_version: action.basis.core_version,
            };
            let submission = Submission {
                caused_by: action.caused_by,
                basis: Some(basis),
                ..Submission::live(
                    action.id.clone(),
                    action.command,
                    Actor::system(Party::Dispatcher),
                )
            };
            let outcome = self.engine.begin(submission).and_then(engine::Pending::wait);
            let answer = match outcome {
                Ok(engine::Receipt { recorded_at: Some(_), position, .. }) => {
                    Answer::Done { position }
                }
                Ok(_) => Answer::Nothing,
                Err(Error::Rejected(why)) => Answer::Rejected((&why.rejection).into()),
                Err(error) => panic!("{error}"),
            };
            self.core.on_answer(&action.id, &answer, self.clock.now());
        }
    }

    fn people_hear(&mut self, id: TicketId, event: &TicketEvent) {
        let People { ignored, declined, accepts, resolves, supervises, rejects } = self.people;
        match event {
            TicketEvent::Assigned(it) => {
                let engineer = Some(it.engineer);
                match self.chance.below(100) {
                    draw if draw < ignored => {}
                    draw if draw < ignored + declined => {
                        let decline = Decline { engineer, words: "去不了".into() };
                        self.after(4, of(id, decline));
                    }
                    _ => self.after(accepts, of(id, Accept { engineer })),
                }
            }
            TicketEvent::Accepted(it) => {
                let engineer = Some(it.engineer);
                self.after(3, of(id, Depart { engineer }));
            }
            TicketEvent::Departed(_) => {
                self.after(15, of(id, Arrive { engineer: None }));
            }
            TicketEvent::Arrived(_) => self.after(resolves, of(id, Resolve::default())),
            TicketEvent::Resolved(_) if rejects > 0 => match self.chance.below(100) {
                draw if draw < rejects => self.after(20, of(id, Reject::default())),
                draw if draw % 2 == 0 => self.after(20, of(id, Confirm::default())),
                _ => {}
            },
            TicketEvent::Queued(it) if it.entry.role == QueueRole::Supervisor => {
                self.after(supervises, Doing::Supervise(id));
            }
            _ => {}
        }
    }
}

fn of(id: TicketId, command: impl Into<TicketCommand>) -> Doing {
    Doing::Of(id, Box::new(command.into()))
}
