//! What the dispatcher does, in one process and over NATS: each scenario runs in both shapes.

use mishaps::NatsServer;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Client;
use crate::dispatchers_follow_over_nats::{Dispatcher, gateway};
use crate::firm::Firm;
use crate::running::{Process, paidan};

/// Where the dispatcher runs.
#[derive(Clone, Copy)]
enum Shape {
    /// In `paidan serve`.
    OneProcess,
    /// In a process of its own, beside `paidan gateway` and a NATS server.
    OverNats,
}

/// Everything that runs, until it is dropped.
struct Place {
    server: Process,
    _dispatcher: Option<(Dispatcher, NatsServer)>,
    data: TempDir,
}

impl Place {
    fn start(shape: Shape) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let (server, dispatcher) = match shape {
            Shape::OneProcess => (Process::start(data.path()), None),
            Shape::OverNats => {
                let nats = NatsServer::start();
                let server = gateway(data.path(), &nats);
                (server, Some((Dispatcher::start(data.path(), &nats), nats)))
            }
        };
        Self { server, _dispatcher: dispatcher, data }
    }

    fn client(&self) -> Client {
        self.server.client()
    }

    /// Publishes rules, given as TOML; whatever is left out is as shipped.
    fn rules(&self, rules: &str) {
        let file = self.data.path().join("short.toml");
        std::fs::write(&file, rules).expect("is written");
        let file = file.to_str().expect("text");
        let published = paidan(self.data.path(), &["rules", "publish", file]).output();
        let published = published.expect("paidan runs");
        assert!(published.status.success(), "{}", String::from_utf8_lossy(&published.stderr));
    }
}

fn verb(ticket: &str, verb: &str) -> String {
    format!("/api/v1/tickets/{ticket}/{verb}")
}

/// The engineer whom the ticket went to with this assignment, and a client of theirs.
#[track_caller]
fn assigned(client: &Client, ticket: &str, number: u64) -> (String, Client) {
    let path = format!("/api/v1/tickets/{ticket}");
    let answer = client.get_until(&path, |answer| answer.body["assignment"]["number"] == number);
    let engineer = answer.text("/assignment/engineer").to_owned();
    let at_work = client.acting_as(format!("engineer:{engineer}"));
    (engineer, at_work)
}

fn count(client: &Client, ticket: &str, name: &str) -> usize {
    client.history(ticket).iter().filter(|event| *event == name).count()
}

fn each_report_goes_to_somebody_once(shape: Shape) {
    let place = Place::start(shape);
    let client = place.client();
    let firm = Firm::enter(&client, 3, 100);
    let report = |number| firm.report(&client, &format!("第{number}台停了"));
    let tickets: Vec<_> = (0..20).map(report).collect();
    for ticket in &tickets {
        assigned(&client, ticket, 1);
        assert_eq!(count(&client, ticket, "Assigned"), 1, "{ticket}");
    }
}

fn who_declines_is_not_asked_again_and_the_next_one_is(shape: Shape) {
    let place = Place::start(shape);
    let client = place.client();
    let firm = Firm::enter(&client, 2, 3);
    let ticket = firm.report(&client, "门禁坏了");
    let (first, at_work) = assigned(&client, &ticket, 1);
    at_work.post(&verb(&ticket, "decline"), json!({})).expect(200);
    let (second, at_work) = assigned(&client, &ticket, 2);
    assert_ne!(first, second);
    at_work.post(&verb(&ticket, "accept"), json!({})).expect(200);
    assert_eq!(count(&client, &ticket, "Assigned"), 2);
}

fn silence_leads_to_others_and_then_to_the_supervisors_queue(shape: Shape) {
    let place = Place::start(shape);
    let client = place.client();
    let firm = Firm::enter(&client, 5, 3);
    place.rules("[accept]\nwithin = \"1s\"\n");
    let ticket = firm.report(&client, "数控机床报警");
    let queued = client.ticket_once(&ticket, "queued");
    assert_eq!(queued.text("/queue/role"), "supervisor");
    assert_eq!(queued.text("/queue/reason"), "rounds_exhausted");
    let counted = ["Assigned", "TimedOut", "Queued"].map(|name| count(&client, &ticket, name));
    assert_eq!(counted, [3, 3, 1]);
}

fn a_second_report_of_the_same_fault_is_linked_and_one_from_elsewhere_is_not(shape: Shape) {
    let place = Place::start(shape);
    let client = place.client();
    let firm = Firm::enter(&client, 3, 100);
    let report = |sentence: &str, at: &str| {
        let body = json!({
            "sentence": sentence, "outlet": firm.outlet, "contact_phone": "13800000001", "place": at,
        });
        client.post("/api/v1/tickets", body).expect(201).text("/id").to_owned()
    };
    let first = report("冲床咔哒两声就停了", "一号车间");
    assigned(&client, &first, 1);
    let second = report("冲床咔哒两声停了", "一号车间");
    client.ticket_once(&second, "duplicate");
    assert_eq!(count(&client, &second, "Assigned"), 0);
    let elsewhere = report("冲床咔哒两声就停了", "南门外仓库");
    assigned(&client, &elsewhere, 1);
    // Once the first is cancelled, what was linked to it is dispatched.
    client.post(&verb(&first, "cancel"), json!({})).expect(200);
    assigned(&client, &second, 1);
}

fn an_unresolved_answer_goes_up_a_level_without_the_engineer_who_is_frozen(shape: Shape) {
    let place = Place::start(shape);
    let client = place.client();
    let firm = Firm::enter(&client, 3, 3);
    let ticket = firm.report(&client, "空压机漏油");
    let (engineer, at_work) = assigned(&client, &ticket, 1);
    at_work.post(&verb(&ticket, "accept"), json!({})).expect(200);
    at_work.post(&verb(&ticket, "resolve"), json!({})).expect(200);
    client.post(&verb(&ticket, "reject"), json!({"words": "还在漏"})).expect(200);
    let (next, _) = assigned(&client, &ticket, 2);
    assert_ne!(next, engineer);
    let path = format!("/api/v1/engineers/{engineer}");
    client.get_until(&path, |answer| answer.body["frozen"] != Value::Null);
    for number in 0..4 {
        let other = firm.report(&client, &format!("第{number}台机器不动了"));
        assert_ne!(assigned(&client, &other, 1).0, engineer);
    }
}

fn what_nobody_can_take_goes_to_whoever_comes_on_duty(shape: Shape) {
    let place = Place::start(shape);
    let client = place.client();
    let firm = Firm::enter(&client, 1, 3);
    let engineer = &firm.engineers[0];
    client.post(&format!("/api/v1/engineers/{engineer}/off-duty"), json!({})).expect(200);
    let ticket = firm.report(&client, "打印机卡纸");
    let path = format!("/api/v1/tickets/{ticket}/events");
    client.get_until(&path, |answer| answer.body.to_string().contains("DispatchDeferred"));
    client.post(&format!("/api/v1/engineers/{engineer}/on-duty"), json!({})).expect(200);
    assert_eq!(&assigned(&client, &ticket, 1).0, engineer);
}

/// Each scenario as a test of either shape.
macro_rules! in_both_shapes {
    ($($scenario:ident,)*) => {
        mod in_one_process {
            $(#[test] fn $scenario() { super::$scenario(super::Shape::OneProcess); })*
        }
        mod over_nats {
            $(#[test] fn $scenario() { super::$scenario(super::Shape::OverNats); })*
        }
    };
}

in_both_shapes! {
    each_report_goes_to_somebody_once,
    who_declines_is_not_asked_again_and_the_next_one_is,
    silence_leads_to_others_and_then_to_the_supervisors_queue,
    a_second_report_of_the_same_fault_is_linked_and_one_from_elsewhere_is_not,
    an_unresolved_answer_goes_up_a_level_without_the_engineer_who_is_frozen,
    what_nobody_can_take_goes_to_whoever_comes_on_duty,
}
