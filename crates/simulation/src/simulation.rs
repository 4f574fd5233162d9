//! One seed: people act, dispatchers answer, time passes, things break. Each step is one message,
//! one tick or one wish, whatever is due first; after each step everything is looked at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dispatcher::{Action, Answer, Fault, Finding, Problem};
use domain::Timestamp;
use eventlog::MemoryLog;

use crate::chance::Chance;
use crate::firm::{Firm, Letter, Outcome, answer_of, submission_of};
use crate::node::Node;
use crate::people::People;
use crate::post::{Kind, Message, Post, Repair};
use crate::rest;
use crate::sabotage;
use crate::trouble::{Sabotage, Trouble};

/// Wishes of people in one run; each leads to some ten steps.
const WISHES: u32 = 75;
/// Storms with a calm after each.
const STORMS: u32 = 3;
/// Steps without any time passing; beyond it, something runs in a circle.
const STEPS_AT_ONCE_MAX: usize = 2_000;
/// No pause of a core is longer than this, however often the server refuses.
const LONGEST_PAUSE: Duration = Duration::from_secs(16 * 60 + 60);

/// Why a seed failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("seed {seed}, step {step}, {at}: {what}\nreplay it with: just simulate --seed {seed}")]
pub struct Failure {
    /// Which seed.
    pub seed: u64,
    /// After so many steps.
    pub step: usize,
    /// When, by the true time of the simulation.
    pub at: Timestamp,
    /// What went wrong.
    pub what: String,
}

/// What happened in a run, by name: faults as they fired, events as they were recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Story {
    /// How often.
    pub counts: BTreeMap<&'static str, u64>,
    /// Equal for runs in which the same was recorded at the same times.
    pub digest: u64,
}

impl Story {
    /// How often something happened.
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or_default()
    }

    /// Adds what happened in another run.
    pub fn add(&mut self, other: &Self) {
        for (name, count) in &other.counts {
            *self.counts.entry(name).or_default() += count;
        }
    }
}

/// How a seed is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// What is taken out.
    pub sabotage: Sabotage,
    /// Every step is written to the standard error.
    pub tell: bool,
}

/// Runs one seed to its end.
///
/// # Errors
/// The first thing that must not be.
pub fn run(seed: u64, options: Options) -> Result<Story, Failure> {
    play(seed, options).map(|(story, _)| story)
}

/// The same, with the log that it left.
///
/// # Errors
/// As [`run`].
pub fn play(seed: u64, options: Options) -> Result<(Story, Arc<MemoryLog>), Failure> {
    let mut chance = Chance::new(seed);
    let began = Firm::new(&mut chance).map_err(|violation| Failure {
        seed,
        step: 0,
        at: Timestamp::MIN,
        what: violation.to_string(),
    })?;
    let mut simulation = Simulation::new(began, chance, options);
    match simulation.whole_story() {
        Ok(()) => Ok((simulation.story, simulation.firm.log)),
        Err(Wrong(what)) => {
            Err(Failure { seed, step: simulation.steps, at: simulation.truth, what })
        }
    }
}

/// What went wrong, in words.
#[derive(Debug)]
pub(crate) struct Wrong(pub(crate) String);

impl<E: std::error::Error> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

pub(crate) struct Simulation {
    pub(crate) chance: Chance,
    pub(crate) firm: Firm,
    pub(crate) nodes: Vec<Node>,
    people: People,
    post: Post,
    trouble: Trouble,
    options: Options,
    /// The time that really is; clocks may show another.
    pub(crate) truth: Timestamp,
    /// Nothing goes wrong, and nobody wants anything.
    pub(crate) is_calm: bool,
    next_wish: Timestamp,
    /// Events that were handed to the post.
    published: usize,
    steps: usize,
    at_once: usize,
    /// Actions that dispatchers have sent.
    pub(crate) sent: usize,
    pub(crate) story: Story,
}

impl Simulation {
    fn new(firm: Firm, mut chance: Chance, options: Options) -> Self {
        let truth = firm.now();
        // Most often there is a second one that should not be there.
        let leaders = if chance.once_in(4) { 1 } else { 2 };
        Self {
            people: People::new(&mut chance),
            post: Post::default(),
            trouble: Trouble::new(&mut chance),
            nodes: (0..leaders).map(|_| Node::new()).collect(),
            chance,
            published: firm.history.len(),
            firm,
            options,
            truth,
            is_calm: false,
            next_wish: truth,
            steps: 0,
            at_once: 0,
            sent: 0,
            story: Story::default(),
        }
    }

    fn whole_story(&mut self) -> Result<(), Wrong> {
        for which in 0..self.nodes.len() {
            self.start(which)?;
        }
        for _ in 0..STORMS {
            self.is_calm = false;
            let wishes = self.story.count("wishes") + u64::from(WISHES / STORMS);
            while self.story.count("wishes") < wishes {
                self.step()?;
            }
            rest::calm_down(self)?;
        }
        rest::come_to_rest(self)?;
        self.story.digest = rest::digest(&self.firm.history);
        for event in &self.firm.history {
            *self.story.counts.entry(event.event.name()).or_default() += 1;
        }
        Ok(())
    }

    pub(crate) fn note(&mut self, what: &'static str) {
        *self.story.counts.entry(what).or_default() += 1;
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        if self.options.tell {
            eprintln!("{:>5} {} {}", self.steps, self.truth, what());
        }
    }

    /// When the next step is.
    pub(crate) fn next_step(&self) -> Option<Timestamp> {
        let hears_the_clock = self.options.sabotage != Sabotage::NoTimers;
        let ticks = self.nodes.iter().filter(|_| hears_the_clock).filter_map(Node::wakes);
        let wish = (!self.is_calm).then_some(self.next_wish);
        ticks.chain(self.post.next()).chain(wish).min().map(|at| at.max(self.truth))
    }

    pub(crate) fn awaits_post(&self) -> bool {
        self.post.next().is_some()
    }

    /// Lets time pass without anything to do in it.
    pub(crate) fn pass_to(&mut self, moment: Timestamp) {
        if moment > self.truth {
            self.firm.advance(moment.since(self.truth));
            self.truth = moment;
            self.at_once = 0;
        }
    }

    pub(crate) fn step(&mut self) -> Result<(), Wrong> {
        let Some(at) = self.next_step() else {
            return Err(Wrong("nothing is left to do".into()));
        };
        self.pass_to(at);
        self.steps += 1;
        self.at_once += 1;
        if self.at_once > STEPS_AT_ONCE_MAX {
            return Err(Wrong("the dispatchers do not come to rest".into()));
        }
        if self.post.next().is_some_and(|arrives| arrives <= at) {
            if let Some(message) = self.post.take() {
                self.deliver(message)?;
            }
        } else if let Some(which) = self.wakes_first(at) {
            let now = self.nodes[which].now(self.truth);
            let actions = self.nodes[which].core.on_tick(now);
            self.tell(|| format!("dispatcher {which} ticks"));
            self.send_all(which, actions);
        } else {
            self.somebody_acts();
        }
        self.look()
    }

    fn wakes_first(&self, at: Timestamp) -> Option<usize> {
        if self.options.sabotage == Sabotage::NoTimers {
            return None;
        }
        self.nodes.iter().position(|node| node.wakes().is_some_and(|wakes| wakes <= at))
    }

    /// What must hold after each step.
    fn look(&mut self) -> Result<(), Wrong> {
        self.firm.take_in()?;
        let to = self.firm.history.len();
        if to > self.published {
            let from = std::mem::replace(&mut self.published, to);
            for event in &self.firm.history[from..to] {
                self.tell(|| {
                    format!("  {} {} {:?}", event.stamp.position, event.stream, event.event)
                });
            }
            for (which, run, is_up) in self.runs() {
                if is_up {
                    self.send(Message::Events { which, run, from, to });
                }
            }
        }
        let truth = self.truth;
        let looked_at = |node: &&Node| node.is_up && node.confused_until <= truth;
        for node in self.nodes.iter().filter(looked_at) {
            let now = node.now(self.truth);
            let findings = node.core.audit(now, LONGEST_PAUSE);
            let soon = node.core.next_due().is_some_and(|due| due <= now.plus(LONGEST_PAUSE));
            if let Some(finding) = findings.iter().find(|finding| is_lost(finding, soon)) {
                let due = node.core.next_due();
                return Err(Wrong(format!(
                    "at {now}, next due {due:?}: nothing is done: {finding:?}"
                )));
            }
        }
        Ok(())
    }

    fn runs(&self) -> Vec<(usize, u32, bool)> {
        let run = |(which, node): (usize, &Node)| (which, node.run, node.is_up);
        self.nodes.iter().enumerate().map(run).collect()
    }

    /// Hands something to the post, where it may get lost, be late, or arrive twice.
    fn send(&mut self, message: Message) {
        let mut arrives = self.truth.plus(Duration::from_millis(5));
        if !self.is_calm {
            let trouble = self.trouble;
            let [lost, twice, late] = names(message.kind());
            if self.chance.percent(trouble.lost) {
                self.note(lost);
                // Who hears nothing for long asks again; nobody asks for a lost command or answer.
                if let Message::Events { which, run, .. } = message {
                    let quiet = Duration::from_secs(5 + self.chance.below(55));
                    self.post.send(self.truth.plus(quiet), Message::ReadAgain { which, run });
                }
                return;
            }
            if self.chance.percent(trouble.twice) {
                self.note(twice);
                let again = arrives.plus(Duration::from_millis(self.chance.below(200_000)));
                self.post.send(again, message.clone());
            }
            if self.chance.percent(trouble.late) {
                self.note(late);
                arrives = arrives.plus(Duration::from_millis(self.chance.below(300_000)));
            }
        }
        self.post.send(arrives, message);
    }

    fn send_all(&mut self, which: usize, actions: Vec<Action>) {
        let run = self.nodes[which].run;
        for action in actions {
            self.sent += 1;
            self.note("actions");
            self.send(Message::Command { which, run, action: Box::new(action) });
        }
    }

    fn deliver(&mut self, message: Message) -> Result<(), Wrong> {
        self.tell(|| format!("arrives: {message:?}"));
        match message {
            Message::Events { which, run, from, to } => {
                let cut = !self.is_calm && self.chance.percent(self.trouble.lost);
                let to = if cut { from + self.chance.index(to - from) } else { to };
                if cut {
                    self.note("appends cut in two");
                    let again = self.truth.plus(Duration::from_secs(30));
                    self.post.send(again, Message::ReadAgain { which, run });
                }
                self.hear(which, run, from, to)
            }
            Message::ReadAgain { which, run } => {
                let position = self.nodes[which].core.position();
                let from = usize::try_from(position.get()).expect("a small log");
                self.hear(which, run, from, self.firm.history.len())
            }
            Message::Command { which, run, action } => self.carry_out(which, run, *action),
            Message::Answer { which, run, id, answer } => {
                let node = &mut self.nodes[which];
                if node.is_up && node.run == run {
                    let now = node.now(self.truth);
                    node.core.on_answer(&id, &answer, now);
                }
                Ok(())
            }
            Message::Request(submission) => {
                let outcome = self.firm.take(Letter::Person, *submission);
                outcome.map_or(Ok(()), |outcome| self.answered(Letter::Person, outcome))
            }
            Message::Repair(repair) => self.repair(repair),
        }
    }

    /// A dispatcher is told these events.
    fn hear(&mut self, which: usize, run: u32, from: usize, to: usize) -> Result<(), Wrong> {
        for place in from..to {
            let node = &mut self.nodes[which];
            if !node.is_up || node.run != run {
                return Ok(());
            }
            let event = &self.firm.history[place];
            let misheard = match self.options.sabotage {
                Sabotage::HardOfHearing => sabotage::misheard(event),
                Sabotage::Blind => sabotage::unseen(event),
                _ => None,
            };
            let (now, before) = (node.now(self.truth), node.core.position());
            let heard = node.core.on_event(misheard.as_ref().unwrap_or(event), now);
            match heard {
                Ok(actions) => {
                    if node.core.position() == before {
                        self.note("events known already");
                    }
                    self.send_all(which, actions);
                }
                Err(Fault::Gap { expected, .. }) => {
                    let position = self.nodes[which].core.position();
                    if position != before || expected != before.next() {
                        return Err(Wrong(format!("a gap at {expected} changed {position}")));
                    }
                    self.note("gaps");
                    let again = self.truth.plus(Duration::from_millis(100));
                    self.post.send(again, Message::ReadAgain { which, run });
                    return Ok(());
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, which: usize, run: u32, action: Action) -> Result<(), Wrong> {
        let id = action.id.clone();
        if !self.is_calm && self.chance.percent(self.trouble.busy) {
            self.note("busy");
            self.send(Message::Answer { which, run, id, answer: Answer::NotTaken });
            return Ok(());
        }
        let letter = Letter::Dispatcher { which, run, id };
        let mut submission = submission_of(&action);
        match self.options.sabotage {
            Sabotage::NoGuard if sabotage::record_unasked(&mut self.firm, &submission) => {
                return Ok(());
            }
            Sabotage::NamesByChance => sabotage::rename(&mut submission, self.steps),
            _ => {}
        }
        let outcome = self.firm.take(letter.clone(), submission);
        outcome.map_or(Ok(()), |outcome| self.answered(letter, outcome))
    }

    fn answered(&mut self, letter: Letter, outcome: Outcome) -> Result<(), Wrong> {
        let answer = answer_of(outcome)?;
        self.tell(|| format!("  {letter:?}: {answer:?}"));
        let Letter::Dispatcher { which, run, id } = letter else { return Ok(()) };
        self.note(match answer {
            Answer::Done { .. } => "answered done",
            Answer::Nothing => "answered nothing",
            Answer::DecidedAlready => "answered decided already",
            Answer::Rejected(_) => "answered no",
            Answer::NotTaken => "answered not taken",
        });
        self.send(Message::Answer { which, run, id, answer });
        Ok(())
    }

    fn somebody_acts(&mut self) {
        if self.chance.percent(self.trouble.breaks) {
            self.something_breaks();
        }
        self.note("wishes");
        let (now, firm) = (self.firm.now(), &self.firm);
        let wish = self.people.next(&mut self.chance, now, |id| firm.see(id));
        let submission = self.firm.submission(wish.party, wish.command);
        self.send(Message::Request(Box::new(submission)));
        // Often at once, sometimes hours later.
        let pause = match self.chance.below(10) {
            0..=3 => self.chance.below(20),
            4..=8 => 20 + self.chance.below(900),
            _ => 900 + self.chance.below(4 * 3_600),
        };
        self.next_wish = self.truth.plus(Duration::from_secs(pause));
    }

    fn something_breaks(&mut self) {
        let which = self.chance.index(self.nodes.len());
        let mut after =
            |most: u64| self.truth.plus(Duration::from_secs(1 + self.chance.below(most)));
        match self.steps % 6 {
            0 => {
                let at = after(1_200);
                self.note("dispatcher crashes");
                self.nodes[which].crash();
                self.post.send(at, Message::Repair(Repair::Start { which }));
            }
            1 => {
                let until = after(600);
                self.note("dispatcher sleeps");
                self.nodes[which].asleep_until = until;
            }
            2 => {
                let at = after(7_200);
                self.note("dispatcher's clock jumps");
                let hours = 3 * 3_600_000_000;
                let jump = i64::try_from(self.chance.below(2 * hours)).expect("some hours");
                let ahead = jump - i64::try_from(hours).expect("some hours");
                self.nodes[which].set_clock(self.truth, ahead);
                self.post.send(at, Message::Repair(Repair::DispatcherClock { which }));
            }
            3 => {
                let at = after(3_600);
                self.note("server's clock jumps");
                let span = Duration::from_secs(self.chance.below(7_200));
                let now = self.firm.now();
                let is_ahead = self.chance.once_in(2);
                self.firm.clock.jump(if is_ahead { now.plus(span) } else { now.minus(span) });
                self.post.send(at, Message::Repair(Repair::ServerClock));
            }
            4 if !self.firm.is_held() => {
                let at = after(180);
                self.note("disk stands still");
                self.firm.hold();
                self.post.send(at, Message::Repair(Repair::Disk));
            }
            _ if !self.firm.is_held() => {
                self.note("server restarts");
                self.firm.restart();
            }
            _ => {}
        }
    }

    pub(crate) fn repair(&mut self, repair: Repair) -> Result<(), Wrong> {
        match repair {
            Repair::Start { which } if !self.nodes[which].is_up => self.start(which),
            Repair::Start { .. } => Ok(()),
            Repair::DispatcherClock { which } => {
                let ahead = self.firm.now().as_micros() - self.truth.as_micros();
                self.nodes[which].set_clock(self.truth, ahead);
                Ok(())
            }
            Repair::ServerClock => {
                self.firm.confirm_clock();
                Ok(())
            }
            Repair::Disk => {
                for (letter, outcome) in self.firm.release() {
                    self.answered(letter, outcome)?;
                }
                Ok(())
            }
        }
    }

    /// A dispatcher starts. What it reads may be a little behind.
    pub(crate) fn start(&mut self, which: usize) -> Result<(), Wrong> {
        let known = self.firm.history.len();
        let read = if self.is_calm { known } else { known - self.chance.index(known.min(4)) };
        let node = &mut self.nodes[which];
        let actions = node.start(&self.firm.history[..read], self.truth)?;
        let run = node.run;
        if read < known {
            let again = self.truth.plus(Duration::from_secs(10));
            self.post.send(again, Message::ReadAgain { which, run });
        }
        self.send_all(which, actions);
        Ok(())
    }
}

/// Nothing is due for it, or what is due was not done although the core has nothing else to do.
const fn is_lost(finding: &Finding, soon: bool) -> bool {
    match finding.problem {
        Problem::NoDueTime => true,
        Problem::Overdue { .. } | Problem::Unanswered { .. } => !soon,
    }
}

const fn names(kind: Kind) -> [&'static str; 3] {
    match kind {
        Kind::Events => ["events lost", "events twice", "events late"],
        Kind::Command => ["commands lost", "commands twice", "commands late"],
        Kind::Answer => ["answers lost", "answers twice", "answers late"],
        Kind::Request => ["requests lost", "requests twice", "requests late"],
    }
}
