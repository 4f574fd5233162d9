//! The decisions of whole logs come out again from their basis.

use std::sync::Arc;

use dispatcher::CORE_VERSION;
use domain::engineer::{DutySource, EngineerCommand, Profile};
use domain::ticket::{Assign, Create, TicketCommand};
use domain::{Actor, Command, CommandId, EngineerId, Issuer, Party, TicketId, Timestamp};
use engine::{Engine, Submission};
use eventlog::{DecisionBasis, EventLog, ManualClock, MemoryLog};
use simulation::{Options, play};
use trial::{Between, Rechecked, recheck};

const SEEDS: u64 = 60;

fn add(all: &mut Rechecked, one: Rechecked) {
    all.decisions += one.decisions;
    all.exact += one.exact;
    all.others_on_their_way += one.others_on_their_way;
    all.supposing += one.supposing;
    all.differing += one.differing;
    all.differences.extend(one.differences);
}

#[test]
fn of_a_firm_where_everything_breaks_they_come_out_again() {
    let mut all = Rechecked::default();
    for seed in 0..SEEDS {
        let (_, log) = play(seed, Options::default()).expect("it holds");
        add(
            &mut all,
            recheck(log.as_ref(), Between::ALWAYS, 3, &mut |_| true).expect("it is read"),
        );
    }
    assert!(all.decisions > 10_000, "{} decisions say little", all.decisions);
    assert_eq!(all.differing, 0, "{:#?}", all.differences);
    // Answers are lost, dispatchers die and two of them act at once; still nearly all is in the log.
    assert!(all.exact * 1_000 >= all.decisions * 995, "{all:?}");
}

/// Two engineers who differ in nothing but their names, and a ticket that a dispatcher gave to one.
fn given_to(engineer: u128) -> Rechecked {
    let clock = ManualClock::new(Timestamp::from_seconds(1_772_000_000));
    let log = Arc::new(MemoryLog::new(Arc::new(clock.clone())).expect("randomness"));
    let shared: Arc<dyn EventLog> = Arc::<MemoryLog>::clone(&log);
    let engine = Engine::new(shared, Arc::new(clock), engine::Options::default());
    let send = |key: &str, party, command, basis| {
        let issuer = match party {
            Party::Dispatcher => Issuer::Dispatcher,
            _ => Issuer::Client("test".into()),
        };
        let id = CommandId { issuer, key: key.into() };
        let submission =
            Submission { basis, ..Submission::live(id, command, Actor::system(party)) };
        engine.begin(submission).and_then(engine::Pending::wait).expect("it is taken").position
    };
    for number in [1, 2] {
        let id = EngineerId::from_u128(number);
        let put = EngineerCommand::Put(Profile::default());
        send(&format!("put {number}"), Party::Gateway, Command::Engineer(id, put), None);
        let duty = EngineerCommand::StartDuty(DutySource::ByHand);
        send(&format!("duty {number}"), Party::Gateway, Command::Engineer(id, duty), None);
    }
    let ticket = TicketId::from_u128(7);
    let create = Create { sentence: Some("冲床停了".into()), ..Create::default() };
    let create = Command::Ticket(ticket, create.into());
    let position = send("report", Party::Anonymous, create, None);

    let decided_at = log.head().recorded_at;
    let rule_set = domain::rules::RuleSet::default().version;
    let core_version = CORE_VERSION;
    let basis = DecisionBasis { position, decided_at, rule_set, core_version };
    let mut core = dispatcher::Dispatcher::new();
    for recorded in log.read(domain::GlobalPosition::ZERO, 100).expect("memory") {
        core.replay(&trial::feed_event(recorded)).expect("it follows");
    }
    let mut decided = core.recall(ticket.into(), decided_at).remove(0);
    if let Command::Ticket(_, TicketCommand::Assign(Assign { engineer: chosen, .. })) =
        &mut decided.command
    {
        *chosen = Some(EngineerId::from_u128(engineer));
    }
    send(&decided.id.key, Party::Dispatcher, decided.command, Some(basis));
    recheck(log.as_ref(), Between::ALWAYS, 10, &mut |_| true).expect("it is read")
}

#[test]
fn a_decision_that_the_core_takes_too_is_the_same() {
    let found = given_to(1);
    assert_eq!((found.decisions, found.exact, found.differing), (1, 1, 0), "{found:?}");
}

#[test]
fn a_decision_for_somebody_else_differs_and_both_are_named() {
    let found = given_to(2);
    assert_eq!((found.decisions, found.exact, found.differing), (1, 0, 1), "{found:?}");
    let difference = &found.differences[0];
    let (recorded, recomputed) = (&difference.event, difference.content.as_ref());
    assert!(recorded.contains(&EngineerId::from_u128(2).to_string()), "{recorded}");
    let recomputed = recomputed.expect("another came out");
    let chosen = format!("\"engineer\":\"{}\"", EngineerId::from_u128(1));
    assert!(recomputed.contains(&chosen), "{recomputed}");
}
