//! A key is applied at most once, forever.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_report_that_is_sent_twice_is_one_ticket() {
    let world = World::new();
    let report = json!({"sentence": "停机"});
    let first = world.post("/tickets").key("k").json(&report).send().await;
    let again = world.post("/tickets").key("k").json(&report).send().await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.text("id"), again.text("id"));
    assert_eq!((&first.body["repeated"], &again.body["repeated"]), (&json!(false), &json!(true)));
    assert_eq!(first.position(), again.position());
    assert_eq!(again.header("location"), first.header("location"));
}

#[tokio::test]
async fn a_report_is_one_ticket_across_a_restart() {
    let world = World::new();
    let report = json!({"sentence": "停机"});
    let first = world.post("/tickets").key("k").json(&report).send().await;
    let world = world.restarted();
    let again = world.post("/tickets").key("k").json(&report).send().await;
    assert_eq!(first.text("id"), again.text("id"));
    assert_eq!(again.body["repeated"], true);
}

#[tokio::test]
async fn the_same_report_from_many_connections_at_once_is_one_ticket() {
    let world = World::new();
    let report = json!({"sentence": "停机"});
    // Nothing is durable until all of them are on their way.
    world.log.hold();
    let sent = (0..16).map(|_| world.post("/tickets").key("k").json(&report).send());
    let all = futures_util::future::join_all(sent);
    let (replies, ()) = tokio::join!(all, async {
        tokio::task::yield_now().await;
        world.log.release();
    });
    let ids: std::collections::HashSet<_> = replies.iter().map(|reply| reply.text("id")).collect();
    assert_eq!(ids.len(), 1);
    let fresh = replies.iter().filter(|reply| reply.body["repeated"] == false).count();
    assert_eq!(fresh, 1);
}

#[tokio::test]
async fn another_content_under_the_same_key_is_refused() {
    let world = World::new();
    world.post("/tickets").key("k").json(&json!({"sentence": "停机"})).send().await;
    let other = world.post("/tickets").key("k").json(&json!({"sentence": "冒烟"})).send().await;
    assert_eq!(
        other.seen(),
        (
            422,
            &json!({
                "type": "urn:paidan:problem:idempotency-key-reused",
                "title": "The key was used for something else",
                "title_zh": "幂等键已用于其他内容",
                "status": 422,
                "detail": "this Idempotency-Key was used for another content; repeat the first \
                           request as it was, or send this one with a fresh key",
                "idempotency_key": "k",
            })
        )
    );
    // The same words for another ticket are another content too.
    let id = world.ticket().await;
    let note = world.post(&format!("/tickets/{id}/note")).key("k").json(&json!({"words": "x"}));
    assert_eq!(note.send().await.problem(), (422, "idempotency-key-reused"));
}

#[tokio::test]
async fn keys_of_different_clients_never_meet() {
    let world = World::new();
    let report = json!({"sentence": "停机"});
    let send = |client| {
        world.post("/tickets").key("k").header("paidan-client", client).json(&report).send()
    };
    let (one, other) = (send("app-1").await, send("app-2").await);
    assert_ne!(one.text("id"), other.text("id"));
    // A client cannot take the name of a part of the system: its keys stay its own.
    let posing = send("dispatcher").await;
    assert_eq!((posing.status, &posing.body["repeated"]), (201, &json!(false)));
}

#[tokio::test]
async fn a_verb_that_is_sent_twice_is_recorded_once() {
    let world = World::new();
    let id = world.ticket().await;
    let note = |words: &str| {
        world.post(&format!("/tickets/{id}/note")).key("n1").json(&json!({"words": words})).send()
    };
    let (first, again) = (note("线断了").await, note("线断了").await);
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.body["version"], again.body["version"]);
    assert_eq!(again.body["repeated"], true);
    assert_eq!(note("线没断").await.problem(), (422, "idempotency-key-reused"));
    let history = world.get(&format!("/tickets/{id}/events")).send().await;
    assert_eq!(history.body["events"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_refusal_binds_nothing() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let id = world.ticket().await;
    let accept = || {
        world
            .post(&format!("/tickets/{id}/accept"))
            .key("a")
            .actor(&format!("engineer:{engineer}"))
            .send()
    };
    assert_eq!(accept().await.problem(), (409, "not-allowed"));
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    assert_eq!(accept().await.status, 200);
}

#[tokio::test]
async fn a_key_is_made_and_told_where_none_was_sent() {
    let world = World::new();
    let created = world.post("/tickets").send().await;
    let key = created.header("idempotency-key").to_owned();
    assert!(key.starts_with("auto-") && key.len() == 37, "{key}");
    let again = world.post("/tickets").key(&key).send().await;
    assert_eq!(again.text("id"), created.text("id"));
    // Also with a refusal, so that it can be repeated as it was.
    let refused = world.post("/tickets").json(&json!({"sentense": ""})).send().await;
    assert!(refused.header("idempotency-key").starts_with("auto-"));
}
