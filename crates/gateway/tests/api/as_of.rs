//! Questions as of a position or a moment that is past are answered as they were then.

use std::sync::Arc;
use std::time::Duration;

use gateway::{Config, NoDispatcher};
use serde_json::{Value, json};

use crate::world::{MONDAY, Reply, World};

const HOUR: Duration = Duration::from_secs(3600);

/// Every question that looks back.
const QUESTIONS: [&str; 7] = [
    "/tickets?limit=1",
    "/backlog/top?n=5",
    "/queues?limit=5",
    "/engineers?limit=5",
    "/engineers/load?limit=5",
    "/satisfaction?by=engineer",
    "/lifecycle?outlet=PD",
];

async fn ask(world: &World, target: &str) -> Reply {
    let reply = world.get(target).send().await;
    assert_eq!(reply.status, 200, "{target}: {}", reply.body);
    reply
}

/// An answer, without the member that tells of looking back.
fn without_as_of(mut body: Value) -> Value {
    let members = body.as_object_mut().expect("an object");
    members.remove("as_of").expect("told what was looked back to");
    members.remove("as_of_by").expect("told what counted");
    // Names are those of today, wherever that is.
    members.remove("names_position");
    body
}

/// A working day: reports, work, a report that nobody has read, an answer.
async fn work(world: &World, engineer: &str) -> String {
    let report = json!({"sentence": "停机", "outlet": domain::OutletId::from_code("PD")});
    let id = world.post("/tickets").json(&report).send().await.text("id");
    world.post("/tickets").send().await;
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    world.pass(HOUR / 2);
    world.done(&format!("/tickets/{id}/accept"), json!({"engineer": engineer})).await;
    id
}

#[tokio::test]
async fn every_question_is_answered_as_it_was_answered_then() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let id = work(&world, &engineer).await;
    let position = world.settled().await;
    let now = world.now();
    let ticket = format!("/tickets/{id}");
    let mut before = Vec::new();
    for question in QUESTIONS.iter().copied().chain([&*ticket]) {
        before.push(ask(&world, question).await.body);
    }
    world.pass(30 * HOUR);
    world.done(&format!("/tickets/{id}/urge"), json!({})).await;
    let fixed = json!({"method": "on_site", "words": "换了接近开关"});
    let resolve =
        world.post(&format!("/tickets/{id}/resolve")).actor(&format!("engineer:{engineer}"));
    assert_eq!(resolve.json(&fixed).send().await.status, 200);
    work(&world, &engineer).await;
    world.settled().await;
    for as_of in [position.to_string(), now.to_string()] {
        for (question, mut before) in
            QUESTIONS.iter().copied().chain([&*ticket]).zip(before.clone())
        {
            let sign = if question.contains('?') { '&' } else { '?' };
            let then = ask(&world, &format!("{question}{sign}as_of={as_of}")).await.body;
            assert_eq!(then["as_of"], json!(now), "{question} as of {as_of}");
            let mut then = without_as_of(then);
            before.as_object_mut().expect("an object").remove("names_position");
            if question.starts_with("/tickets?") {
                // Cursors go on where they are from.
                assert!(then["next"].is_string() && then["next"] != before["next"]);
                then["next"].take();
                before["next"].take();
            }
            assert_eq!(then, before, "{question} as of {as_of}");
        }
    }
}

#[tokio::test]
async fn a_moment_between_two_events_means_the_last_one_before_it_and_is_the_time_it_is_then() {
    let world = World::new();
    let id = world.ticket().await;
    let position = world.settled().await;
    world.pass(3 * HOUR);
    world.ticket().await;
    world.settled().await;
    let red = async |as_of: &str| {
        let list = ask(&world, &format!("/tickets?red=true&as_of={as_of}")).await;
        (list.position(), list.body["tickets"].as_array().expect("tickets").len())
    };
    assert_eq!(red("2026-03-02T01:00:00Z").await, (position.get(), 0));
    // Nothing was recorded meanwhile, and still it became red.
    assert_eq!(red("2026-03-02T10:30:00%2B08:00").await, (position.get(), 1));
    let top = ask(&world, "/backlog/top?as_of=2026-03-02T02:30:00Z").await;
    assert_eq!(top.body["as_of"], "2026-03-02T02:30:00Z");
    assert_eq!(top.body["tickets"][0]["id"], json!(id));
    let day = ask(&world, "/lifecycle?as_of=2026-03-01T10:00:00Z").await;
    assert_eq!((&day.body["from"], day.position()), (&json!("2026-03-01"), 0));
    let nothing = ask(&world, "/tickets?as_of=0").await;
    assert_eq!(nothing.seen().1["tickets"], json!([]));
    assert_eq!(nothing.body["as_of"], MONDAY);
}

#[tokio::test]
async fn what_had_happened_by_then_is_told_apart_from_what_was_known_by_then() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    world.pass(5 * HOUR);
    // Written on paper at 08:30, and typed in at 13:00.
    let late = world
        .post("/tickets")
        .header("paidan-occurred-at", "2026-03-02T08:30:00+08:00")
        .json(&json!({"sentence": "停机"}));
    let id = late.send().await.text("id");
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    world.settled().await;
    let at = "as_of=2026-03-02T01:00:00Z";
    let ticket = format!("/tickets/{id}");
    for question in QUESTIONS.iter().copied().chain([&*ticket]) {
        let sign = if question.contains('?') { '&' } else { '?' };
        let then = ask(&world, &format!("{question}{sign}{at}&as_of_by=occurred_at")).await.body;
        assert_eq!(
            (&then["as_of"], &then["as_of_by"]),
            (&json!("2026-03-02T01:00:00Z"), &json!("occurred_at")),
            "{question}"
        );
    }
    let count = async |by: &str| {
        let list = ask(&world, &format!("/tickets?{at}{by}")).await;
        assert_eq!(
            list.body["as_of_by"],
            json!(by.strip_prefix("&as_of_by=").unwrap_or("recorded_at"))
        );
        list.body["tickets"].as_array().expect("tickets").len()
    };
    assert_eq!(count("").await, 0);
    assert_eq!(count("&as_of_by=recorded_at").await, 0);
    assert_eq!(count("&as_of_by=occurred_at").await, 1);
    let unknown = world.get(&format!("{ticket}?{at}")).send().await;
    assert_eq!(unknown.problem(), (404, "not-found"));
    let then = ask(&world, &format!("{ticket}?{at}&as_of_by=occurred_at")).await;
    // It was assigned only later.
    assert_eq!((&then.body["version"], &then.body["state"]), (&json!(1), &json!("waiting")));
    let day = ask(&world, &format!("/lifecycle?{at}&as_of_by=occurred_at")).await;
    assert_eq!(day.body["hours"][0]["created"], 1);
}

#[tokio::test]
async fn a_day_that_was_corrected_after_it_was_over_says_so() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let id = work(&world, &engineer).await;
    let before = world.settled().await;
    world.pass(24 * HOUR);
    let late = world
        .post(&format!("/tickets/{id}/resolve"))
        .actor(&format!("engineer:{engineer}"))
        .header("paidan-occurred-at", "2026-03-02T09:00:00+08:00")
        .json(&json!({"method": "on_site"}));
    assert_eq!(late.send().await.status, 200);
    world.settled().await;
    let day = ask(&world, "/satisfaction?by=day").await.body["rows"][0].clone();
    assert_eq!((&day["resolved"], &day["late"]), (&json!(1), &json!(1)));
    assert_eq!(day["corrected_at"], json!(world.now()));
    let corrected =
        ask(&world, "/lifecycle?from=2026-03-02&outlet=PD").await.body["corrected"].clone();
    assert_eq!(corrected, json!([{"day": "2026-03-02", "late": 1, "corrected_at": world.now()}]));
    let then =
        ask(&world, &format!("/satisfaction?by=day&as_of={before}")).await.body["rows"][0].clone();
    assert_eq!((&then["late"], &then["corrected_at"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn pages_of_what_had_happened_go_on_until_something_comes_that_had_happened_too() {
    let world = World::new();
    for _ in 0..3 {
        world.ticket().await;
    }
    let position = world.settled().await;
    let then = world.now();
    let target = |after: &str| format!("/tickets?limit=2&as_of={then}&as_of_by=occurred_at{after}");
    let first = ask(&world, &target("")).await;
    let after = format!("&after={}", first.text("next"));
    // What happens later changes nothing.
    world.pass(HOUR);
    world.ticket().await;
    world.settled().await;
    let rest = ask(&world, &target(&after)).await;
    assert_eq!((rest.position(), &rest.body["next"]), (position.get(), &Value::Null));
    let late = world.post("/tickets").header("paidan-occurred-at", &then.to_string());
    assert_eq!(late.send().await.status, 201);
    let head = world.settled().await;
    let refused = world.get(&target(&after)).send().await;
    assert_eq!(refused.problem(), (400, "bad-query"));
    let again = ask(&world, &format!("/tickets?as_of={then}&as_of_by=occurred_at")).await;
    assert_eq!(again.position(), head.get());
    assert_eq!(again.body["tickets"].as_array().map(Vec::len), Some(4));
}

#[tokio::test]
async fn questions_at_once_of_one_position_are_all_answered() {
    let world = World::new();
    world.ticket().await;
    let position = world.settled().await;
    world.ticket().await;
    let asked = QUESTIONS.map(async |question| {
        ask(&world, &format!("{question}&as_of={position}")).await.position()
    });
    let answered = futures_util::future::join_all(asked).await;
    assert_eq!(answered, [position.get(); QUESTIONS.len()]);
}

#[tokio::test]
async fn a_ticket_that_came_later_was_not_there_then() {
    let world = World::new();
    let before = world.settled().await;
    let id = world.ticket().await;
    let number = ask(&world, &format!("/tickets/{id}")).await.text("number");
    for named in [id, number] {
        let unknown = world.get(&format!("/tickets/{named}?as_of={before}")).send().await;
        assert_eq!(unknown.problem(), (404, "not-found"));
    }
}

#[tokio::test]
async fn the_pages_of_a_position_are_of_that_position_alone() {
    let world = World::new();
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(world.ticket().await);
    }
    let position = world.settled().await;
    world.ticket().await;
    world.settled().await;
    let first = ask(&world, &format!("/tickets?limit=2&as_of={position}")).await;
    let next = first.text("next");
    let rest = ask(&world, &format!("/tickets?limit=2&as_of={position}&after={next}")).await;
    assert_eq!((rest.position(), &rest.body["next"]), (position.get(), &Value::Null));
    let ids = |reply: &Reply| {
        let rows = reply.body["tickets"].as_array().expect("tickets").clone();
        rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!([ids(&first), ids(&rest)].concat(), all);
    for other in [String::new(), format!("&as_of={}", position.next())] {
        let refused = world.get(&format!("/tickets?limit=2{other}&after={next}")).send().await;
        assert_eq!(refused.problem(), (400, "bad-query"), "{other}");
        assert!(refused.text("detail").contains("another as_of"), "{}", refused.body);
    }
}

#[tokio::test]
async fn what_cannot_be_looked_back_to_is_refused_with_what_to_ask() {
    let world = World::new();
    let id = world.ticket().await;
    let ticket = format!("/tickets/{id}?");
    for question in QUESTIONS.iter().copied().chain([&*ticket]) {
        for (as_of, why) in [
            ("yesterday", "as_of: `yesterday` is neither a position nor a moment"),
            ("999999", "as_of: the log ends at position"),
            ("2026-03-02T00:00:01Z", "is yet to come"),
            ("1&min_position=1", "leave min_position out"),
            ("1&as_of_by=occurred_at", "name a moment in as_of"),
            ("1&as_of_by=hearsay", "unknown variant `hearsay`"),
            ("2026-03-02T00:00:01Z&as_of_by=occurred_at", "is yet to come"),
        ] {
            let refused = world.get(&format!("{question}&as_of={as_of}")).send().await;
            assert_eq!(refused.problem(), (400, "bad-query"), "{question} {as_of}");
            let detail = refused.text("detail");
            assert!(detail.contains(why), "{question} {as_of}: {detail}");
        }
    }
    let alone = world.get("/queues?as_of_by=occurred_at").send().await;
    assert_eq!(alone.problem(), (400, "bad-query"));
    assert!(alone.text("detail").contains("it belongs to as_of"), "{}", alone.body);
    let elsewhere = world.get("/outlets/PD?as_of=1").send().await;
    assert_eq!(elsewhere.problem(), (400, "bad-query"));
}

#[tokio::test]
async fn a_fold_that_takes_too_long_is_told_and_leaves_the_rest_at_work() {
    let config = Config { look_back_within: Duration::ZERO, ..Config::default() };
    let world = World::with(config, Arc::new(NoDispatcher));
    // More than one batch, so that there is a moment to look at the clock.
    let line = json!({"verb": "create", "body": {"sentence": "停机"}});
    let lines = format!("{line}\n").repeat(1_100);
    let made = world.post("/commands").key("many").raw("application/x-ndjson", lines).send().await;
    assert_eq!(made.status, 200, "{}", made.body);
    let position = world.settled().await;
    let late = world.get(&format!("/queues?as_of={position}")).send().await;
    assert_eq!(late.problem(), (503, "busy"));
    assert!(late.text("detail").contains("takes longer than 0 s"), "{}", late.body);
    // The next one may fold, and what is asked of now is answered all the while.
    assert_eq!(ask(&world, "/queues?as_of=5").await.position(), 5);
    assert_eq!(ask(&world, "/queues").await.position(), position.get());
}
