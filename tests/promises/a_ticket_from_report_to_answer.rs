//! A ticket goes from report to the customer's answer, over HTTP against the real binary.

use serde_json::json;

use crate::firm::Firm;
use crate::running::Process;

#[test]
fn a_report_of_one_sentence_at_an_outlet_is_dispatched_and_done_and_closed() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Process::start(data.path());
    let client = server.client();
    let firm = Firm::enter(&client, 2, 3);
    let ticket = firm.report(&client, "冲床咔哒两声就停了");
    let assigned = client.ticket_once(&ticket, "assigned");
    let engineer = assigned.text("/assignment/engineer").to_owned();
    assert!(firm.engineers.contains(&engineer));

    let at_work = client.acting_as(format!("engineer:{engineer}"));
    for (verb, state) in [("accept", "working"), ("depart", "working"), ("arrive", "working")] {
        let done = at_work.post(&format!("/api/v1/tickets/{ticket}/{verb}"), json!({})).expect(200);
        assert_eq!(done.text("/state"), state);
    }
    let resolve = json!({"fault_type": "机械", "parts": [{"code": "P-7", "quantity": 1}]});
    at_work.post(&format!("/api/v1/tickets/{ticket}/resolve"), resolve).expect(200);
    let confirm = json!({"stars": 5});
    let closed = client.post(&format!("/api/v1/tickets/{ticket}/confirm"), confirm).expect(200);
    assert_eq!(closed.text("/state"), "closed");

    let history = client.history(&ticket);
    let steps = ["Created", "Assigned", "Accepted", "Departed", "Arrived", "Resolved", "Confirmed"];
    assert_eq!(history, steps);
    let position = closed.number("/position");
    let figures = client
        .get(&format!("/api/v1/satisfaction?by=engineer&min_position={position}"))
        .expect(200);
    let text = figures.body.to_string();
    assert!(text.contains(&engineer), "{text}");
}

#[test]
fn an_unresolved_answer_goes_up_a_level_and_freezes_the_engineer_for_the_day() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Process::start(data.path());
    let client = server.client();
    let firm = Firm::enter(&client, 3, 3);
    let ticket = firm.report(&client, "空压机漏油");
    let engineer = client.ticket_once(&ticket, "assigned").text("/assignment/engineer").to_owned();
    let at_work = client.acting_as(format!("engineer:{engineer}"));
    let verb = |verb: &str| format!("/api/v1/tickets/{ticket}/{verb}");
    at_work.post(&verb("accept"), json!({})).expect(200);
    at_work.post(&verb("resolve"), json!({})).expect(200);
    let rejected = client.post(&verb("reject"), json!({"words": "还在漏"})).expect(200);
    assert_eq!(rejected.text("/id"), ticket);

    let again = client.ticket_once(&ticket, "assigned");
    assert_eq!(again.number("/level"), 1);
    assert_ne!(again.text("/assignment/engineer"), engineer);
    let path = format!("/api/v1/engineers/{engineer}");
    client.get_until(&path, |answer| !answer.body["frozen"].is_null());

    // Four more reports: none of them goes to the engineer who is frozen.
    for number in 0..4 {
        let ticket = firm.report(&client, &format!("第{number}台机器不动了"));
        let other = client.ticket_once(&ticket, "assigned");
        assert_ne!(other.text("/assignment/engineer"), engineer);
    }
    let by_hand = firm.report(&client, "叉车不走了");
    client.ticket_once(&by_hand, "assigned");
    let assign = json!({"engineer": engineer});
    let refused = client.post(&format!("/api/v1/tickets/{by_hand}/assign"), assign).expect(409);
    assert_eq!(refused.text("/type"), "urn:paidan:problem:frozen");
}

#[test]
fn an_empty_report_waits_in_the_call_back_queue_until_there_is_something_to_dispatch() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Process::start(data.path());
    let client = server.client();
    let firm = Firm::enter(&client, 1, 3);
    let created = client.post("/api/v1/tickets", json!({})).expect(201);
    assert_eq!(created.text("/state"), "call_back");
    let ticket = created.text("/id").to_owned();
    let position = created.number("/position");
    let queues = client.get(&format!("/api/v1/queues?min_position={position}")).expect(200);
    assert!(queues.body.to_string().contains(&ticket), "{:#}", queues.body);
    let other = firm.report(&client, "这一张会派出去");
    client.ticket_once(&other, "assigned");
    assert_eq!(client.history(&ticket), ["Created"], "nothing to dispatch, so not dispatched");

    let details = json!({"sentence": "冷库不冷了"});
    client.post(&format!("/api/v1/tickets/{ticket}/details"), details).expect(200);
    client.ticket_once(&ticket, "assigned");
}
