//! What agents and supervisors do: call back, write down, mark what cannot wait, link what was
//! reported twice, send by hand, lift a freeze, enter who is away and who is on call.

use std::time::Duration;

use domain::ticket::{
    Claim, Close, Details, Escalate, Link, LinkKind, Note, PhaseName, Priority, QueueRole,
    ResolutionMethod, Resolve,
};
use domain::{EngineerId, Party, StaffId, Timestamp};

use super::{Case, Story, in_state};
use crate::act::{Act, EngineerStep, Press, Send, SendHow};
use crate::local::{Day, minute_of_day, waking};
use crate::seen::Created;
use crate::words;

/// What cannot wait (P8).
const ALARMS: [&str; 3] = ["停机", "冒烟", "漏油"];

/// Of the same device within so long: the same fault, to an agent.
const SAME_FAULT: Duration = Duration::from_secs(4 * 3_600);

impl Story {
    /// The agent who is at the counter then.
    fn agent(&self, at: Timestamp, number: u64) -> Party {
        let late = usize::from(minute_of_day(at) >= 14 * 60 + 30);
        let index = late * 2 + usize::from(number % 2 == 1);
        self.firm.agents.get(index).copied().map_or(Party::Anonymous, Party::Agent)
    }

    pub(super) fn on_created(&mut self, case: &Case, created: &Created, now: Timestamp) {
        let said = created.report.as_ref();
        let sentence = said.and_then(|said| said.sentence.as_deref()).unwrap_or_default();
        let place = said.and_then(|said| said.place.as_deref()).unwrap_or_default();
        let mut draw = self.draw("created", case, 0);
        let soon = waking(now.plus(draw.minutes(2, 9)), 7 * 60, 22 * 60);
        let agent = self.agent(soon, case.nth);
        if sentence.is_empty() && place.is_empty() && case.device.is_none() {
            // Nobody knows what it is about: an agent rings the number that it came from.
            let at = soon.plus(draw.minutes(0, 15));
            if draw.percent(60) {
                self.press_if(
                    at,
                    now,
                    case,
                    agent,
                    Claim::default(),
                    in_state(PhaseName::CallBack),
                );
            }
            return;
        }
        if ALARMS.iter().any(|alarm| sentence.contains(alarm)) && !case.urgent && draw.percent(85) {
            let at = now.plus(draw.minutes(1, 4));
            let urgent = Details {
                urgent: Some(true),
                priority: Some(Priority::Critical),
                ..Details::default()
            };
            self.press(at, now, case, agent, urgent);
        }
        let first = self.cases.values().filter(|other| {
            other.device.is_some()
                && other.device == case.device
                && other.ended.is_none()
                && !other.answer_awaited
                && now.since(other.created_at) < SAME_FAULT
        });
        // Sorted by number: the order of ids is another in every run.
        if let Some(first) = first.min_by_key(|other| other.nth).map(|other| other.ticket)
            && draw.percent(80)
        {
            let link = Link { to: Some(first), kind: Some(LinkKind::Duplicate), reason: None };
            self.press(soon, now, case, agent, link);
        }
        if case.device.is_none() && draw.percent(60) {
            self.plan_device(case, soon, now, agent);
        }
        if draw.percent(5) {
            let words = draw.words(words::DESK_NOTES).to_owned();
            self.press(soon, now, case, agent, Note { words, ..Note::default() });
        }
        self.plan_waiting(case, now);
        self.plan_again(case, now);
    }

    /// An agent finds out which device it is.
    fn plan_device(&mut self, case: &Case, at: Timestamp, now: Timestamp, agent: Party) {
        let mut draw = self.draw("device", case, 0);
        let of_customer =
            case.customer.map(|customer| self.firm.customers[customer].devices.clone());
        let index = match of_customer {
            Some(devices) => draw.pick(&devices).copied(),
            None => Some(draw.index(self.firm.devices.len())),
        };
        let Some(device) = index.map(|index| &self.firm.devices[index]) else { return };
        let details = Details { device: Some(device.id), ..Details::default() };
        self.press(at, now, case, agent, details);
    }

    /// The agent has it in hand, and has the customer on the line.
    pub(super) fn on_claimed(&mut self, case: &Case, now: Timestamp) {
        let mut draw = self.draw("claimed", case, case.resolved);
        let at = now.plus(draw.minutes(2, 8));
        let agent = self.agent(now, case.nth);
        let claimed = in_state(PhaseName::Claimed);
        match draw.below(100) {
            0..15 => {
                let words = draw.words(words::MISDIALLED).to_owned();
                self.press_if(at, now, case, agent, Close { words }, claimed);
            }
            15..30 => {
                let resolve = Resolve {
                    method: Some(ResolutionMethod::ByPhone),
                    words: draw.words(words::DONE_REMOTELY).to_owned(),
                    ..Resolve::default()
                };
                self.press_if(at, now, case, agent, resolve, claimed);
            }
            _ => {
                let device = &self.firm.devices[draw.index(self.firm.devices.len())];
                let kind = &crate::firm::TYPES[device.kind];
                let details = Details {
                    device: Some(device.id),
                    sentence: Some(draw.words(kind.complaints).to_owned()),
                    ..Details::default()
                };
                self.press_if(at, now, case, agent, details, claimed);
            }
        }
    }

    /// 部分解决: somebody calls back.
    pub(super) fn on_partly_solved(&mut self, case: &Case, now: Timestamp) {
        let mut draw = self.draw("partly", case, case.resolved);
        let at = waking(now.plus(draw.minutes(30, 420)), 8 * 60, 20 * 60);
        let agent = self.agent(at, case.nth);
        let waits = in_state(PhaseName::CallBack);
        match draw.below(100) {
            0..65 => {
                let words = draw.words(words::CALLED_BACK).to_owned();
                self.press_if(at, now, case, agent, Close { words }, waits);
            }
            65..85 => self.press_if(at, now, case, agent, Escalate { without: None }, waits),
            // Forgotten; it goes up the ladder.
            _ => {}
        }
    }

    pub(super) fn on_queued(
        &mut self,
        case: &Case,
        role: QueueRole,
        person: Option<StaffId>,
        now: Timestamp,
    ) {
        let mut draw = self.draw("queued", case, case.queued);
        let Some(person) = person else { return };
        let (by, chance, (from, until)) = match role {
            QueueRole::CallBack => return,
            QueueRole::Supervisor => (Party::Supervisor(person), 38, (4, 40)),
            QueueRole::Deputy => (Party::Supervisor(person), 35, (8, 45)),
            QueueRole::Director => (Party::Director(person), 75, (90, 420)),
        };
        if !draw.percent(chance) {
            return;
        }
        let at = waking(now.plus(draw.minutes(from, until)), 8 * 60, 19 * 60);
        let how = if draw.percent(25) { SendHow::Offer } else { SendHow::Assign };
        let send = Send { ticket: case.ticket, by, how, tries: 0 };
        self.plan(at, now, Act::Send(send));
    }

    /// A supervisor thinks that the engineer is needed.
    pub(super) fn on_frozen(
        &mut self,
        engineer: EngineerId,
        until: Timestamp,
        position: u64,
        now: Timestamp,
    ) {
        let Some(index) = self.firm.engineer(engineer) else { return };
        let mut draw = self.dice.draw("frozen", &[index as u64, position]);
        let at = now.plus(draw.minutes(25, 110));
        let area = self.firm.area_of(self.firm.engineers[index].outlet);
        let areas = self.firm.areas.iter().find(|(id, _)| Some(*id) == area);
        let supervisor = areas.and_then(|(_, entry)| entry.supervisor);
        if let Some(supervisor) = supervisor.filter(|_| draw.percent(30) && at < until) {
            let by = Party::Supervisor(supervisor);
            self.plan(at, now, Act::Engineer { engineer, by, step: EngineerStep::Unfreeze });
        }
    }

    /// Who is away today, and who is on call tonight.
    pub(super) fn plan_duties(&mut self, day: Day, now: Timestamp) {
        for (number, (area, entry)) in self.firm.areas.clone().into_iter().enumerate() {
            let mut draw = self.dice.draw("duties", &[day.number(), number as u64]);
            let Some(by) = entry.supervisor.map(Party::Supervisor) else { continue };
            let of_area = self
                .firm
                .engineers
                .iter()
                .filter(|one| self.firm.area_of(one.outlet) == Some(area));
            let of_area: Vec<EngineerId> = of_area.map(|one| one.id).collect();
            if let Some(engineer) = draw.pick(&of_area).copied().filter(|_| draw.percent(25)) {
                let step = EngineerStep::Leave(day.at_minute(7 * 60 + 30), day.at_minute(21 * 60));
                let at = day.at_minute(7 * 60).plus(draw.minutes(0, 20));
                self.plan_if_ahead(at, now, Act::Engineer { engineer, by, step });
            }
            if let Some(engineer) = draw.pick(&of_area).copied() {
                let step = EngineerStep::OnCall(day.next().at_minute(7 * 60 + 45));
                let at = day.at_minute(19 * 60).plus(draw.minutes(0, 50));
                self.plan_if_ahead(at, now, Act::Engineer { engineer, by, step });
            }
        }
    }

    fn plan_if_ahead(&mut self, at: Timestamp, now: Timestamp, act: Act) {
        if at > now {
            self.plan(at, now, act);
        }
    }

    /// Plans a report.
    pub(super) fn plan_report(
        &mut self,
        at: Timestamp,
        now: Timestamp,
        by: Party,
        create: domain::ticket::Create,
    ) {
        let expects = crate::act::Expects::default();
        let press = Press { ticket: None, by, command: Box::new(create.into()), expects };
        self.plan_if_ahead(at, now, Act::Press(press));
    }

    pub(super) fn agent_at(&self, at: Timestamp, number: u64) -> Party {
        self.agent(at, number)
    }
}
