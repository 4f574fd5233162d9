//! Steps of a ticket's life as one writes them in a test: who does what, to which ticket, after
//! how long. A step is by whom it usually is, on the first ticket, at once, unless it says more.

use std::time::Duration;

use domain::engineer::{DutySource, EngineerCommand, FreezeReason, UnfreezeReason};
use domain::ticket::*;
use domain::{
    Candidate, Command, CustomerId, DispatchReason, EngineerId, OutletId, Party, Rule, TicketId,
};

use super::{AGENT, OUTLET, SUPERVISOR, T1, days, minutes};

pub(crate) const BY_AGENT: Party = Party::Agent(AGENT);
pub(crate) const BY_CUSTOMER: Party = Party::Customer(super::CUSTOMER);
pub(crate) const BY_SUPERVISOR: Party = Party::Supervisor(SUPERVISOR);

#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) by: Party,
    pub(crate) after: Duration,
    pub(crate) command: Command,
}

impl Step {
    pub(crate) fn by(self, by: Party) -> Self {
        Self { by, ..self }
    }

    pub(crate) fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    pub(crate) fn on(self, ticket: TicketId) -> Self {
        let Command::Ticket(_, command) = self.command else {
            panic!("{:?} is not about a ticket", self.command)
        };
        Self { command: Command::Ticket(ticket, command), ..self }
    }
}

pub(crate) fn step(by: Party, command: impl Into<TicketCommand>) -> Step {
    Step { by, after: Duration::ZERO, command: Command::Ticket(T1, command.into()) }
}

fn staff(engineer: EngineerId, command: EngineerCommand) -> Step {
    let command = Command::Engineer(engineer, command);
    Step { by: BY_SUPERVISOR, after: Duration::ZERO, command }
}

/// As the dispatcher writes down why it chose somebody.
pub(crate) fn least_loaded(engineer: EngineerId) -> DispatchReason {
    DispatchReason {
        candidates: vec![Candidate { engineer, score: 2 }],
        candidates_total: 1,
        ..DispatchReason::plain(Rule::LeastLoaded, domain::RuleSetVersion::SHIPPED)
    }
}

pub(crate) fn create() -> Step {
    let create = Create {
        sentence: Some("冲床咔哒两声就停了".into()),
        outlet: Some(OUTLET),
        ..Create::default()
    };
    step(BY_CUSTOMER, create)
}

pub(crate) fn create_empty() -> Step {
    step(Party::Anonymous, Create::default())
}

pub(crate) fn details(sentence: &str) -> Step {
    step(BY_AGENT, Details { sentence: Some(sentence.into()), ..Details::default() })
}

pub(crate) fn claim() -> Step {
    step(BY_AGENT, Claim::default())
}

pub(crate) fn end_claim() -> Step {
    step(Party::Dispatcher, EndClaim {})
}

pub(crate) fn offer<const N: usize>(engineers: [EngineerId; N]) -> Step {
    step(BY_AGENT, Offer { engineers: engineers.into(), ..Offer::default() })
}

pub(crate) fn expire_offer(offer: u32) -> Step {
    step(Party::Dispatcher, ExpireOffer { offer })
}

pub(crate) fn assign(engineer: EngineerId) -> Step {
    step(BY_AGENT, Assign { engineer: Some(engineer), ..Assign::default() })
}

/// The dispatcher's choice, made when so many assignments had been made.
pub(crate) fn dispatch(engineer: EngineerId, after: u32) -> Step {
    let reason = Some(least_loaded(engineer));
    step(Party::Dispatcher, Assign { engineer: Some(engineer), reason, after: Some(after) })
}

pub(crate) fn accept(engineer: EngineerId) -> Step {
    step(Party::Engineer(engineer), Accept::default())
}

pub(crate) fn decline(engineer: EngineerId) -> Step {
    step(Party::Engineer(engineer), Decline::default())
}

pub(crate) fn give_back(engineer: EngineerId) -> Step {
    let words = "不会修这个型号".into();
    step(Party::Engineer(engineer), Return { words, ..Return::default() })
}

pub(crate) fn transfer(from: EngineerId, to: EngineerId) -> Step {
    step(Party::Engineer(from), Transfer { to: Some(to) })
}

pub(crate) fn accept_transfer(engineer: EngineerId) -> Step {
    step(Party::Engineer(engineer), AcceptTransfer::default())
}

pub(crate) fn end_transfer(assignment: u32) -> Step {
    step(Party::Dispatcher, EndTransfer { assignment: Some(assignment) })
}

pub(crate) fn time_out(assignment: u32) -> Step {
    step(Party::Dispatcher, TimeOut { assignment })
}

pub(crate) fn withdraw() -> Step {
    step(BY_SUPERVISOR, Withdraw {})
}

pub(crate) fn depart(engineer: EngineerId) -> Step {
    step(Party::Engineer(engineer), Depart::default())
}

pub(crate) fn arrive(engineer: EngineerId) -> Step {
    step(Party::Engineer(engineer), Arrive::default())
}

pub(crate) fn hold(engineer: EngineerId) -> Step {
    let reason = Some(HoldReason::WaitingForParts);
    step(Party::Engineer(engineer), Hold { reason, ..Hold::default() })
}

pub(crate) fn resume() -> Step {
    step(BY_AGENT, Resume {})
}

/// A visit from so long after [`super::START`] on, for two hours.
pub(crate) fn appoint(from: Duration) -> Step {
    let from = super::START.plus(from);
    let until = from.plus(minutes(120));
    step(BY_AGENT, Appoint { from: Some(from), until: Some(until), words: String::new() })
}

pub(crate) fn miss_appointment() -> Step {
    step(Party::Dispatcher, MissAppointment {})
}

pub(crate) fn add_helper(engineer: EngineerId) -> Step {
    step(BY_AGENT, AddHelper { engineer: Some(engineer) })
}

pub(crate) fn remove_helper(engineer: EngineerId) -> Step {
    step(BY_AGENT, RemoveHelper { engineer: Some(engineer) })
}

pub(crate) fn note(words: &str) -> Step {
    step(BY_AGENT, Note { words: words.into(), ..Note::default() })
}

pub(crate) fn urge() -> Step {
    step(BY_CUSTOMER, Urge::default())
}

pub(crate) fn resolve(by: Party) -> Step {
    step(by, Resolve::default())
}

pub(crate) fn resolve_as(by: Party, method: ResolutionMethod) -> Step {
    step(by, Resolve { method: Some(method), ..Resolve::default() })
}

pub(crate) fn remind(number: u32) -> Step {
    step(Party::Dispatcher, Remind { number })
}

pub(crate) fn confirm() -> Step {
    step(BY_CUSTOMER, Confirm::default())
}

pub(crate) fn confirm_partly() -> Step {
    step(BY_CUSTOMER, Confirm { verdict: Some(Verdict::Partial), ..Confirm::default() })
}

pub(crate) fn reject() -> Step {
    step(BY_CUSTOMER, Reject::default())
}

pub(crate) fn retract() -> Step {
    step(BY_CUSTOMER, RetractAnswer {})
}

pub(crate) fn close_by_silence() -> Step {
    step(Party::Dispatcher, CloseBySilence {})
}

pub(crate) fn close() -> Step {
    step(BY_AGENT, Close { words: "电话里说好了".into() })
}

pub(crate) fn reopen() -> Step {
    step(BY_CUSTOMER, Reopen { words: "又坏了".into() })
}

pub(crate) fn escalate() -> Step {
    step(BY_AGENT, Escalate::default())
}

pub(crate) fn to_supervisor(reason: Option<QueueReason>) -> Step {
    step(BY_AGENT, ToSupervisor { reason })
}

pub(crate) fn escalate_queue() -> Step {
    step(Party::Dispatcher, EscalateQueue {})
}

pub(crate) fn defer() -> Step {
    step(Party::Dispatcher, Defer { reason: None })
}

pub(crate) fn ask_owner(assignment: u32) -> Step {
    step(Party::Dispatcher, AskOwner { assignment })
}

pub(crate) fn report_silence(assignment: u32) -> Step {
    step(Party::Dispatcher, ReportSilence { assignment })
}

pub(crate) fn merge(into: TicketId) -> Step {
    step(BY_AGENT, Merge { into: Some(into) })
}

pub(crate) fn link(to: TicketId, kind: LinkKind) -> Step {
    step(BY_AGENT, Link { to: Some(to), kind: Some(kind), ..Link::default() })
}

pub(crate) fn unlink(from: TicketId) -> Step {
    step(BY_AGENT, Unlink { from: Some(from) })
}

pub(crate) fn cancel() -> Step {
    step(BY_CUSTOMER, Cancel { words: "已恢复".into() })
}

pub(crate) fn import(taken: ImportedStep) -> Step {
    step(Party::Import, Import { step: Some(taken), words: String::new() })
}

/// A case of a customer and a group that the directory has never heard of, as another system's
/// history is full of them.
pub(crate) fn opened_elsewhere() -> ImportedStep {
    ImportedStep::Opened {
        customer: Some(CustomerId::from_code("caller 17")),
        outlet: Some(OutletId::from_code("group 3")),
        device: None,
        priority: Priority::Normal,
    }
}

pub(crate) fn freeze(engineer: EngineerId) -> Step {
    let reason = FreezeReason::ByHand;
    staff(engineer, EngineerCommand::Freeze { until: None, reason, words: String::new() })
}

pub(crate) fn freeze_for(engineer: EngineerId, ticket: TicketId) -> Step {
    let reason = FreezeReason::Unresolved(ticket);
    staff(engineer, EngineerCommand::Freeze { until: None, reason, words: String::new() })
        .by(Party::Dispatcher)
}

pub(crate) fn unfreeze(engineer: EngineerId, why: UnfreezeReason) -> Step {
    staff(engineer, EngineerCommand::Unfreeze(why))
}

pub(crate) fn start_duty(engineer: EngineerId) -> Step {
    staff(engineer, EngineerCommand::StartDuty(DutySource::ByHand))
}

pub(crate) fn end_duty(engineer: EngineerId) -> Step {
    staff(engineer, EngineerCommand::EndDuty(DutySource::ByHand))
}

/// On leave from now for a week.
pub(crate) fn go_on_leave(engineer: EngineerId) -> Step {
    let (from, until) = (super::START, super::START.plus(days(7)));
    staff(engineer, EngineerCommand::SetLeave { from, until })
}

pub(crate) fn enter(engineer: EngineerId, profile: domain::engineer::Profile) -> Step {
    staff(engineer, EngineerCommand::Put(profile))
}
