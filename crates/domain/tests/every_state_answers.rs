//! Every state answers every command: with events that can follow, with nothing because it is true
//! already or late, or with a rejection that fits the table of states. Nothing panics, and what
//! always holds still does afterwards.
//!
//! The matches below name every phase, verb, queue reason and outcome, so that a new one does not
//! compile until somebody has thought of how it is reached and what it is asked.

mod world;

use domain::engineer::Profile;
use domain::ticket::{
    Accept, AcceptTransfer, Arrive, Assign, Claim, Confirm, Decline, Depart, Details, EndTransfer,
    Escalate, Hold, HoldReason, Import, ImportedStage, ImportedStep, LinkKind, Offer, Outcome,
    Permit, Phase, PhaseName, QueueReason, QueueRole, Resolve, Return, Verb, Verdict,
};
use domain::{Command, Event, Party, Rejection, TicketId};
use world::timers::{fall_due, is_at_the_end};
use world::*;

type History = (&'static str, Vec<Step>);

/// The histories by which a ticket comes into a phase, one per sub-state worth asking.
fn histories(phase: PhaseName) -> Vec<History> {
    let accepted = || vec![create(), assign(ANNA), accept(ANNA)];
    let resolved = || vec![create(), assign(ANNA), accept(ANNA), resolve(Party::Engineer(ANNA))];
    let then = |mut history: Vec<Step>, more: Vec<Step>| {
        history.extend(more);
        history
    };
    match phase {
        PhaseName::CallBack => vec![
            ("nothing was said", vec![create_empty()]),
            ("partly solved", then(resolved(), vec![confirm_partly()])),
        ],
        PhaseName::Claimed => vec![
            ("from waiting", vec![create(), claim()]),
            ("from an empty report", vec![create_empty(), claim()]),
            ("from partly solved", then(resolved(), vec![confirm_partly(), claim()])),
        ],
        PhaseName::Waiting => vec![
            ("just reported", vec![create()]),
            ("nobody there", vec![create(), defer()]),
            ("timed out", vec![create(), dispatch(ANNA, 0), time_out(1).after(minutes(30))]),
            ("rejected", then(resolved(), vec![reject()])),
            ("reopened", then(resolved(), vec![confirm(), reopen()])),
            ("empty, and declined", vec![create_empty(), assign(ANNA), decline(ANNA)]),
        ],
        PhaseName::Offered => vec![
            ("to two", vec![create(), offer([ANNA, BO])]),
            ("to three, one declined", vec![create(), offer([ANNA, BO, CHEN]), decline(CHEN)]),
        ],
        PhaseName::Assigned => vec![
            ("by hand", vec![create(), assign(ANNA)]),
            ("by the dispatcher", vec![create(), dispatch(ANNA, 0)]),
            ("with a visit", vec![create(), appoint(hours(3)), assign(ANNA)]),
        ],
        PhaseName::Working => vec![
            ("accepted", accepted()),
            ("by an offer", vec![create(), offer([ANNA, BO]), accept(ANNA)]),
            ("departed", then(accepted(), vec![depart(ANNA)])),
            ("arrived", then(accepted(), vec![depart(ANNA), arrive(ANNA)])),
            ("asked", then(accepted(), vec![ask_owner(1).after(hours(4))])),
            ("a colleague asked", then(accepted(), vec![transfer(ANNA, BO)])),
            ("with a visit", then(accepted(), vec![appoint(hours(3))])),
            ("with a helper", then(accepted(), vec![add_helper(BO)])),
            (
                "taken over",
                vec![create(), assign(BO), accept(BO), transfer(BO, ANNA), accept_transfer(ANNA)],
            ),
        ],
        PhaseName::OnHold => vec![
            ("for parts", then(accepted(), vec![hold(ANNA)])),
            ("a colleague asked", then(accepted(), vec![hold(ANNA), transfer(ANNA, BO)])),
        ],
        PhaseName::Queued => {
            let mut all: Vec<History> = QUEUE_REASONS.map(queued).into();
            all.push(("the deputy's", then(in_queue(), vec![escalate_queue().after(minutes(30))])));
            let up = escalate_queue().after(minutes(30));
            all.push(("the director's", then(in_queue(), vec![up.clone(), up])));
            all
        }
        PhaseName::Duplicate => {
            vec![("of another", vec![create(), link(T2, LinkKind::Duplicate)])]
        }
        PhaseName::Resolved => vec![
            ("on site", resolved()),
            ("by phone", vec![create(), resolve(BY_AGENT)]),
            (
                "reminded twice",
                then(resolved(), vec![remind(1).after(hours(24)), remind(2).after(hours(24))]),
            ),
        ],
        PhaseName::Imported => IMPORTED_STAGES.map(imported).into(),
        PhaseName::Closed => OUTCOMES.map(closed).into(),
        PhaseName::Merged => vec![("into another", vec![create(), merge(T2)])],
        PhaseName::Cancelled => vec![
            ("by the customer", vec![create(), cancel()]),
            ("while worked on", then(accepted(), vec![cancel()])),
        ],
    }
}

fn in_queue() -> Vec<Step> {
    vec![create(), to_supervisor(None)]
}

const QUEUE_REASONS: [QueueReason; 9] = [
    QueueReason::EmptyReport,
    QueueReason::PartlySolved,
    QueueReason::ContradictingAnswers,
    QueueReason::RoundsExhausted,
    QueueReason::NobodyAvailable,
    QueueReason::NobodyAccepted,
    QueueReason::OwnerSilent,
    QueueReason::Escalated,
    QueueReason::ApprovalNeeded,
];

fn queued(reason: QueueReason) -> History {
    let told = |name, reason| (name, vec![create(), to_supervisor(Some(reason))]);
    match reason {
        QueueReason::EmptyReport => {
            ("an empty report", vec![create_empty(), escalate_queue().after(minutes(30))])
        }
        QueueReason::PartlySolved => {
            let up = escalate_queue().after(hours(24));
            ("partly solved", vec![create(), resolve(BY_AGENT), confirm_partly(), up])
        }
        QueueReason::ContradictingAnswers => {
            ("contradicting answers", vec![create(), resolve(BY_AGENT), confirm(), reject()])
        }
        QueueReason::RoundsExhausted => told("rounds exhausted", reason),
        QueueReason::NobodyAvailable => told("nobody available", reason),
        QueueReason::NobodyAccepted => (
            "nobody accepted",
            vec![
                create(),
                offer([ANNA]),
                expire_offer(1).after(minutes(30)),
                to_supervisor(Some(reason)),
            ],
        ),
        QueueReason::OwnerSilent => told("owner silent", reason),
        QueueReason::Escalated => told("escalated", reason),
        QueueReason::ApprovalNeeded => told("approval needed", reason),
    }
}

const IMPORTED_STAGES: [ImportedStage; 4] =
    [ImportedStage::Open, ImportedStage::Active, ImportedStage::Held, ImportedStage::Resolved];

fn imported(stage: ImportedStage) -> History {
    let opened = || import(opened_elsewhere());
    match stage {
        ImportedStage::Open => ("opened", vec![opened()]),
        ImportedStage::Active => ("active", vec![opened(), import(ImportedStep::Started)]),
        ImportedStage::Held => {
            ("held", vec![opened(), import(ImportedStep::Held(HoldReason::WaitingForCustomer))])
        }
        ImportedStage::Resolved => ("resolved", vec![opened(), import(ImportedStep::Resolved)]),
    }
}

const OUTCOMES: [Outcome; 4] =
    [Outcome::Satisfied, Outcome::ByAgent, Outcome::BySilence, Outcome::Imported];

fn closed(outcome: Outcome) -> History {
    match outcome {
        Outcome::Satisfied => {
            ("satisfied", vec![create(), resolve(Party::Engineer(ANNA)), confirm()])
        }
        Outcome::ByAgent => {
            ("by an agent", vec![create(), resolve(BY_AGENT), confirm_partly(), close()])
        }
        Outcome::BySilence => {
            let silent = close_by_silence().after(hours(72));
            ("by silence", vec![create(), resolve(BY_AGENT), silent])
        }
        Outcome::Imported => {
            ("elsewhere", vec![import(opened_elsewhere()), import(ImportedStep::Closed)])
        }
    }
}

/// What is asked: bodies that fit, that lack something, and that come from the wrong person.
fn bodies(verb: Verb) -> Vec<Step> {
    let everybody = |each: fn(domain::EngineerId) -> Step| vec![each(ANNA), each(BO), each(CHEN)];
    let numbered = |each: fn(u32) -> Step| vec![each(0), each(1), each(2), each(3)];
    match verb {
        Verb::Create => vec![create(), create_empty()],
        Verb::Details => vec![
            details("第三轴异响"),
            with(details("见图"), [photo(2)]),
            step(BY_AGENT, Details::default()),
            step(BY_AGENT, Details { device: Some(DEVICE), ..Details::default() }),
            step(BY_AGENT, Details { urgent: Some(true), ..Details::default() }),
        ],
        Verb::Claim => vec![
            claim(),
            step(Party::Agent(OTHER_AGENT), Claim::default()),
            step(Party::Anonymous, Claim::default()),
        ],
        Verb::EndClaim => vec![end_claim(), end_claim().by(BY_AGENT)],
        Verb::Offer => vec![
            offer([ANNA, BO]),
            offer([ANNA, ANNA]),
            offer([CHEN]),
            step(BY_AGENT, Offer::default()),
            offer([BO]).by(Party::Dispatcher),
        ],
        Verb::ExpireOffer => numbered(expire_offer),
        Verb::Assign => vec![
            assign(ANNA),
            assign(BO),
            dispatch(ANNA, 0),
            dispatch(BO, 1),
            dispatch(CHEN, 2),
            step(BY_AGENT, Assign::default()),
        ],
        Verb::Accept => {
            let mut all = everybody(accept);
            all.push(step(BY_AGENT, Accept { engineer: Some(ANNA) }));
            all.push(step(Party::Anonymous, Accept::default()));
            all
        }
        Verb::Decline => {
            let mut all = everybody(decline);
            all.push(step(Party::Anonymous, Decline::default()));
            all
        }
        Verb::Return => {
            let mut all = everybody(give_back);
            all.push(step(Party::Engineer(ANNA), Return::default()));
            all
        }
        Verb::Transfer => vec![
            transfer(ANNA, BO),
            transfer(ANNA, CHEN),
            transfer(ANNA, ANNA),
            transfer(BO, CHEN),
            transfer(CHEN, ANNA),
        ],
        Verb::AcceptTransfer => {
            let mut all = everybody(accept_transfer);
            all.push(step(BY_AGENT, AcceptTransfer { engineer: Some(BO) }));
            all
        }
        Verb::EndTransfer => {
            let mut all = numbered(end_transfer);
            all.push(step(Party::Engineer(BO), EndTransfer::default()));
            all
        }
        Verb::TimeOut => numbered(time_out),
        Verb::Withdraw => vec![withdraw(), withdraw().by(Party::Dispatcher)],
        Verb::Depart => {
            let mut all = everybody(depart);
            all.push(step(BY_AGENT, Depart { engineer: Some(ANNA) }));
            all
        }
        Verb::Arrive => {
            let mut all = everybody(arrive);
            all.push(step(BY_AGENT, Arrive { engineer: Some(BO) }));
            all
        }
        Verb::Hold => {
            let mut all = everybody(hold);
            all.push(step(Party::Engineer(ANNA), Hold::default()));
            all
        }
        Verb::Resume => vec![resume(), resume().by(Party::Dispatcher)],
        Verb::Appoint => vec![
            appoint(hours(5)),
            appoint(days(20)),
            step(BY_AGENT, domain::ticket::Appoint::default()),
        ],
        Verb::MissAppointment => vec![miss_appointment()],
        Verb::AddHelper => everybody(add_helper),
        Verb::RemoveHelper => everybody(remove_helper),
        Verb::Note => vec![note("门口有狗"), note(""), show([photo(2)]), show([unvouched(3)])],
        Verb::RemoveAttachment => {
            vec![remove(1), remove(2), step(BY_AGENT, domain::ticket::RemoveAttachment::default())]
        }
        Verb::Urge => vec![urge()],
        Verb::Resolve => vec![
            resolve(BY_AGENT),
            resolve(Party::Engineer(ANNA)),
            resolve(Party::Engineer(BO)),
            step(BY_AGENT, Resolve { engineer: Some(CHEN), ..Resolve::default() }),
            with(resolve(BY_AGENT), [photo(2)]),
        ],
        Verb::Remind => numbered(remind),
        Verb::Confirm => vec![
            confirm(),
            confirm_partly(),
            with(confirm(), [photo(2)]),
            confirm().by(Party::Engineer(ANNA)),
            step(BY_CUSTOMER, Confirm { verdict: Some(Verdict::Unresolved), ..Confirm::default() }),
            step(BY_CUSTOMER, Confirm { stars: Some(9), ..Confirm::default() }),
        ],
        Verb::Reject => {
            vec![reject(), reject().by(Party::Engineer(ANNA)), with(reject(), [photo(1), photo(2)])]
        }
        Verb::RetractAnswer => vec![retract()],
        Verb::CloseBySilence => vec![close_by_silence()],
        Verb::Close => vec![close(), step(BY_AGENT, domain::ticket::Close::default())],
        Verb::Reopen => vec![reopen()],
        Verb::Escalate => vec![
            escalate(),
            step(BY_SUPERVISOR, Escalate { without: Some(ANNA) }),
            escalate().by(Party::Dispatcher),
        ],
        Verb::ToSupervisor => vec![
            to_supervisor(None),
            to_supervisor(Some(QueueReason::NobodyAvailable)).by(Party::Dispatcher),
        ],
        Verb::EscalateQueue => vec![escalate_queue()],
        Verb::Defer => vec![defer()],
        Verb::MarkUrgent => vec![step(Party::Dispatcher, domain::ticket::MarkUrgent::default())],
        Verb::AskOwner => numbered(ask_owner),
        Verb::ReportSilence => numbered(report_silence),
        Verb::Merge => vec![
            merge(T2),
            merge(T3),
            merge(T1),
            merge(TicketId::from_u128(404)),
            step(BY_AGENT, domain::ticket::Merge::default()),
        ],
        Verb::Link => vec![
            link(T2, LinkKind::Duplicate),
            link(T3, LinkKind::Duplicate),
            link(T2, LinkKind::RepeatVisit),
            link(T1, LinkKind::Related),
        ],
        Verb::Unlink => vec![unlink(T2), unlink(T3)],
        Verb::Cancel => vec![cancel()],
        Verb::Import => vec![
            import(opened_elsewhere()),
            import(ImportedStep::Started),
            import(ImportedStep::Resolved),
            import(ImportedStep::Closed),
            import(ImportedStep::Reopened),
            step(Party::Import, Import::default()),
        ],
    }
}

/// Whether the same words a second time are a second fact. Everything else asks for a state, and
/// a state that is there already needs nothing more.
const fn adds_up(verb: Verb) -> bool {
    match verb {
        Verb::Details | Verb::Note | Verb::Urge | Verb::Escalate | Verb::Import => true,
        Verb::Create
        | Verb::Claim
        | Verb::EndClaim
        | Verb::Offer
        | Verb::ExpireOffer
        | Verb::Assign
        | Verb::Accept
        | Verb::Decline
        | Verb::Return
        | Verb::Transfer
        | Verb::AcceptTransfer
        | Verb::EndTransfer
        | Verb::TimeOut
        | Verb::Withdraw
        | Verb::Depart
        | Verb::Arrive
        | Verb::Hold
        | Verb::Resume
        | Verb::Appoint
        | Verb::MissAppointment
        | Verb::AddHelper
        | Verb::RemoveHelper
        | Verb::RemoveAttachment
        | Verb::Resolve
        | Verb::Remind
        | Verb::Confirm
        | Verb::Reject
        | Verb::RetractAnswer
        | Verb::CloseBySilence
        | Verb::Close
        | Verb::Reopen
        | Verb::ToSupervisor
        | Verb::EscalateQueue
        | Verb::Defer
        | Verb::MarkUrgent
        | Verb::AskOwner
        | Verb::ReportSilence
        | Verb::Merge
        | Verb::Link
        | Verb::Unlink
        | Verb::Cancel => false,
    }
}

/// A neighbour that works on another ticket, and a duplicate of that; Chen's only place is taken.
fn neighbourhood() -> World {
    given([
        create().on(T2),
        assign(CHEN).on(T2),
        create().on(T3),
        link(T2, LinkKind::Duplicate).on(T3),
    ])
}

fn reached(phase: PhaseName) -> Vec<(&'static str, World)> {
    let mut all = Vec::new();
    for (name, history) in histories(phase) {
        let mut world = neighbourhood();
        // Each of them has shown a picture before anything else happened.
        let (first, rest) = history.split_first().expect("a ticket begins with something");
        for step in [first, &show([photo(1)])].into_iter().chain(rest) {
            world
                .run(step)
                .unwrap_or_else(|rejection| panic!("to {phase:?}, {name}: {step:?}: {rejection}"));
        }
        assert_eq!(world.phase(T1), phase, "{name} leads elsewhere");
        all.push((name, world));
    }
    all
}

fn verb_of(step: &Step) -> Verb {
    match &step.command {
        Command::Ticket(_, command) => command.verb(),
        other => panic!("{other:?} is not about a ticket"),
    }
}

/// What the table of states says of a command must be what the decision does.
fn fits_the_table(world: &World, step: &Step, answer: &Result<usize, Rejection>) -> bool {
    let (phase, verb) = (world.phase(T1), verb_of(step));
    match (phase.permits(verb), answer) {
        (Permit::Late, answer) => *answer == Ok(0),
        // The dispatcher decides on what it has seen; what no longer fits comes late.
        (Permit::No, Ok(events)) => *events == 0 && step.by == Party::Dispatcher,
        (Permit::No, Err(Rejection::NotAllowed { verb: named, phase: at })) => {
            (*named, *at) == (verb, phase)
        }
        (Permit::No, Err(Rejection::AlreadyExists { .. })) => verb == Verb::Create,
        (Permit::No, Err(Rejection::MergedInto { into })) => {
            phase == PhaseName::Merged && *into == T2
        }
        (Permit::No, Err(_)) => false,
        // An answer is listened to where there was a 完工 to answer.
        (Permit::Yes, Err(Rejection::NotAllowed { .. })) => {
            matches!(verb, Verb::Confirm | Verb::Reject)
        }
        (Permit::Yes, _) => true,
    }
}

#[test]
fn every_state_answers_every_command_at_any_time() {
    let mut asked = 0_u32;
    for phase in PhaseName::ALL {
        for (name, world) in reached(phase) {
            for verb in Verb::ALL {
                for body in bodies(*verb) {
                    assert_eq!(verb_of(&body), *verb);
                    for later in [seconds(0), minutes(31), hours(5), days(4), days(40)] {
                        let step = body.clone().after(later);
                        answers(name, &world, &step);
                        asked += 1;
                    }
                }
            }
        }
    }
    assert!(asked > 20_000, "only {asked} questions were asked");
}

fn answers(name: &str, before: &World, step: &Step) {
    let told = || format!("{:?} ({name}) asked {step:?}", before.phase(T1));
    let mut world = before.clone();
    let answer = world.run(step);
    let count = answer.as_ref().map(Vec::len).map_err(Clone::clone);
    assert!(fits_the_table(before, step, &count), "{}: {count:?}", told());
    let Ok(changes) = answer else {
        assert_eq!(world.history.len(), before.history.len(), "{}", told());
        return;
    };
    for change in &changes {
        serde_json::to_string(&change.event).unwrap_or_else(|error| panic!("{}: {error}", told()));
    }
    // An answer that does not bind is written down each time that it is given.
    let noted = |event: &Event| matches!(event.name(), "AnswerFlagged" | "AnswerContradicted");
    if adds_up(verb_of(step)) || changes.iter().any(|change| noted(&change.event)) {
        return;
    }
    match world.submit(step.by, &step.command) {
        Ok(again) => assert!(again.is_empty(), "{}: a second time: {again:?}", told()),
        Err(rejection) => assert!(!rejection.to_string().is_empty()),
    }
}

#[test]
fn every_phase_is_reached_in_every_way_that_its_parts_can_be() {
    let all: Vec<Phase> = PhaseName::ALL
        .into_iter()
        .flat_map(reached)
        .map(|(_, world)| world.ticket_now(T1).phase.clone())
        .collect();
    for reason in QUEUE_REASONS {
        assert!(
            all.iter()
                .any(|phase| matches!(phase, Phase::Queued { queue } if queue.reason == reason)),
            "{reason:?}"
        );
    }
    for role in [QueueRole::CallBack, QueueRole::Supervisor, QueueRole::Deputy, QueueRole::Director]
    {
        assert!(
            all.iter().any(|phase| matches!(
                phase,
                Phase::Queued { queue } | Phase::CallBack { queue } if queue.role == role
            )),
            "{role:?}"
        );
    }
    for expected in OUTCOMES {
        assert!(
            all.iter().any(
                |phase| matches!(phase, Phase::Closed { outcome, .. } if *outcome == expected)
            ),
            "{expected:?}"
        );
    }
    for expected in IMPORTED_STAGES {
        assert!(
            all.iter()
                .any(|phase| matches!(phase, Phase::Imported { stage, .. } if *stage == expected)),
            "{expected:?}"
        );
    }
}

#[test]
fn every_open_state_has_a_timer_that_moves_it_on_when_it_is_due() {
    for phase in PhaseName::ALL {
        for (name, mut world) in reached(phase) {
            let before = world.ticket_now(T1).due();
            if is_at_the_end(world.ticket_now(T1)) {
                assert!(!fall_due(&mut world, T1), "{phase:?}, {name}");
            } else {
                assert!(fall_due(&mut world, T1), "{phase:?}, {name}: nothing happens when due");
                assert_ne!(world.ticket_now(T1).due(), before, "{phase:?}, {name}: due for ever");
            }
        }
    }
}

#[test]
fn a_ticket_that_was_never_reported_answers_only_a_report_and_an_import() {
    for verb in Verb::ALL {
        for body in bodies(*verb) {
            let mut world = World::furnished();
            match (verb, world.run(&body)) {
                (Verb::Create, Ok(events)) => assert_eq!(events.len(), 1),
                (Verb::Import, Ok(events)) => assert_eq!(events.len(), 1),
                (Verb::Import, Err(Rejection::Invalid { .. })) => {}
                (_, Err(Rejection::NotFound { stream })) => assert_eq!(stream, T1.into()),
                (_, answer) => panic!("{body:?} led to {answer:?}"),
            }
        }
    }
}

#[test]
fn what_is_offered_as_possible_is_permitted_and_no_timer() {
    for phase in PhaseName::ALL {
        for verb in phase.allowed() {
            assert_eq!(phase.permits(verb), Permit::Yes, "{phase:?} {verb:?}");
            assert!(!verb.is_timer(), "{phase:?} {verb:?}");
        }
    }
    for verb in [Verb::Accept, Verb::Decline, Verb::Confirm, Verb::Reject] {
        assert!(!PhaseName::Working.allowed().contains(&verb), "{verb:?} has nothing to act on");
    }
}

#[test]
fn an_unknown_engineer_is_named_in_the_rejection_of_every_command() {
    let nobody = domain::EngineerId::from_u128(404);
    let mut world = given([create()]);
    for body in [assign(nobody), offer([ANNA, nobody])] {
        let rejection = world.run(&body).expect_err("nobody has this id");
        assert!(
            matches!(rejection, Rejection::UnknownReference { stream, .. } if stream == nobody.into())
        );
    }
    let retired = Profile { retired: true, ..Profile::default() };
    world.run(&enter(ANNA, retired)).expect("the entry changes");
    for body in [assign(ANNA), offer([BO, ANNA])] {
        assert_eq!(world.run(&body).expect_err("gone"), Rejection::Retired { engineer: ANNA });
    }
}

#[test]
fn every_state_lets_an_attachment_be_taken_out_of_view() {
    for phase in PhaseName::ALL {
        for (name, mut world) in reached(phase) {
            let led = world.run(&remove(1)).map(|changes| changes.len());
            assert_eq!(led, Ok(1), "{phase:?}, {name}");
        }
    }
}
