//! A ticket from the report to the customer's answer, over HTTP.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_ticket_goes_from_the_report_to_the_customers_answer() {
    let world = World::new();
    let (outlet, engineer) = world.firm().await;
    let report =
        json!({"sentence": "冲床咔哒两声就停了", "contact_name": "老李", "outlet": outlet});
    let created = world.post("/tickets").key("r1").json(&report).send().await;
    let id = created.text("id");
    assert_eq!(
        created.seen(),
        (
            201,
            &json!({
                "id": id, "number": "5-9", "version": 1, "position": 5,
                "recorded_at": "2026-03-02T00:00:00Z", "repeated": false, "state": "waiting",
                "allowed": [
                    "details", "claim", "offer", "assign", "appoint", "note", "urge", "resolve",
                    "escalate", "to-supervisor", "merge", "link", "cancel"
                ],
            })
        )
    );
    assert_eq!(created.header("location"), format!("/api/v1/tickets/{id}"));
    assert_eq!(created.header("etag"), "\"1\"");
    assert_eq!(created.header("idempotency-key"), "r1");

    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    let me = format!("engineer:{engineer}");
    for (verb, state) in [("accept", "working"), ("depart", "working"), ("arrive", "working")] {
        let done = world.post(&format!("/tickets/{id}/{verb}")).actor(&me).send().await;
        assert_eq!((done.status, done.text("state").as_str()), (200, state), "{verb}");
    }
    let hold = json!({"reason": "waiting_for_parts"});
    let held = world.post(&format!("/tickets/{id}/hold")).actor(&me).json(&hold).send().await;
    assert_eq!((held.status, held.text("state").as_str()), (200, "on_hold"));
    world.done(&format!("/tickets/{id}/resume"), json!({})).await;
    let fixed = json!({"fault_type": "电气", "words": "换了行程开关"});
    let resolved = world.post(&format!("/tickets/{id}/resolve")).actor(&me).json(&fixed).send();
    assert_eq!(resolved.await.text("state"), "resolved");
    let answer = json!({"verdict": "satisfied", "stars": 5});
    let answered = world.done(&format!("/tickets/{id}/confirm"), answer).await;
    assert_eq!(answered.text("state"), "closed");

    // An ended ticket is read like any other, by its id and by its number.
    let by_id = world.get(&format!("/tickets/{id}")).send().await;
    let by_number = world.get("/tickets/5-9").send().await;
    assert_eq!(by_id.seen(), by_number.seen());
    assert_eq!(by_id.header("etag"), format!("\"{}\"", answered.body["version"]));
    assert_eq!(by_id.body["state"], "closed");
    assert_eq!(by_id.body["outcome"], "satisfied");
    assert_eq!(by_id.body["due"], json!(null));
    assert_eq!(
        by_id.body["report"],
        json!({
            "sentence": "冲床咔哒两声就停了", "contact_name": "老李", "contact_phone": null,
            "place": null, "position": null, "erased": false
        })
    );
    assert_eq!(by_id.body["answer"]["stars"], 5);
}

#[tokio::test]
async fn a_history_tells_who_did_what_when_and_why() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let id = world.ticket().await;
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    world
        .post(&format!("/tickets/{id}/accept"))
        .key("a1")
        .header("paidan-client", "phone-7")
        .header("paidan-actor", "administrator:code:A9")
        .header("paidan-on-behalf-of", &format!("engineer:{engineer}"))
        .header("paidan-occurred-at", "2026-03-02T07:58:00+08:00")
        .send()
        .await;
    let history = world.get(&format!("/tickets/{id}/events?after=2")).send().await;
    let administrator = domain::StaffId::from_code("A9");
    let event = history.body["events"][0].clone();
    assert_eq!(
        history.seen(),
        (
            200,
            &json!({
                "position": history.position(), "id": id, "next": null,
                "events": [{
                    "position": history.position(), "id": event["id"], "stream": id, "version": 3,
                    "type": "Accepted",
                    "occurred_at": "2026-03-01T23:58:00Z", "recorded_at": "2026-03-02T00:00:00Z",
                    "actor": {
                        "party": format!("administrator:{administrator}"),
                        "assurance": "claimed", "on_behalf_of": format!("engineer:{engineer}"),
                    },
                    "command": "client:phone-7/a1", "caused_by": null,
                    "data": {
                        "number": 1, "engineer": engineer, "due": event["data"]["due"]
                    },
                }],
            })
        )
    );
    let pages = world.get(&format!("/tickets/{id}/events?limit=2")).send().await;
    assert_eq!(pages.body["events"].as_array().map(Vec::len), Some(2));
    assert_eq!(pages.body["next"], 2);
}

#[tokio::test]
async fn an_empty_report_is_accepted_and_waits_in_the_call_back_queue() {
    let world = World::new();
    let created = world.post("/tickets").send().await;
    assert_eq!((created.status, created.text("state").as_str()), (201, "call_back"));
    let position = created.position();
    let queues = world.get(&format!("/queues?min_position={position}")).send().await;
    assert_eq!(
        queues.seen(),
        (
            200,
            &json!({
                "position": position,
                "queues": [{
                    "queue": "call_back", "person": null, "total": 1, "overdue": 0,
                    "tickets": [{
                        "id": created.text("id"), "number": created.text("number"),
                        "due": "2026-03-02T00:30:00Z", "reason": "empty_report",
                        "urgent": false, "created_at": "2026-03-02T00:00:00Z"
                    }]
                }]
            })
        )
    );
}
