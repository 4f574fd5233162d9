//! What engineers do: they accept, ignore or decline by habit, work off one job after the other
//! within their roster, hold, return, pass on, and type little.

use std::time::Duration;

use domain::ticket::{
    Accept, AcceptTransfer, AddHelper, Appoint, Arrive, Decline, Depart, Hold, HoldReason, Note,
    Part, PhaseName, ResolutionMethod, Resolve, Resume, Return, TicketCommand, Transfer,
};
use domain::{Coordinates, EngineerId, Party, Timestamp, Zone};

use super::{Case, Story, in_state};
use crate::act::Expects;
use crate::dice::{Dice, Draw};
use crate::local::{Day, ZONE};
use crate::seen::Assigned;
use crate::words;

/// How somebody answers an assignment.
#[derive(Debug, Clone, Copy)]
struct Habit {
    /// Accepts within so many minutes.
    accepts_within: (u64, u64),
    /// Of a hundred: does not look at the phone.
    ignores: u64,
    /// Of a hundred: says no.
    declines: u64,
}

const HABITS: [Habit; 4] = [
    Habit { accepts_within: (1, 9), ignores: 5, declines: 2 },
    Habit { accepts_within: (2, 22), ignores: 13, declines: 4 },
    Habit { accepts_within: (8, 36), ignores: 26, declines: 5 },
    Habit { accepts_within: (3, 25), ignores: 34, declines: 24 },
];

/// An engineer, as the story knows them.
#[derive(Debug)]
pub(super) struct Worker {
    habit: Habit,
    pub(super) tells_presence: bool,
    pub(super) looks_until: Option<Timestamp>,
    /// What was accepted so far is done by then.
    free_at: Timestamp,
    pub(super) away: Option<(Timestamp, Timestamp)>,
}

impl Worker {
    pub(super) fn new(dice: Dice, index: usize) -> Self {
        let mut draw = dice.draw("habit", &[index as u64]);
        let habit = match draw.below(100) {
            0..42 => HABITS[0],
            42..76 => HABITS[1],
            76..92 => HABITS[2],
            _ => HABITS[3],
        };
        Self {
            habit,
            tells_presence: draw.percent(50),
            looks_until: None,
            free_at: Timestamp::MIN,
            away: None,
        }
    }
}

const fn still_mine(number: u32) -> Expects {
    Expects { assignment: Some(number), state: None }
}

impl Story {
    pub(super) fn worker(&mut self, engineer: EngineerId) -> Option<&mut Worker> {
        let index = self.firm.engineer(engineer)?;
        self.workers.get_mut(index)
    }

    /// This moment, or a little after the next beginning of the engineer's roster.
    fn at_work(&self, engineer: EngineerId, at: Timestamp, draw: &mut Draw) -> Timestamp {
        self.at_work_after(engineer, at, Duration::ZERO, draw)
    }

    /// The same, for somebody who stays so long after the end of the roster.
    fn at_work_after(
        &self,
        engineer: EngineerId,
        mut at: Timestamp,
        overtime: Duration,
        draw: &mut Draw,
    ) -> Timestamp {
        const TURNS_MAX: usize = 12;
        let Some(index) = self.firm.engineer(engineer) else { return at };
        let roster = &self.firm.engineers[index].entry.roster;
        let zone = Zone::or_utc(ZONE);
        for _ in 0..TURNS_MAX {
            let away = self.workers[index].away.filter(|(from, until)| *from <= at && at < *until);
            if let Some((_, until)) = away {
                at = until;
            } else if roster.is_open_in(&zone, at) || roster.is_open_in(&zone, at.minus(overtime)) {
                break;
            } else {
                let Some(begin) = roster.next_change(&zone, at) else { break };
                at = begin.plus(draw.minutes(2, 25));
            }
        }
        at
    }

    /// An engineer presses a button, with the phone in hand.
    fn does(
        &mut self,
        at: Timestamp,
        now: Timestamp,
        case: &Case,
        engineer: EngineerId,
        command: impl Into<TicketCommand>,
        expects: Expects,
    ) {
        let command = command.into();
        let place = matches!(command, TicketCommand::Arrive(_)).then(|| self.place_of(case));
        self.plan_phone(at, now, engineer, place.flatten());
        self.press_if(at, now, case, Party::Engineer(engineer), command, expects);
    }

    fn place_of(&self, case: &Case) -> Option<Coordinates> {
        let of_device = case.device.and_then(|index| self.firm.devices[index].entry.position);
        let of_customer = || self.firm.customers[case.customer?].entry.position;
        of_device.or_else(of_customer)
    }

    pub(super) fn on_assigned(&mut self, case: &Case, assigned: Assigned, now: Timestamp) {
        let Assigned { number, engineer } = assigned;
        let mut draw = self.draw("assigned", case, number.into());
        let Some(habit) = self.worker(engineer).map(|worker| worker.habit) else { return };
        if draw.percent(habit.ignores) {
            return;
        }
        let (from, until) = if case.urgent { (1, 6) } else { habit.accepts_within };
        let soon = now.plus(draw.minutes_soon(from, until));
        let at = if case.urgent { soon } else { self.at_work(engineer, soon, &mut draw) };
        let expects = Expects { assignment: Some(number), state: Some(PhaseName::Assigned) };
        if draw.percent(habit.declines) {
            let words = draw.words(words::DECLINES).to_owned();
            self.does(at, now, case, engineer, Decline { words, ..Decline::default() }, expects);
        } else {
            self.does(at, now, case, engineer, Accept::default(), expects);
        }
    }

    pub(super) fn on_offered(
        &mut self,
        case: &Case,
        number: u32,
        engineers: &[EngineerId],
        now: Timestamp,
    ) {
        for (rank, engineer) in engineers.iter().enumerate() {
            let mut draw = self.dice.draw("offered", &[case.nth, number.into(), rank as u64]);
            let at = now.plus(draw.minutes(1, 20));
            let expects = in_state(PhaseName::Offered);
            if draw.percent(70) {
                self.does(at, now, case, *engineer, Accept::default(), expects);
            } else if draw.percent(50) {
                let words = draw.words(words::DECLINES).to_owned();
                let decline = Decline { words, ..Decline::default() };
                self.does(at, now, case, *engineer, decline, expects);
            }
        }
    }

    pub(super) fn on_accepted(
        &mut self,
        case: &Case,
        number: u32,
        engineer: EngineerId,
        now: Timestamp,
    ) {
        let mut draw = self.draw("accepted", case, number.into());
        let mine = still_mine(number);
        let Some(free_at) = self.worker(engineer).map(|worker| worker.free_at) else { return };
        let remote = case.kind(&self.firm).map_or(5, |kind| kind.remote_percent);
        if draw.percent(remote) {
            let at = now.max(free_at).plus(draw.minutes(3, 20));
            let at = self.at_work(engineer, at, &mut draw);
            let from_afar = draw.percent(50);
            let resolve = Resolve {
                method: Some(if from_afar {
                    ResolutionMethod::Remotely
                } else {
                    ResolutionMethod::ByPhone
                }),
                words: draw.words(words::DONE_REMOTELY).to_owned(),
                ..Resolve::default()
            };
            self.busy_until(engineer, at);
            self.does(at, now, case, engineer, resolve, mine);
            return;
        }
        if !case.urgent && draw.percent(7) {
            // The customer would rather have somebody come tomorrow.
            let from = Day::of(now).next().at_minute([9 * 60, 10 * 60, 14 * 60][draw.index(3)]);
            let visit = Appoint {
                from: Some(from),
                until: Some(from.plus(Duration::from_secs(2 * 3_600))),
                words: "和客户约好上门时间".to_owned(),
            };
            self.does(now.plus(draw.minutes(2, 6)), now, case, engineer, visit, mine);
            // Not everybody comes in time.
            let late = if draw.percent(15) { draw.minutes(130, 240) } else { draw.minutes(0, 60) };
            let at = self.at_work(engineer, from.plus(late), &mut draw);
            self.does(at, now, case, engineer, Depart::default(), mine);
            return;
        }
        let ready = now.plus(draw.minutes_soon(1, 12));
        let at = if case.urgent { ready } else { ready.max(free_at) };
        let at = if case.urgent { at } else { self.at_work(engineer, at, &mut draw) };
        // What the way and the work will take, so that the next job waits for this one.
        self.busy_until(engineer, at.plus(draw.minutes(30, 75)));
        self.does(at, now, case, engineer, Depart::default(), mine);
    }

    fn busy_until(&mut self, engineer: EngineerId, at: Timestamp) {
        if let Some(worker) = self.worker(engineer) {
            worker.free_at = worker.free_at.max(at);
        }
    }

    pub(super) fn on_departed(&mut self, case: &Case, number: u32, now: Timestamp) {
        let Some(engineer) = case.owner else { return };
        let mut draw = self.draw("departed", case, number.into());
        let at = now.plus(draw.minutes_soon(7, 38));
        self.does(at, now, case, engineer, Arrive::default(), still_mine(number));
    }

    pub(super) fn on_arrived(&mut self, case: &Case, number: u32, now: Timestamp) {
        let Some(engineer) = case.owner else { return };
        let mut draw = self.draw("arrived", case, number.into());
        let mine = still_mine(number);
        let soon = now.plus(draw.minutes_soon(4, 18));
        match draw.below(100) {
            0..9 => self.holds(case, engineer, number, HoldReason::WaitingForParts, now, &mut draw),
            9..12 => {
                self.holds(case, engineer, number, HoldReason::CustomerAbsent, now, &mut draw);
            }
            12..14 => {
                self.holds(case, engineer, number, HoldReason::WaitingForApproval, now, &mut draw);
            }
            14..17 => {
                let words = draw.words(words::RETURNS).to_owned();
                let give_back = Return { words, ..Return::default() };
                self.does(soon, now, case, engineer, give_back, mine);
            }
            17..20 => {
                if let Some(to) = self.colleague(engineer, &mut draw) {
                    let transfer = Transfer { to: Some(to) };
                    self.does(soon, now, case, engineer, transfer, mine);
                }
                // In case the colleague does not.
                let later = now.plus(draw.minutes(90, 150));
                self.resolves(case, engineer, number, later, now, &mut draw);
            }
            20..24 => {
                if let Some(helper) = self.colleague(engineer, &mut draw) {
                    let add = AddHelper { engineer: Some(helper) };
                    self.does(soon, now, case, engineer, add, mine);
                }
                let at = now.plus(draw.minutes(45, 110));
                self.resolves(case, engineer, number, at, now, &mut draw);
            }
            _ => {
                let at = now.plus(draw.minutes_soon(8, 70));
                self.resolves(case, engineer, number, at, now, &mut draw);
            }
        }
    }

    /// Somebody of the same outlet.
    fn colleague(&self, engineer: EngineerId, draw: &mut Draw) -> Option<EngineerId> {
        let index = self.firm.engineer(engineer)?;
        let outlet = self.firm.engineers[index].outlet;
        let others = self.firm.engineers.iter();
        let others = others.filter(|one| one.outlet == outlet && one.id != engineer);
        draw.pick(&others.map(|one| one.id).collect::<Vec<_>>()).copied()
    }

    fn holds(
        &mut self,
        case: &Case,
        engineer: EngineerId,
        number: u32,
        reason: HoldReason,
        now: Timestamp,
        draw: &mut Draw,
    ) {
        let at = now.plus(draw.minutes(5, 30));
        let until = match reason {
            HoldReason::WaitingForParts => {
                // Parts come with the morning's delivery, tomorrow or the day after.
                let morning = Day::of(at).next().at_minute(9 * 60).plus(draw.minutes(0, 90));
                let day = Duration::from_secs(86_400);
                Some(if draw.percent(40) { morning.plus(day) } else { morning })
            }
            HoldReason::CustomerAbsent => Some(at.plus(draw.minutes(90, 240))),
            HoldReason::WaitingForCustomer | HoldReason::WaitingForApproval => None,
        };
        let words = draw.words(words::HOLDS).to_owned();
        let hold = Hold { reason: Some(reason), until, words };
        self.does(at, now, case, engineer, hold, still_mine(number));
    }

    fn resolves(
        &mut self,
        case: &Case,
        engineer: EngineerId,
        number: u32,
        at: Timestamp,
        now: Timestamp,
        draw: &mut Draw,
    ) {
        // Who is there stays to finish, up to an hour and a half.
        let at = if case.urgent {
            at
        } else {
            self.at_work_after(engineer, at, Duration::from_secs(90 * 60), draw)
        };
        let kind = case.kind(&self.firm);
        let fault = kind.and_then(|kind| draw.pick(kind.faults)).filter(|_| draw.percent(85));
        let part = kind.and_then(|kind| draw.pick(kind.parts)).filter(|_| draw.percent(35));
        let part = part.map(|code| Part { code: (*code).to_owned(), quantity: 1 });
        let resolve = Resolve {
            method: Some(ResolutionMethod::OnSite),
            fault_type: fault.map(|(fault, _)| (*fault).to_owned()),
            cause: fault.map(|(_, cause)| (*cause).to_owned()),
            parts: part.into_iter().collect(),
            words: draw.words(words::DONE).to_owned(),
            ..Resolve::default()
        };
        self.busy_until(engineer, at);
        self.does(at, now, case, engineer, resolve, still_mine(number));
    }

    pub(super) fn on_held(&mut self, case: &Case, number: u32, now: Timestamp) {
        let Some(engineer) = case.owner else { return };
        let mut draw = self.draw("held", case, number.into());
        // What was waited for came earlier; otherwise the hold ends by itself.
        if draw.percent(20) {
            let at = self.at_work(engineer, now.plus(draw.minutes(50, 200)), &mut draw);
            let expects = Expects { assignment: Some(number), state: Some(PhaseName::OnHold) };
            self.does(at, now, case, engineer, Resume::default(), expects);
        }
    }

    pub(super) fn on_resumed(&mut self, case: &Case, number: u32, now: Timestamp) {
        let Some(engineer) = case.owner else { return };
        let mut draw = self.draw("resumed", case, number.into());
        let Some(free_at) = self.worker(engineer).map(|worker| worker.free_at) else { return };
        let at = now.max(free_at).plus(draw.minutes(20, 80));
        let at = self.at_work(engineer, at, &mut draw);
        self.resolves(case, engineer, number, at, now, &mut draw);
    }

    pub(super) fn on_transfer_requested(
        &mut self,
        case: &Case,
        number: u32,
        to: EngineerId,
        now: Timestamp,
    ) {
        let mut draw = self.draw("transfer", case, number.into());
        if draw.percent(75) {
            let at = now.plus(draw.minutes(2, 15));
            self.does(at, now, case, to, AcceptTransfer::default(), still_mine(number));
        }
    }

    pub(super) fn on_owner_asked(&mut self, case: &Case, number: u32, now: Timestamp) {
        let Some(engineer) = case.owner else { return };
        let mut draw = self.draw("asked", case, number.into());
        if draw.percent(60) {
            let at = self.at_work(engineer, now.plus(draw.minutes(3, 25)), &mut draw);
            let words = draw.words(words::STATE).to_owned();
            let note = Note { words, ..Note::default() };
            self.does(at, now, case, engineer, note, still_mine(number));
        }
    }
}
