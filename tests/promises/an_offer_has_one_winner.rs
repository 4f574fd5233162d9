//! Of N engineers who accept at the same moment exactly one gets the ticket.

use std::sync::Barrier;

use serde_json::json;

use crate::firm::Firm;
use crate::running::Process;

const ENGINEERS: usize = 200;

#[test]
fn of_two_hundred_who_accept_at_once_one_wins_and_the_others_are_told_who() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Process::start(data.path());
    let client = server.client();
    let firm = Firm::enter(&client, ENGINEERS, 3);
    let ticket = firm.report(&client, "电梯停机冒烟");
    client.ticket_once(&ticket, "assigned");
    let offer = json!({"engineers": firm.engineers});
    let offered = client.post(&format!("/api/v1/tickets/{ticket}/offer"), offer).expect(200);
    assert_eq!(offered.text("/state"), "offered");

    let ready = Barrier::new(ENGINEERS);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = firm
            .engineers
            .iter()
            .map(|engineer| {
                let client = client.another().acting_as(format!("engineer:{engineer}"));
                let (path, ready) = (format!("/api/v1/tickets/{ticket}/accept"), &ready);
                scope.spawn(move || {
                    // The connection is there before anybody accepts.
                    client.get("/healthz").expect(200);
                    ready.wait();
                    (engineer, client.post(&path, json!({})))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });

    let (won, lost): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(_, answer)| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, ENGINEERS - 1));
    let winner = won[0].0;
    for (_, answer) in lost {
        let answer = answer.expect(409);
        assert_eq!(answer.media_type, "application/problem+json");
        assert_eq!(answer.text("/type"), "urn:paidan:problem:taken-by");
        assert_eq!(answer.text("/winner"), winner);
        assert_eq!(answer.text("/current/id"), ticket);
    }
    let accepted = client.get(&format!("/api/v1/tickets/{ticket}")).expect(200);
    assert_eq!(accepted.text("/assignment/engineer"), winner);
    let history = client.history(&ticket);
    assert_eq!(history.iter().filter(|event| *event == "Accepted").count(), 1);
}
