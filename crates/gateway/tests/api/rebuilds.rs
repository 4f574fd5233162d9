//! Read models rebuilt over HTTP.

use projector::RebuildPhase;
use serde_json::{Value, json};

use crate::world::World;

/// Waits until the rebuild is ready; each look is a request.
async fn ready(world: &World) -> Value {
    let ready = serde_json::to_value(RebuildPhase::Ready).expect("a word");
    for _ in 0..100_000 {
        let answer = world.get("/projections/rebuild").send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        if answer.body["phase"] == ready {
            return answer.body;
        }
        tokio::task::yield_now().await;
    }
    panic!("it is never ready");
}

#[tokio::test]
async fn a_rebuild_is_begun_compared_swapped_in_and_back() {
    let world = World::new();
    world.firm().await;
    world.ticket().await;
    let rules = json!({"zone": "America/Los_Angeles"});
    assert_eq!(world.put("/rules").json(&rules).send().await.status, 200);
    let begun = world
        .post("/projections/rebuild")
        .json(&json!({"models": ["lifecycle"], "version": 1, "share": 100}))
        .send()
        .await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    let told = ready(&world).await;
    assert_eq!(told["rules"], "rules 1 from the beginning");
    assert_eq!(told["position"], told["head"]);
    let compared = world.get("/projections/rebuild/comparison").send().await;
    assert_eq!(compared.status, 200);
    assert!(compared.body["rows_changed"].as_u64() > Some(0), "{}", compared.body);
    let rows = compared.body["comparisons"][0]["rows"].as_array().expect("rows");
    assert!(rows.iter().any(|row| row["explained"]["positions"][0].is_u64()), "{rows:?}");

    let strict = world.post("/projections/rebuild/swap").json(&json!({"at_most": 0})).send().await;
    assert_eq!((strict.problem(), &strict.body["allowed"]), ((409, "too-many-rows"), &json!(0)));
    let swapped = world.post("/projections/rebuild/swap").send().await;
    assert_eq!((swapped.status, &swapped.body["rules"]["lifecycle"]), (200, &json!(1)));
    let recount = |list: &Value| {
        let models = list["projections"].as_array().expect("a list").iter();
        let lifecycle = models.clone().find(|model| model["name"] == "lifecycle");
        lifecycle.expect("it is there")["recount"].clone()
    };
    let list = world.get("/projections").send().await.body;
    assert_eq!(recount(&list), "rules 1 from the beginning");
    assert_eq!(world.post("/projections/rebuild/swap-back").send().await.status, 200);
    assert_eq!(recount(&world.get("/projections").send().await.body), "as recorded");
    let cancelled = world.post("/projections/rebuild/cancel").send().await;
    assert_eq!(cancelled.body, json!({"cancelled": true}));
    assert_eq!(world.get("/projections/rebuild").send().await.problem(), (404, "not-found"));
}

#[tokio::test]
async fn what_cannot_be_rebuilt_is_refused_with_its_reason() {
    let world = World::new();
    world.ticket().await;
    for verb in ["pause", "resume", "cancel", "swap", "swap-back"] {
        let none = world.post(&format!("/projections/rebuild/{verb}")).send().await;
        assert_eq!(none.problem(), (404, "not-found"), "{verb}");
    }
    for (body, field) in [
        (json!({}), "models"),
        (json!({"models": ["tickets"]}), "models"),
        (json!({"models": ["lifecycle"], "share": 0}), "models"),
        (json!({"models": ["lifecycle"], "version": 9}), "version"),
        (json!({"models": ["lifecycle"], "version": 1, "rules": {}}), "version"),
    ] {
        let refused = world.post("/projections/rebuild").json(&body).send().await;
        assert_eq!(
            (refused.problem(), &refused.body["field"]),
            ((422, "invalid-field"), &json!(field))
        );
    }
    let wrong =
        json!({"models": ["lifecycle"], "rules": {"zone": "Mars", "board": {"low_stars": 9}}});
    let wrong = world.post("/projections/rebuild").json(&wrong).send().await;
    assert_eq!(wrong.problem(), (422, "invalid-rules"));
    assert_eq!(wrong.body["problems"].as_array().map(Vec::len), Some(2), "{}", wrong.body);
    let tried = json!({"models": ["lifecycle"], "rules": {"zone": "UTC"}, "share": 100});
    assert_eq!(world.post("/projections/rebuild").json(&tried).send().await.status, 200);
    ready(&world).await;
    let second = world.post("/projections/rebuild").json(&tried).send().await;
    assert_eq!(second.problem(), (409, "rebuild-state"));
    let unpublished = world.post("/projections/rebuild/swap").send().await;
    assert_eq!(unpublished.problem(), (409, "rebuild-state"));
}
