//! What the rules refuse carries the winner and how things stand.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_ticket_that_somebody_has_names_the_winner_and_its_state() {
    let world = World::new();
    let (_, winner) = world.firm().await;
    let late = world.engineer("E2").await;
    let id = world.ticket().await;
    world.done(&format!("/tickets/{id}/offer"), json!({"engineers": [winner, late]})).await;
    let accept = |who: &str| {
        world.post(&format!("/tickets/{id}/accept")).actor(&format!("engineer:{who}")).send()
    };
    let won = accept(&winner).await;
    assert_eq!(won.status, 200);
    let lost = accept(&late).await;
    let current = &lost.body["current"];
    assert_eq!(
        lost.seen(),
        (
            409,
            &json!({
                "type": "urn:paidan:problem:taken-by", "title": "Somebody else has it",
                "title_zh": "已被他人接单", "status": 409,
                "detail": format!(
                    "{winner} has it since 2026-03-02T00:00:00Z; there is nothing left to do for \
                     you here; take another ticket"
                ),
                "winner": winner, "since": "2026-03-02T00:00:00Z", "id": id,
                "version": won.body["version"], "current": current,
            })
        )
    );
    assert_eq!(
        (&current["state"], &current["version"], &current["assignment"]["engineer"]),
        (&json!("working"), &won.body["version"], &json!(winner))
    );
    assert_eq!(current.get("report"), None);

    let departs = world.post(&format!("/tickets/{id}/depart")).actor(&format!("engineer:{late}"));
    let departs = departs.send().await;
    assert_eq!(departs.problem(), (409, "not-yours"));
    assert_eq!(
        (&departs.body["winner"], &departs.body["owner"], &departs.body["current"]["state"]),
        (&json!(winner), &json!(winner), &json!("working"))
    );
}

#[tokio::test]
async fn a_verb_that_the_state_does_not_take_names_those_that_it_does() {
    let world = World::new();
    let id = world.ticket().await;
    let refused = world.post(&format!("/tickets/{id}/depart")).send().await;
    assert_eq!(refused.problem(), (409, "not-allowed"));
    assert_eq!(
        (&refused.body["verb"], &refused.body["phase"]),
        (&json!("depart"), &json!("waiting"))
    );
    let allowed = refused.body["current"]["allowed"].as_array().expect("verbs");
    assert!(allowed.contains(&json!("assign")));
}

#[tokio::test]
async fn unresolved_freezes_the_engineer_and_the_ticket_goes_up() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let id = world.ticket().await;
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    let me = format!("engineer:{engineer}");
    for verb in ["accept", "resolve"] {
        let done = world.post(&format!("/tickets/{id}/{verb}")).actor(&me).send().await;
        assert_eq!(done.status, 200, "{}", done.body);
    }
    world.done(&format!("/tickets/{id}/reject"), json!({"stars": 1})).await;
    let read = world.get(&format!("/tickets/{id}")).send().await;
    assert_eq!((&read.body["level"], &read.body["left_out"]), (&json!(1), &json!([engineer])));
    let again = world.post(&format!("/tickets/{id}/assign")).json(&json!({"engineer": engineer}));
    let again = again.send().await;
    assert!(matches!(again.problem(), (409, "left-out" | "frozen")), "{}", again.body);
}

#[tokio::test]
async fn a_full_queue_is_busy_and_says_when_to_come_again() {
    let world = World::with_queue(1);
    let id = world.ticket().await;
    world.log.hold();
    let note = |words: &str| {
        world.post(&format!("/tickets/{id}/note")).json(&json!({"words": words})).send()
    };
    let (first, second) = tokio::join!(note("一"), async {
        tokio::task::yield_now().await;
        let second = note("二").await;
        world.log.release();
        second
    });
    assert_eq!(first.status, 200);
    assert_eq!((second.problem(), second.header("retry-after")), ((503, "busy"), "1"));
}
