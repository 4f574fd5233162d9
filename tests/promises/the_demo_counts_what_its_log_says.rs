//! `serve --demo`: what its people were answered, what its log says and what the API answers are
//! the same figures.

use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;
use paidan::demo::{BEGIN, PRELUDE, SEED_DEFAULT};
use serde_json::Value;

use crate::client::Client;
use crate::demo::Played;
use crate::running::paidan;

/// A button and the event that it leads to. Buttons that can lead to one of several are below.
const EVENT_OF: &[(&str, &str)] = &[
    ("create", "Created"),
    ("details", "DetailsAdded"),
    ("claim", "Claimed"),
    ("offer", "Offered"),
    ("accept", "Accepted"),
    ("return", "Returned"),
    ("transfer", "TransferRequested"),
    ("accept-transfer", "Transferred"),
    ("depart", "Departed"),
    ("arrive", "Arrived"),
    ("hold", "Held"),
    ("appoint", "Appointed"),
    ("add-helper", "HelperAdded"),
    ("note", "Noted"),
    ("urge", "Urged"),
    ("resolve", "Resolved"),
    ("confirm", "Confirmed"),
    ("reject", "Rejected"),
    ("retract-answer", "AnswerRetracted"),
    ("close", "Closed"),
    ("cancel", "Cancelled"),
    ("link", "Linked"),
    ("reopen", "Reopened"),
];

/// A ticket, folded by this test alone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Folded {
    state: &'static str,
    created_at: Timestamp,
    accepted: bool,
    /// The customer answered 部分解决: what is left is to call.
    partly: bool,
}

/// What the log says, counted by this test alone.
#[derive(Debug, Default)]
struct Fold {
    tickets: BTreeMap<String, Folded>,
    /// By whom, the dispatcher or people, and type.
    types: BTreeMap<(bool, String), u64>,
    verdicts: BTreeMap<&'static str, u64>,
    stars: BTreeMap<u64, u64>,
    places: BTreeMap<String, BTreeSet<String>>,
    frozen_until: BTreeMap<String, Timestamp>,
    first_accepted: u64,
    retracted: u64,
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn moment(value: &Value, pointer: &str) -> Timestamp {
    text(value, pointer).parse().expect("a moment")
}

impl Fold {
    fn of(events: &[Value]) -> Self {
        let mut fold = Self::default();
        for event in events {
            let (stream, name) = (text(event, "/stream"), text(event, "/type"));
            let by_people = !["dispatcher", "gateway"].contains(&text(event, "/actor/party"));
            *fold.types.entry((by_people, name.to_owned())).or_default() += 1;
            if stream.starts_with("tk_") {
                fold.ticket(stream, name, event);
            } else if stream.starts_with("en_") {
                fold.engineer(stream, name, &event["data"]);
            }
        }
        fold
    }

    fn ticket(&mut self, id: &str, name: &str, event: &Value) {
        let data = &event["data"];
        if name == "Created" {
            let state = if data["entry"]["dispatch"].is_null() { "call_back" } else { "waiting" };
            let created_at = moment(event, "/recorded_at");
            let folded = Folded { state, created_at, accepted: false, partly: false };
            self.tickets.insert(id.to_owned(), folded);
            return;
        }
        let ticket = self.tickets.get_mut(id).expect("a ticket is created first");
        let entry = |field: &Value| match (&field["dispatch"], &field["call_back"]) {
            (Value::Null, Value::Null) => None,
            (Value::Null, _) => Some("call_back"),
            _ => Some("waiting"),
        };
        let next = match name {
            "DetailsAdded" | "Unlinked" | "ClaimEnded" => entry(&data["entry"]),
            "Claimed" => Some("claimed"),
            "Offered" => Some("offered"),
            "Assigned" => Some("assigned"),
            "OfferExpired" | "OfferWithdrawn" | "Declined" | "Returned" | "TimedOut"
            | "Withdrawn" | "Escalated" | "Reopened" => Some("waiting"),
            "Accepted" | "Transferred" | "Resumed" => Some("working"),
            "Held" => Some("on_hold"),
            "Resolved" | "AnswerRetracted" => Some("resolved"),
            "Linked" if !data["due"].is_null() => Some("duplicate"),
            "Queued" if text(data, "/entry/role") == "call_back" => Some("call_back"),
            "Queued" => Some("queued"),
            "Confirmed" if text(data, "/verdict") == "partial" => Some("call_back"),
            "Confirmed" | "Closed" | "ClosedBySilence" | "Cancelled" | "Merged" => Some("ended"),
            _ => None,
        };
        ticket.state = next.unwrap_or(ticket.state);
        match name {
            "Accepted" if !std::mem::replace(&mut ticket.accepted, true) => {
                self.first_accepted += 1
            }
            "Confirmed" => {
                ticket.partly = text(data, "/verdict") == "partial";
                let verdict = if ticket.partly { "partial" } else { "satisfied" };
                self.answer(verdict, &data["stars"]);
            }
            "Rejected" => self.answer("unresolved", &data["stars"]),
            "AnswerRetracted" => self.retracted += 1,
            "Escalated" | "Resolved" | "Reopened" => ticket.partly = false,
            _ => {}
        }
    }

    fn answer(&mut self, verdict: &'static str, stars: &Value) {
        *self.verdicts.entry(verdict).or_default() += 1;
        if let Some(stars) = stars.as_u64() {
            *self.stars.entry(stars).or_default() += 1;
        }
    }

    fn engineer(&mut self, id: &str, name: &str, data: &Value) {
        let place = || format!("{}/{}", text(data, "/ticket"), data["assignment"]);
        let places = self.places.entry(id.to_owned()).or_default();
        match name {
            "PlaceTaken" => assert!(places.insert(place()), "a place is taken twice"),
            "PlaceFreed" => assert!(places.remove(&place()), "a place is freed twice"),
            "Frozen" => {
                self.frozen_until.insert(id.to_owned(), moment(data, "/until"));
            }
            "Unfrozen" => {
                self.frozen_until.remove(id);
            }
            _ => {}
        }
    }

    fn by_people(&self, name: &str) -> u64 {
        self.types.get(&(true, name.to_owned())).copied().unwrap_or(0)
    }

    fn all(&self, name: &str) -> u64 {
        let by_whom = |people| self.types.get(&(people, name.to_owned())).copied().unwrap_or(0);
        by_whom(true) + by_whom(false)
    }
}

/// All rows of a list of open tickets.
fn rows(client: &Client, query: &str) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/tickets?limit=200{query}{after}");
        let page = client.get(&path).expect(200);
        rows.extend_from_slice(page.body["tickets"].as_array().expect("rows"));
        match page.body["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return rows,
        }
    }
}

fn sum(rows: &Value, field: &str) -> u64 {
    rows.as_array().expect("rows").iter().map(|row| row[field].as_u64().expect("a count")).sum()
}

#[test]
fn the_figures_after_a_simulated_day_are_those_of_its_log() {
    // What somebody sees who has just started it: a day and night, and the morning after.
    let now = BEGIN.plus(PRELUDE);
    let played = Played::until(SEED_DEFAULT, now);
    let (client, tally) = (played.client(), played.tally());
    let fold = Fold::of(&played.events());

    // What people were answered is what is recorded of them.
    for (verb, event) in EVENT_OF {
        assert_eq!(tally.of(verb), fold.by_people(event), "{verb} and {event}");
    }
    assert_eq!(tally.of("decline"), fold.by_people("Declined") + fold.by_people("OfferDeclined"));
    assert_eq!(tally.verdicts, fold.verdicts);
    let stars: BTreeMap<u64, u64> =
        tally.stars.iter().map(|(stars, count)| (u64::from(*stars), *count)).collect();
    assert_eq!(stars, fold.stars);
    for (verb, event) in
        [("online", "WentOnline"), ("offline", "WentOffline"), ("leave", "LeaveSet")]
    {
        let said = tally.engineers.get(verb).copied().unwrap_or(0);
        assert_eq!(said, fold.by_people(event), "{verb}");
    }
    assert_eq!(fold.types.get(&(false, "WentOffline".to_owned())), None, "a lease ended by itself");
    let reports = tally.of("create");
    assert!((150..300).contains(&reports), "{reports} reports in a day and a half");

    // The lists are what a fold of the log gives.
    let mut states = BTreeMap::<&str, u64>::new();
    for ticket in fold.tickets.values().filter(|ticket| ticket.state != "ended") {
        *states.entry(ticket.state).or_default() += 1;
    }
    let open = rows(&client, "");
    for row in &open {
        let state = text(row, "/state");
        assert_eq!(fold.tickets[text(row, "/id")].state, state, "{row:#}");
    }
    assert_eq!(open.len() as u64, states.values().sum::<u64>());
    // After 部分解决 what is left is a call; once somebody goes again, it is work as before.
    let undone = |ticket: &&Folded| match ticket.state {
        "ended" | "resolved" | "duplicate" => false,
        "call_back" | "claimed" | "queued" => !ticket.partly,
        _ => true,
    };
    let hours = |hours: u64| now.minus(std::time::Duration::from_secs(hours * 3_600));
    let red = fold.tickets.values().filter(undone).filter(|ticket| {
        !["working", "on_hold"].contains(&ticket.state) && ticket.created_at <= hours(2)
    });
    let flashing =
        fold.tickets.values().filter(undone).filter(|ticket| ticket.created_at <= hours(24));
    let (red, flashing) = (red.count(), flashing.count());
    assert_eq!(rows(&client, "&red=true").len(), red);
    assert_eq!(rows(&client, "&flashing=true").len(), flashing);
    let overdue = rows(&client, "&overdue=true").len();

    let load = client.get("/api/v1/engineers/load").expect(200);
    let engineers = load.body["engineers"].as_array().expect("engineers");
    assert_eq!(engineers.len(), 26);
    for engineer in engineers {
        let id = text(engineer, "/id");
        let taken = fold.places.get(id).map_or(0, |places| places.len());
        assert_eq!(engineer["load"]["taken"], taken, "{engineer:#}");
        let frozen = fold.frozen_until.get(id).is_some_and(|until| *until > now);
        assert_eq!(!engineer["frozen"].is_null(), frozen, "{engineer:#}");
    }

    let frozen = fold.frozen_until.values().filter(|until| **until > now).count();
    let queued = states.get("queued").copied().unwrap_or(0);
    for (column, count) in
        [("red", red), ("flashing", flashing), ("overdue", overdue), ("frozen", frozen)]
    {
        assert!(count > 0, "nothing on the board is {column}");
    }
    assert!(queued > 0 && tally.stars.iter().any(|(stars, _)| *stars < 3), "{tally:?}");

    // And so are the sums.
    let satisfaction = client.get("/api/v1/satisfaction?by=outlet").expect(200).body;
    let answered = |verdict: &str| fold.verdicts.get(verdict).copied().unwrap_or(0);
    assert_eq!(sum(&satisfaction["rows"], "resolved"), fold.all("Resolved"));
    assert_eq!(sum(&satisfaction["rows"], "satisfied"), answered("satisfied"));
    assert_eq!(sum(&satisfaction["rows"], "partial"), answered("partial"));
    assert_eq!(sum(&satisfaction["rows"], "unresolved"), answered("unresolved") - fold.retracted);
    assert_eq!(sum(&satisfaction["rows"], "closed_by_silence"), fold.all("ClosedBySilence"));
    let lifecycle =
        client.get("/api/v1/lifecycle?from=2026-03-02&until=2026-03-03").expect(200).body;
    assert_eq!(sum(&lifecycle["hours"], "created"), fold.tickets.len() as u64);
    assert_eq!(sum(&lifecycle["hours"], "accepted"), fold.first_accepted);
    assert_eq!(sum(&lifecycle["hours"], "completed"), fold.all("Resolved"));
    let rated = fold.verdicts.values().sum::<u64>() - fold.retracted;
    assert_eq!(sum(&lifecycle["hours"], "rated"), rated);

    // The people of the demo remember what is going on, and no more.
    let (cases, plans) = played.remembered();
    assert!(cases <= fold.tickets.len() && plans < 1_000, "{cases} cases, {plans} plans");

    let check = paidan(&played.data(), &["projection", "check"]).output().expect("it runs");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}
