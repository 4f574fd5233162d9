//! Many at once: one wins, nobody is refused for contention, no place is given twice.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::desk::{Desk, engineer, ticket};
use domain::ticket::{Accept, Assign, Create, Offer, Resolve};
use domain::{Command, Rejection};
use engine::{Engine, Error, Options};
use eventlog::EventLog;

fn report() -> Create {
    Create { sentence: Some("漏油".into()), ..Create::default() }
}

fn rejection(error: Error) -> Rejection {
    match error {
        Error::Rejected(rejected) => rejected.rejection,
        other => panic!("an honest command failed: {other}"),
    }
}

#[test]
fn of_two_hundred_who_accept_an_offer_exactly_one_wins_and_the_others_learn_who() {
    let desk = Desk::new();
    desk.staff(200, 3);
    desk.on_ticket(ticket(1), report()).expect("created");
    let engineers = (1..=200).map(engineer).collect();
    desk.on_ticket(ticket(1), Offer { engineers, ..Offer::default() }).expect("offered");
    let answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=200)
            .map(|number| {
                let desk = &desk;
                scope.spawn(move || {
                    let accept = Accept { engineer: Some(engineer(number)) };
                    (engineer(number), desk.on_ticket(ticket(1), accept))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let winners: Vec<_> =
        answers.iter().filter(|(_, answer)| answer.is_ok()).map(|(who, _)| *who).collect();
    let [winner] = winners[..] else { panic!("{} winners", winners.len()) };
    for (_, answer) in answers {
        if let Err(error) = answer {
            let Rejection::TakenBy { winner: named, .. } = rejection(error) else {
                panic!("the winner is not named");
            };
            assert_eq!(named, winner);
        }
    }
}

#[test]
fn sixty_four_clients_at_ten_engineers_last_places_give_none_of_them_twice() {
    const CLIENTS: u128 = 64;
    const ROUNDS: u128 = 20;
    let desk = Desk::new();
    desk.staff(10, 1);
    let assigned = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (desk, assigned) = (&desk, &assigned);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let ticket = ticket(1 + client * ROUNDS + round);
                    desk.on_ticket(ticket, report()).expect("a report is never refused");
                    let chosen = engineer(1 + (client + round) % 10);
                    let assign = Assign { engineer: Some(chosen), ..Assign::default() };
                    match desk.on_ticket(ticket, assign) {
                        Ok(_) => {
                            assigned.fetch_add(1, Ordering::Relaxed);
                            let done = Resolve { engineer: Some(chosen), ..Resolve::default() };
                            desk.on_ticket(ticket, done).expect("the owner may resolve");
                        }
                        Err(error) => assert!(matches!(
                            rejection(error),
                            Rejection::NoFreePlace { taken: 1, capacity: 1, .. }
                        )),
                    }
                }
            });
        }
    });
    assert!(assigned.load(Ordering::Relaxed) >= 10, "somebody must have got a place");
    // The fold refuses a place that is taken twice, so a new engine that reads every stream
    // proves the history.
    let fresh = Engine::new(desk.log.clone(), desk.clock.clone(), Options::default());
    for number in 1..=CLIENTS * ROUNDS {
        fresh.ticket(ticket(number)).expect("no corrupt history").expect("reported");
    }
    for number in 1..=10 {
        let free = domain::engineer::EngineerCommand::GoOnline;
        desk.run(Command::Engineer(engineer(number), free)).expect("readable");
    }
}

#[test]
fn an_engine_that_starts_anew_decides_on_the_same_state() {
    let desk = Desk::new();
    desk.staff(2, 1);
    desk.on_ticket(ticket(1), report()).expect("created");
    let assign = |number| Assign { engineer: Some(engineer(number)), ..Assign::default() };
    desk.on_ticket(ticket(1), assign(1)).expect("assigned");
    let fresh = Engine::new(desk.log.clone(), desk.clock.clone(), Options::default());
    let accept = Accept { engineer: Some(engineer(2)) };
    let command = Command::Ticket(ticket(1), accept.into());
    let refused = fresh.begin(desk.submission(command)).expect("begun").wait();
    assert!(matches!(
        refused.map_err(rejection),
        Err(Rejection::TakenBy { winner, .. }) if winner == engineer(1)
    ));
    let kept = desk.engine.ticket(ticket(1)).expect("readable").expect("there");
    assert_eq!(fresh.ticket(ticket(1)).expect("readable").expect("there"), kept);
    assert!(desk.log.head().position.get() > 1);
}
