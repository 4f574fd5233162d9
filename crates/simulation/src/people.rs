//! What people do: customers, engineers, agents and supervisors, each by what they see on the
//! screen, and now and then whatever comes to somebody's mind.

use std::time::Duration;

use domain::attachment::NewAttachment;
use domain::engineer::{
    DutySource, EngineerCommand, FreezeReason, OfflineReason, Profile, UnfreezeReason,
};
use domain::ticket::{
    Accept, AcceptTransfer, AddHelper, Appoint, Arrive, Assign, Cancel, Claim, Close, Confirm,
    Create, Decline, Depart, Details, EndClaim, Escalate, Hold, HoldReason, Link, LinkKind, Merge,
    Note, Offer, Phase, Priority, Reject, Reopen, Resolve, Resume, RetractAnswer, Return, Stage,
    Ticket, TicketCommand, ToSupervisor, Transfer, Unlink, Urge, Verdict, Withdraw,
};
use domain::{
    Command, Coordinates, Datum, DeviceId, EngineerId, OutletId, Party, StaffId, TicketId,
    Timestamp, WeeklyHours,
};

use crate::chance::Chance;
use crate::firm::{DEVICES, ENGINEERS, FAR, HERE, NEXT_DOOR};
use crate::pictures;

/// More than this are not reported in one run: each is looked at after every step.
const TICKETS_MAX: u128 = 14;

/// What the shipped rules call urgent, with two pictures. Nothing else that people say here is.
pub(crate) const ALARM: &str = "冲床停机了";

/// What somebody wants.
pub(crate) struct Wish {
    pub(crate) party: Party,
    pub(crate) command: Command,
}

/// How an engineer takes their work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Temper {
    Diligent,
    /// Declines and hands over whatever can be.
    Unwilling,
    /// Sees nothing for as long as it lasts.
    Vanished,
}

/// Everybody outside the system.
pub(crate) struct People {
    tempers: Vec<Temper>,
    reported: u128,
    /// Pictures that were taken; no two are the same.
    pictures: u64,
}

impl People {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        let tempers = [Temper::Diligent, Temper::Diligent, Temper::Unwilling, Temper::Vanished];
        let tempers = (0..ENGINEERS).map(|_| *chance.of(&tempers)).collect();
        Self { tempers, reported: 0, pictures: 0 }
    }

    /// The next thing that somebody wants. `see` shows a ticket as it is.
    pub(crate) fn next(
        &mut self,
        chance: &mut Chance,
        now: Timestamp,
        see: impl Fn(TicketId) -> Option<std::sync::Arc<Ticket>>,
    ) -> Wish {
        if self.reported < 3 || (self.reported < TICKETS_MAX && chance.once_in(7)) {
            return self.report(chance);
        }
        let id = TicketId::from_u128(1 + u128::from(chance.next()) % self.reported);
        // Whoever said 未解决 in haste has ten minutes to think again.
        if chance.once_in(4) {
            let all = (1..=self.reported).map(TicketId::from_u128);
            let regrets = |id: &TicketId| see(*id).is_some_and(|ticket| can_retract(&ticket, now));
            if let Some(id) = all.into_iter().find(regrets) {
                return wish(Party::Anonymous, id, RetractAnswer {});
            }
        }
        let ticket = see(id);
        let wish = match (chance.below(20), ticket) {
            (0..=8, Some(ticket)) => self.engineer_works(chance, now, &ticket),
            (9..=12, Some(ticket)) => self.customer_says(chance, &ticket),
            (13..=15, Some(ticket)) => self.agent_decides(chance, &ticket),
            (16 | 17, _) => Some(engineers_day(chance, now)),
            _ => None,
        };
        if chance.once_in(25) {
            let temper = *chance.of(&[Temper::Diligent, Temper::Unwilling, Temper::Vanished]);
            let who = chance.index(self.tempers.len());
            self.tempers[who] = temper;
        }
        wish.unwrap_or_else(|| self.anything(chance, now, id))
    }

    fn report(&mut self, chance: &mut Chance) -> Wish {
        self.reported += 1;
        let priorities = [Priority::Low, Priority::Normal, Priority::High, Priority::Critical];
        let create = Create {
            outlet: outlet(chance),
            skills: skills(chance, 5),
            priority: *chance.of(&priorities),
            urgent: chance.once_in(6),
            sentence: (!chance.once_in(8)).then(|| words(chance)),
            device: chance.once_in(2).then(|| device(chance)),
            contact_phone: one_of(chance, &["13800000001", "13800000002"]),
            place: one_of(chance, &["一号车间", "二号车间"]),
            position: chance.once_in(2).then(|| position(chance)),
            attachments: self.pictures(chance),
            ..Create::default()
        };
        wish(Party::Anonymous, TicketId::from_u128(self.reported), create)
    }

    /// Two show an urgent fault, where it is also said to be one.
    fn pictures(&mut self, chance: &mut Chance) -> Vec<NewAttachment> {
        let from = self.pictures;
        self.pictures += *chance.of(&[0, 0, 1, 2]);
        (from..self.pictures).map(pictures::of_number).collect()
    }

    /// What whoever has the ticket, or is asked for it, does about it.
    fn engineer_works(&self, chance: &mut Chance, now: Timestamp, ticket: &Ticket) -> Option<Wish> {
        let (asked, command) = match &ticket.phase {
            Phase::Assigned { assignment, .. } => {
                let who = assignment.engineer;
                (who, self.answers_a_call(chance, who)?)
            }
            Phase::Offered { offer } => {
                let who = *offer.engineers.get(chance.index(offer.engineers.len().max(1)))?;
                (who, self.answers_a_call(chance, who)?)
            }
            Phase::Working(work) => {
                if let Some(transfer) = work.transfer {
                    let engineer = Some(transfer.to);
                    (transfer.to, AcceptTransfer { engineer }.into())
                } else {
                    let owner = work.assignment.engineer;
                    (owner, self.goes_on(chance, now, owner, work.stage, work.hold.is_some())?)
                }
            }
            _ => return None,
        };
        Some(wish(Party::Engineer(asked), ticket.id, command))
    }

    fn temper(&self, who: EngineerId) -> Temper {
        let place = usize::try_from(who.as_u128()).ok().and_then(|number| number.checked_sub(1));
        let temper = place.and_then(|place| self.tempers.get(place));
        temper.copied().unwrap_or(Temper::Diligent)
    }

    fn answers_a_call(&self, chance: &mut Chance, who: EngineerId) -> Option<TicketCommand> {
        let engineer = Some(who);
        match self.temper(who) {
            Temper::Diligent if !chance.once_in(6) => Some(Accept { engineer }.into()),
            Temper::Unwilling if !chance.once_in(3) => {
                Some(Decline { engineer, words: "没空".into() }.into())
            }
            _ => None,
        }
    }

    fn goes_on(
        &self,
        chance: &mut Chance,
        now: Timestamp,
        who: EngineerId,
        stage: Stage,
        on_hold: bool,
    ) -> Option<TicketCommand> {
        let engineer = Some(who);
        if on_hold {
            return chance.once_in(2).then(|| Resume {}.into());
        }
        match (self.temper(who), stage) {
            (Temper::Vanished, _) => None,
            (Temper::Unwilling, _) if chance.once_in(2) => {
                Some(Return { engineer, words: "太远".into() }.into())
            }
            (Temper::Unwilling, _) => Some(Transfer { to: Some(somebody(chance)) }.into()),
            (Temper::Diligent, _) if chance.once_in(8) => {
                let reason = Some(HoldReason::WaitingForParts);
                Some(Hold { reason, until: Some(now.plus(span(chance))), ..Hold::default() }.into())
            }
            (Temper::Diligent, Stage::Accepted) => Some(Depart { engineer }.into()),
            (Temper::Diligent, Stage::Departed) => Some(Arrive { engineer }.into()),
            (Temper::Diligent, Stage::Arrived) => Some(Resolve::default().into()),
        }
    }

    fn agent_decides(&self, chance: &mut Chance, ticket: &Ticket) -> Option<Wish> {
        let agent = StaffId::from_u128(1);
        let linked = ticket.links.first().map(|(to, _)| *to);
        let command: TicketCommand = match &ticket.phase {
            Phase::Claimed { .. } => match chance.below(3) {
                0 => EndClaim {}.into(),
                1 => by_hand(chance),
                _ => Close { words: "电话里解决了".into() }.into(),
            },
            Phase::CallBack { .. } if chance.once_in(2) => Claim { agent: Some(agent) }.into(),
            Phase::CallBack { .. } => Close { words: "回访了".into() }.into(),
            Phase::Duplicate { .. } => match chance.below(3) {
                0 => Unlink { from: linked }.into(),
                1 => Link { to: linked, kind: Some(LinkKind::Duplicate), reason: None }.into(),
                _ => return None,
            },
            Phase::Queued { .. } => match chance.below(3) {
                0 => Claim { agent: Some(agent) }.into(),
                1 => Escalate { without: None }.into(),
                _ => by_hand(chance),
            },
            _ => match chance.below(7) {
                0 | 1 => by_hand(chance),
                2 => {
                    let engineers = vec![somebody(chance), somebody(chance)];
                    Offer { engineers, ..Offer::default() }.into()
                }
                3 => Withdraw {}.into(),
                4 => {
                    let urgent = Some(chance.once_in(2));
                    Details { urgent, ..Details::default() }.into()
                }
                5 => AddHelper { engineer: Some(somebody(chance)) }.into(),
                _ => ToSupervisor { reason: None }.into(),
            },
        };
        Some(wish(Party::Agent(agent), ticket.id, command))
    }

    /// Whatever can be asked of a ticket, sensible or not.
    fn anything(&mut self, chance: &mut Chance, now: Timestamp, id: TicketId) -> Wish {
        let other = Some(TicketId::from_u128(1 + u128::from(chance.next()) % self.reported));
        let engineer = Some(somebody(chance));
        let text = || String::from("一句话");
        let command: TicketCommand = match chance.below(21) {
            0 => Accept { engineer }.into(),
            1 => Decline { engineer, words: text() }.into(),
            2 => Return { engineer, words: text() }.into(),
            3 => by_hand(chance),
            4 => Offer { engineers: vec![somebody(chance)], ..Offer::default() }.into(),
            5 => Withdraw {}.into(),
            6 => Transfer { to: engineer }.into(),
            7 => AcceptTransfer { engineer }.into(),
            8 => Arrive { engineer }.into(),
            9 => {
                let (from, until) = (span(chance), span(chance));
                let later = |span| Some(now.plus(span));
                Appoint { from: later(from), until: later(from + until), words: text() }.into()
            }
            10 => Resolve { engineer, ..Resolve::default() }.into(),
            11 => Reject::default().into(),
            12 => Confirm::default().into(),
            13 => Escalate { without: engineer }.into(),
            14 => Claim { agent: Some(StaffId::from_u128(2)) }.into(),
            15 => {
                let kinds = [Some(LinkKind::Duplicate), Some(LinkKind::Suspected), None];
                Link { to: other, kind: *chance.of(&kinds), reason: None }.into()
            }
            16 => Merge { into: other }.into(),
            17 => Reopen { words: text() }.into(),
            18 => Unlink { from: other }.into(),
            19 => {
                let attachments = self.pictures(chance);
                Note { words: text(), attachments }.into()
            }
            _ => self.details(chance),
        };
        wish(Party::Anonymous, id, command)
    }

    fn customer_says(&mut self, chance: &mut Chance, ticket: &Ticket) -> Option<Wish> {
        let command: TicketCommand = match &ticket.phase {
            Phase::Resolved { .. } => match chance.below(6) {
                0 | 1 => Confirm { stars: Some(5), ..Confirm::default() }.into(),
                2 => Confirm { verdict: Some(Verdict::Partial), ..Confirm::default() }.into(),
                3 | 4 => Reject { stars: Some(1), ..Reject::default() }.into(),
                _ => return None,
            },
            Phase::Closed { .. } => Reopen { words: "又坏了".into() }.into(),
            Phase::Merged { .. } | Phase::Cancelled { .. } => return None,
            _ => match chance.below(7) {
                0 => Cancel { words: "已恢复".into() }.into(),
                1..=3 => Urge { words: "快点".into() }.into(),
                _ => self.details(chance),
            },
        };
        Some(wish(Party::Anonymous, ticket.id, command))
    }

    fn details(&mut self, chance: &mut Chance) -> TicketCommand {
        Details {
            device: chance.once_in(3).then(|| device(chance)),
            sentence: chance.once_in(3).then(|| words(chance)),
            outlet: outlet(chance),
            urgent: *chance.of(&[None, Some(true), Some(false)]),
            place: Some("三号车间".into()),
            position: chance.once_in(3).then(|| position(chance)),
            attachments: self.pictures(chance),
            ..Details::default()
        }
        .into()
    }
}

fn wish(party: Party, id: TicketId, command: impl Into<TicketCommand>) -> Wish {
    Wish { party, command: Command::Ticket(id, command.into()) }
}

fn can_retract(ticket: &Ticket, now: Timestamp) -> bool {
    let undo = ticket.answer.and_then(|answer| answer.undo);
    ticket.is_open() && undo.is_some_and(|undo| now < undo.until)
}

/// Duty, leave, freezes and entries of engineers.
fn engineers_day(chance: &mut Chance, now: Timestamp) -> Wish {
    let id = somebody(chance);
    let until = now.plus(span(chance));
    let command = match chance.below(18) {
        12..=14 => EngineerCommand::GoOnline,
        15 => EngineerCommand::GoOffline(OfflineReason::LeaseEnded),
        16 | 17 => EngineerCommand::Move(position(chance)),
        0..=4 => EngineerCommand::StartDuty(DutySource::ByHand),
        5 => EngineerCommand::EndDuty(DutySource::ByHand),
        6 => EngineerCommand::SetLeave { from: now, until },
        7 => EngineerCommand::SetLeave { from: until, until },
        8 => EngineerCommand::SetOnCall { until: chance.once_in(2).then_some(until) },
        9 => EngineerCommand::Freeze {
            until: Some(until),
            reason: FreezeReason::ByHand,
            words: String::new(),
        },
        10 => EngineerCommand::Unfreeze(UnfreezeReason::Lifted),
        _ => EngineerCommand::Put(profile(chance)),
    };
    Wish {
        party: Party::Supervisor(StaffId::from_u128(9)),
        command: Command::Engineer(id, command),
    }
}

fn by_hand(chance: &mut Chance) -> TicketCommand {
    Assign { engineer: Some(somebody(chance)), ..Assign::default() }.into()
}

pub(crate) fn profile(chance: &mut Chance) -> Profile {
    let rosters = ["Mon-Fri 08:00-18:00", "Mon-Sun 12:00-23:00", "Mon-Sun 22:00-06:00", ""];
    let roster = chance.of(&rosters).parse::<WeeklyHours>().unwrap_or_default();
    Profile {
        outlet: outlet(chance),
        // Never lowered below what may be taken: that is a rule of people, not of dispatch.
        capacity: Some(3),
        skills: skills(chance, 3),
        roster,
        ..Profile::default()
    }
}

fn somebody(chance: &mut Chance) -> EngineerId {
    EngineerId::from_u128(1 + u128::from(chance.below(u64::from(ENGINEERS))))
}

fn outlet(chance: &mut Chance) -> Option<OutletId> {
    *chance.of(&[Some(HERE), Some(HERE), Some(NEXT_DOOR), Some(FAR), None])
}

fn skills(chance: &mut Chance, times: u64) -> Vec<domain::ticket::Skill> {
    if chance.once_in(times) { vec!["laser".into()] } else { Vec::new() }
}

fn words(chance: &mut Chance) -> String {
    let words =
        ["冲床咔哒两声就停了", "冲床咔哒两声停了", "冲床有异响", "冲床没有停机", "刀库异响", ALARM];
    (*chance.of(&words)).into()
}

/// Somewhere within some ten kilometres.
fn position(chance: &mut Chance) -> Coordinates {
    let mut degrees = || f64::from(u32::try_from(chance.below(100)).unwrap_or_default()) / 1_000.0;
    let (north, east) = (degrees(), degrees());
    Coordinates::new(31.0 + north, 121.0 + east, Datum::Wgs84).expect("on the earth")
}

fn device(chance: &mut Chance) -> DeviceId {
    DeviceId::from_u128(u128::from(1 + chance.below(DEVICES)))
}

fn one_of(chance: &mut Chance, texts: &[&str]) -> Option<String> {
    if chance.once_in(2) { None } else { Some((*chance.of(texts)).into()) }
}

fn span(chance: &mut Chance) -> Duration {
    Duration::from_secs(60 * (1 + chance.below(240)))
}
