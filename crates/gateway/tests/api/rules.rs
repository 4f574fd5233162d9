//! Rules are checked, published whole, and read as they are and as they were.

use domain::Span;
use domain::rules::Rules;
use eventlog::EventLog;
use serde_json::{Value, json};

use crate::world::World;

/// Publishes the shipped rules with another time to accept.
async fn publish(world: &World, within: &str) -> Value {
    let put = world.put("/rules").json(&json!({"accept": {"within": within}})).send().await;
    assert_eq!((put.status, put.text("id").as_str()), (200, "rules"));
    put.body
}

#[tokio::test]
async fn rules_are_checked_published_and_read() {
    let world = World::new();
    let shipped = world.get("/rules").send().await;
    assert_eq!((shipped.status, &shipped.body["rule_set"]), (200, &json!(0)));
    let mut rules = shipped.body["rules"].clone();
    rules["accept"]["within"] = json!("20m");
    let put = world.put("/rules").json(&rules).send().await;
    assert_eq!((put.status, put.text("id").as_str()), (200, "rules"));
    let read = world.get("/rules").send().await;
    assert_eq!((&read.body["rule_set"], &read.body["rules"]), (&json!(1), &rules));
    rules["accept"]["within"] = json!("0s");
    rules["zone"] = json!("Beijing");
    let wrong = world.put("/rules").json(&rules).send().await;
    assert_eq!(wrong.problem(), (422, "invalid-rules"));
    assert_eq!(wrong.body["problems"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn every_version_of_the_rules_stays_readable_with_the_place_from_which_it_held() {
    let world = World::new();
    let (first, second) = (publish(&world, "20m").await, publish(&world, "10m").await);
    for (version, within, put) in [(1, "20m", &first), (2, "10m", &second)] {
        let read = world.get(&format!("/rules?version={version}")).send().await;
        assert_eq!((read.status, &read.body["rule_set"]), (200, &json!(version)));
        assert_eq!(read.body["rules"]["accept"]["within"], json!(within));
        assert_eq!(read.body["holds_from"], put["position"]);
        assert_eq!(read.body["published_at"], put["recorded_at"]);
        assert_eq!(read.header("etag"), format!("\"{version}\""));
    }
    let shipped = world.get("/rules?version=0").send().await;
    assert_eq!(
        (&shipped.body["rules"], &shipped.body["holds_from"]),
        (&serde_json::to_value(Rules::default()).expect("JSON"), &json!(null))
    );
    let holding = world.get("/rules").send().await;
    assert_eq!(holding.body, world.get("/rules?version=2").send().await.body);
}

#[tokio::test]
async fn a_version_that_is_not_there_is_refused_with_the_newest() {
    let world = World::new();
    publish(&world, "20m").await;
    for version in ["2", "4294967295"] {
        let refused = world.get(&format!("/rules?version={version}")).send().await;
        assert_eq!(refused.problem(), (404, "not-found"));
        let detail = format!("there is no version {version} of the rules; the newest is 1");
        assert_eq!(refused.text("detail"), detail);
    }
    for wrong in ["-1", "x", "4294967296"] {
        let refused = world.get(&format!("/rules?version={wrong}")).send().await;
        assert_eq!(refused.problem(), (400, "bad-query"), "{wrong}");
    }
}

#[tokio::test]
async fn a_check_names_every_field_that_is_wrong_and_every_one_that_changes_and_records_nothing() {
    let world = World::new();
    publish(&world, "20m").await;
    let before = world.log.head().position;
    let mut rules = Rules::default();
    rules.accept.within = Span::days(40);
    rules.board.low_stars = 9;
    let checked = world.post("/rules/check").json(&json!(rules)).send().await;
    let problem = |field: &str, problem: &str, problem_zh: &str| json!({"field": field, "problem": problem, "problem_zh": problem_zh});
    assert_eq!(
        checked.seen(),
        (
            200,
            &json!({
                "position": before,
                "rule_set": 1,
                "problems": [
                    problem(
                        "accept.within",
                        "`accept.within` is 40d; write a span from 1s to 31d",
                        "`accept.within` 是 40d；请写 1s 至 31d 的时长",
                    ),
                    problem(
                        "board.low_stars",
                        "`board.low_stars` is 9; write a number from 1 to 5",
                        "`board.low_stars` 是 9；请写 1 至 5 的整数",
                    ),
                ],
                "changes": [
                    {"field": "accept.within", "from": "20m", "to": "40d"},
                    {"field": "board.low_stars", "from": 3, "to": 9},
                ],
            })
        )
    );
    let same = world.post("/rules/check").json(&json!({"accept": {"within": "20m"}})).send().await;
    assert_eq!((&same.body["problems"], &same.body["changes"]), (&json!([]), &json!([])));
    assert_eq!(world.log.head().position, before);
}

#[tokio::test]
async fn a_check_of_what_is_no_rule_set_names_the_field() {
    let world = World::new();
    let body = json!({"accept": {"within": "soon"}});
    let refused = world.post("/rules/check").json(&body).send().await;
    assert_eq!(
        (refused.problem(), refused.text("field").as_str()),
        ((422, "wrong-body"), "accept.within")
    );
}

#[tokio::test]
async fn rules_are_tried_on_the_past_and_nothing_is_recorded() {
    let world = World::new();
    world.firm().await;
    world.engineer("E1").await;
    world.ticket().await;
    let before = world.log_head();
    let body = json!({"rules": {"accept": {"within": "15m"}}, "limit": 5});
    let tried = world.post("/rules/try").json(&body).send().await;
    assert_eq!(tried.status, 200, "{}", tried.body);
    let tickets = |of: &str| tried.body[of]["tickets"].as_u64();
    assert_eq!([tickets("recorded"), tickets("old"), tickets("new")], [Some(1); 3]);
    assert_eq!(tried.body["decisions"]["decisions"], json!(0));
    assert_eq!(world.log_head(), before);
}

#[tokio::test]
async fn what_cannot_be_tried_is_refused_with_its_reason() {
    let world = World::new();
    world.ticket().await;
    let wrong = json!({"rules": {"accept": {"within": "0s"}}});
    let wrong = world.post("/rules/try").json(&wrong).send().await;
    assert_eq!(wrong.problem(), (422, "invalid-rules"));
    assert_eq!(wrong.body["problems"].as_array().map(Vec::len), Some(1));
    let late = world.post("/rules/try").json(&json!({"from": "2999-01-01T00:00:00Z"})).send().await;
    assert_eq!((late.problem(), &late.body["field"]), ((422, "invalid-field"), &json!("from")));
    let many = world.post("/rules/try").json(&json!({"limit": 1_001})).send().await;
    assert_eq!((many.problem(), &many.body["field"]), ((422, "invalid-field"), &json!("limit")));
    let unknown = world.post("/rules/try").json(&json!({"till": 1})).send().await;
    assert_eq!(unknown.status, 422);
}
