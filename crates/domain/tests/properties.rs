//! Whatever is asked in whatever order, what always holds still does. `World` checks after every
//! command: at most one live assignment, places equal assignments, every open ticket is due, and what
//! a ticket's stream names never becomes fewer.

mod world;

use std::sync::Arc;

use domain::attachment::NewAttachment;
use domain::engineer::{Engineer, EngineerCommand, FreezeReason, UnfreezeReason};
use domain::ticket::{
    Create, Details, HoldReason, Import, ImportedStep, LinkKind, Permit, Phase, Priority, Ticket,
    Verb,
};
use domain::{Change, Command, EngineerId, Party, TicketId};
use proptest::prelude::*;
use world::erase::erased;
use world::timers::{fall_due, is_at_the_end};
use world::*;

const TICKETS: [TicketId; 3] = [T1, T2, T3];
const ENGINEERS: [EngineerId; 3] = [ANNA, BO, CHEN];

/// What is asked, as numbers that fit any state: who and which are taken modulo what there is.
#[derive(Debug, Clone, Copy)]
struct Ask {
    what: u8,
    ticket: u8,
    other: u8,
    who: u8,
    whom: u8,
    detail: u8,
    pause: u8,
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let ask = any::<(u8, u8, u8, u8, u8, u8, u8)>().prop_map(
        |(what, ticket, other, who, whom, detail, pause)| Ask {
            what,
            ticket,
            other,
            who,
            whom,
            detail,
            pause,
        },
    );
    prop::collection::vec(ask, 1..80)
}

fn one_of<T: Copy, const N: usize>(all: [T; N], index: u8) -> T {
    all[usize::from(index) % N]
}

/// The step that is asked of the world as it is: two in three fit the state, so that histories get
/// far; the others are whatever comes.
fn step_of(ask: Ask, world: &World) -> Step {
    let id = one_of(TICKETS, ask.ticket);
    let pause = [seconds(0), seconds(0), minutes(1), minutes(6), minutes(31), hours(5), hours(25)];
    let pause = one_of(pause, ask.pause);
    let (who, whom) = (one_of(ENGINEERS, ask.who), one_of(ENGINEERS, ask.whom));
    if let Some(ticket) = world.state.tickets.get(&id).filter(|_| !ask.pause.is_multiple_of(3)) {
        return likely(ask, ticket, whom, world).on(id);
    }
    let kinds = Verb::ALL.len() + 10;
    let step = match Verb::ALL.get(usize::from(ask.what) % kinds) {
        Some(verb) => of_ticket(*verb, ask, who, whom, world).on(id),
        None if ask.whom % 5 < 2 => of_attachment(ask, who),
        None => of_engineer(ask, who),
    };
    step.after(pause)
}

/// What the state takes, by whoever has the ticket; a timer when it is due.
fn likely(ask: Ask, ticket: &Ticket, whom: EngineerId, world: &World) -> Step {
    let phase = ticket.phase.name();
    let taken: Vec<_> =
        Verb::ALL.iter().copied().filter(|verb| phase.permits(*verb) == Permit::Yes).collect();
    let Some(verb) = taken.get(usize::from(ask.what) % taken.len().max(1)).copied() else {
        return create();
    };
    let pending = match &ticket.phase {
        Phase::Offered { .. } | Phase::Assigned { .. } => Some(Verb::Accept),
        Phase::Working(work) if work.transfer.is_some() && ask.detail.is_multiple_of(8) => {
            Some(Verb::AcceptTransfer)
        }
        Phase::Working(work) if work.transfer.is_some() => Some(Verb::EndTransfer),
        Phase::Working(work) if work.asked => Some(Verb::ReportSilence),
        _ => None,
    };
    let verb = pending.filter(|_| ask.detail.is_multiple_of(4)).unwrap_or(verb);
    let owner = ticket.assignment().map(|assignment| assignment.engineer);
    let invited = match &ticket.phase {
        Phase::Working(work) => work.transfer.map(|asked| asked.to),
        Phase::Offered { offer } => offer.engineers.first().copied(),
        _ => None,
    };
    let who = match verb {
        Verb::AcceptTransfer | Verb::Accept | Verb::Decline => invited.or(owner),
        Verb::RemoveHelper => ticket.helpers.first().copied(),
        Verb::Assign | Verb::Offer | Verb::AddHelper => None,
        _ => owner,
    };
    let who = who.unwrap_or(one_of(ENGINEERS, ask.who));
    let due = ticket.due().filter(|_| verb.is_timer() || verb == Verb::Resume);
    let pause = due.map_or(seconds(u64::from(ask.pause)), |due| due.since(world.now));
    of_ticket(verb, ask, who, whom, world).after(pause)
}

/// One of a few pictures, so that several tickets name the same; some are held back, and one nobody
/// vouches for.
fn a_photo(ask: Ask) -> NewAttachment {
    match ask.whom % 8 {
        6 => held_back(ask.other % 6),
        7 => unvouched(ask.other % 6),
        _ => photo(ask.other % 6),
    }
}

fn of_attachment(ask: Ask, who: EngineerId) -> Step {
    let number = ask.other % 6;
    match ask.detail % 4 {
        0 => quarantine(number),
        1 => release(number),
        // Most of the pictures stay, for others to be named after it.
        2 => erase(5),
        _ => opened(number, vec![read_by(Party::Engineer(who))]),
    }
}

fn of_engineer(ask: Ask, who: EngineerId) -> Step {
    let again = |command| Step { command: Command::Engineer(who, command), ..freeze(who) };
    match ask.detail % 8 {
        0 => freeze(who),
        1 => unfreeze(who, UnfreezeReason::Lifted),
        2 => end_duty(who),
        3 => again(EngineerCommand::SetOnCall { until: Some(START.plus(days(3))) }),
        4 => again(EngineerCommand::Freeze {
            until: None,
            reason: FreezeReason::Unresolved(one_of(TICKETS, ask.ticket)),
            words: "未解决".into(),
        }),
        5 => unfreeze(who, UnfreezeReason::AnswerRetracted(one_of(TICKETS, ask.ticket))),
        _ => start_duty(who),
    }
}

fn of_ticket(verb: Verb, ask: Ask, who: EngineerId, whom: EngineerId, world: &World) -> Step {
    let ticket = world.state.tickets.get(&one_of(TICKETS, ask.ticket));
    let back = u32::from(ask.detail % 5 == 1);
    let assignment = ticket.map_or(0, |ticket| ticket.assignments).saturating_sub(back);
    let offers = ticket.map_or(0, |ticket| ticket.offers).saturating_sub(back);
    let other = one_of(TICKETS, ask.other);
    let yes = ask.detail.is_multiple_of(2);
    match verb {
        Verb::Create if ask.detail.is_multiple_of(4) => with(create_empty(), [a_photo(ask)]),
        Verb::Create if ask.detail % 4 == 1 => {
            step(BY_CUSTOMER, Create { device: Some(DEVICE), urgent: true, ..Create::default() })
        }
        Verb::Create => create(),
        Verb::Details if ask.detail.is_multiple_of(4) => with(details("见图"), [a_photo(ask)]),
        Verb::Details if yes => details("第三轴异响"),
        Verb::Details => step(
            BY_AGENT,
            Details {
                outlet: Some(OUTLET),
                urgent: Some(ask.detail % 4 == 1),
                priority: Some(Priority::High),
                ..Details::default()
            },
        ),
        Verb::Claim => claim(),
        Verb::EndClaim => end_claim(),
        Verb::Offer if yes => offer([who, whom]),
        Verb::Offer => offer([who]).by(Party::Dispatcher),
        Verb::ExpireOffer => expire_offer(offers),
        Verb::Assign if yes => assign(who),
        Verb::Assign => dispatch(who, assignment),
        Verb::Accept => accept(who),
        Verb::Decline => decline(who),
        Verb::Return => give_back(who),
        Verb::Transfer => transfer(who, whom),
        Verb::AcceptTransfer => accept_transfer(who),
        Verb::EndTransfer => end_transfer(assignment),
        Verb::TimeOut => time_out(assignment),
        Verb::Withdraw => withdraw(),
        Verb::Depart => depart(who),
        Verb::Arrive => arrive(who),
        Verb::Hold => hold(who),
        Verb::Resume if yes => resume().by(Party::Dispatcher),
        Verb::Resume => resume(),
        Verb::Appoint => appoint(hours(u64::from(ask.detail))),
        Verb::MissAppointment => miss_appointment(),
        Verb::AddHelper => add_helper(who),
        Verb::RemoveHelper => remove_helper(who),
        Verb::Note if yes => show([a_photo(ask), photo(ask.other % 6)]),
        Verb::Note => note("门口有狗"),
        Verb::RemoveAttachment => {
            let named = ticket.map_or(&[][..], |ticket| &ticket.attachments);
            let named = named.get(usize::from(ask.other) % named.len().max(1));
            remove(named.map_or(0, |named| named.hash.0[0]))
        }
        Verb::Urge => urge(),
        Verb::Resolve if yes => with(resolve(Party::Engineer(who)), [a_photo(ask)]),
        Verb::Resolve => resolve(BY_AGENT),
        Verb::Remind => remind(u32::from(ask.detail % 3) + 1),
        Verb::Confirm if ask.detail.is_multiple_of(3) => confirm_partly(),
        Verb::Confirm if ask.detail % 3 == 1 => confirm().by(Party::Engineer(who)),
        Verb::Confirm => with(confirm(), [a_photo(ask)]),
        Verb::Reject if yes => with(reject(), [a_photo(ask)]),
        Verb::Reject => reject(),
        Verb::RetractAnswer => retract(),
        Verb::CloseBySilence => close_by_silence(),
        Verb::Close => close(),
        Verb::Reopen => reopen(),
        Verb::Escalate => escalate(),
        Verb::ToSupervisor if yes => to_supervisor(None),
        Verb::ToSupervisor => to_supervisor(None).by(Party::Dispatcher),
        Verb::EscalateQueue => escalate_queue(),
        Verb::MarkUrgent => step(Party::Dispatcher, domain::ticket::MarkUrgent::default()),
        Verb::Defer => defer(),
        Verb::AskOwner => ask_owner(assignment),
        Verb::ReportSilence => report_silence(assignment),
        Verb::Merge => merge(other),
        Verb::Link if yes => link(other, LinkKind::Duplicate),
        Verb::Link => link(other, LinkKind::Related),
        Verb::Unlink => unlink(other),
        Verb::Cancel => cancel(),
        Verb::Import => {
            let taken = match ask.detail % 6 {
                0 | 1 => opened_elsewhere(),
                2 => ImportedStep::Started,
                3 => ImportedStep::Held(HoldReason::WaitingForParts),
                4 => ImportedStep::Resolved,
                _ => ImportedStep::Closed,
            };
            step(Party::Import, Import { step: Some(taken), words: "旧系统".into() })
        }
    }
}

/// Two tickets to begin with, so that most of what is asked has something to act on.
fn begun() -> World {
    given([create(), create().on(T2)])
}

/// What of the state may be read once everything personal was erased.
fn without_persons(world: &World) -> (Vec<Arc<Ticket>>, Vec<Engineer>) {
    let engineers = world.state.engineers.values().map(|engineer| {
        let mut engineer = Engineer::clone(engineer);
        engineer.profile.card = domain::Personal::Erased;
        engineer.position = None;
        engineer
    });
    (world.state.tickets.values().cloned().collect(), engineers.collect())
}

fn seen(changes: &[Change]) -> Vec<Change> {
    changes.iter().map(|change| Change { event: erased(&change.event), ..change.clone() }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_legal_history_replays_to_the_state_that_was_decided_on(asks in asks()) {
        let mut world = begun();
        for ask in asks {
            let before = world.history.len();
            if world.run(&step_of(ask, &world)).is_err() {
                prop_assert_eq!(world.history.len(), before, "a rejection left something behind");
            }
        }
        prop_assert_eq!(Fold::of(&world.history), world.state);
    }

    #[test]
    fn decisions_never_depend_on_what_is_personal(asks in asks()) {
        let mut world = begun();
        let mut forgetful = world.forgetful();
        for ask in asks {
            let step = step_of(ask, &world);
            let (said, unsaid) = (world.run(&step), forgetful.run(&step));
            let seen = |answer: Result<Vec<Change>, _>| answer.map(|changes| seen(&changes));
            prop_assert_eq!(seen(said), seen(unsaid), "{:?}", step);
        }
        prop_assert_eq!(without_persons(&world), without_persons(&forgetful));
    }

    #[test]
    fn an_open_ticket_that_falls_due_always_moves_on(asks in asks()) {
        let mut world = begun();
        for ask in asks {
            // Asked for its effect; a refusal is as good a state to look at.
            drop(world.run(&step_of(ask, &world)));
        }
        for id in TICKETS {
            let mut world = world.clone();
            let Some(ticket) = world.state.tickets.get(&id).cloned() else { continue };
            let moved = fall_due(&mut world, id);
            prop_assert_eq!(moved, !is_at_the_end(&ticket), "{:?}", ticket.phase);
        }
    }

    #[test]
    fn a_command_that_comes_twice_is_applied_once(asks in asks()) {
        let mut world = begun();
        for ask in asks {
            let step = step_of(ask, &world);
            if world.run(&step).is_err() || repeats(&step) {
                continue;
            }
            let live = world.state.clone();
            if world.submit(step.by, &step.command).is_ok() {
                prop_assert_eq!(&world.state, &live, "{:?} had a second effect", step);
            }
        }
    }
}

/// Commands that say something each time: words, urges, levels, steps of an import, answers that
/// do not bind.
fn repeats(step: &Step) -> bool {
    match &step.command {
        Command::Ticket(_, command) => matches!(
            command.verb(),
            Verb::Details
                | Verb::Note
                | Verb::Urge
                | Verb::Escalate
                | Verb::Import
                | Verb::Confirm
                | Verb::Reject
        ),
        _ => false,
    }
}

#[test]
fn random_asking_reaches_every_verb_with_success() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut led = std::collections::BTreeSet::new();
    for _ in 0..1_500 {
        let asks = asks().new_tree(&mut runner).expect("a strategy without filters").current();
        let mut world = begun();
        for ask in asks {
            let step = step_of(ask, &world);
            if let (Ok(changes), Command::Ticket(_, command)) = (world.run(&step), &step.command)
                && !changes.is_empty()
            {
                led.insert(command.verb());
            }
        }
    }
    let never: Vec<_> = Verb::ALL.iter().filter(|verb| !led.contains(verb)).collect();
    assert!(never.is_empty(), "the properties never see {never:?} succeed");
}
