//! Entries are put whole and read in the shape in which they were put.

use domain::{CustomerId, EngineerId};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn what_was_read_can_be_changed_and_put_back() {
    let world = World::new();
    let (outlet, _) = world.firm().await;
    let customer = json!({
        "name": "沪东机械", "outlet": outlet, "place": "张江路 88 号",
        "contacts": [{"name": "老李", "phone": "13800000000", "roles": ["reports", "on_site"]}]
    });
    let put = world.put("/customers/C-88").json(&customer).send().await;
    assert_eq!(
        put.seen(),
        (
            200,
            &json!({
                "id": CustomerId::from_code("C-88"), "version": 1, "position": 5,
                "recorded_at": "2026-03-02T00:00:00Z", "repeated": false
            })
        )
    );
    let read = world.get("/customers/C-88").send().await;
    let mut entry = customer.clone();
    entry["code"] = json!("C-88");
    entry["position"] = json!(null);
    assert_eq!(
        read.seen(),
        (200, &json!({"id": put.text("id"), "version": 1, "position": 5, "entry": entry}))
    );
    // By its id too; and what has not changed is not recorded.
    let path = format!("/customers/{}", put.text("id"));
    let same = world.put(&path).json(&read.body["entry"]).send().await;
    assert_eq!((same.status, &same.body["recorded_at"]), (200, &json!(null)));
    let mut moved = read.body["entry"].clone();
    moved["place"] = json!("张江路 90 号");
    let tag = read.header("etag").to_owned();
    let put = world.put(&path).header("if-match", &tag).json(&moved).send().await;
    assert_eq!(put.body["version"], 2);
    let stale = world.put(&path).header("if-match", &tag).json(&moved).send().await;
    assert_eq!(stale.problem(), (412, "version-mismatch"));
}

#[tokio::test]
async fn every_kind_of_entry_is_put_and_read() {
    let world = World::new();
    let entries = [
        ("/areas/HD", json!({"name": "华东", "engineers_min": 2})),
        (
            "/outlets/PD",
            json!({"name": "浦东", "hours": {
                "zone": "Asia/Shanghai", "weekly": "Mon-Fri 08:00-18:00", "exceptions": []
            }}),
        ),
        ("/customers/C1", json!({"name": "沪东机械"})),
        ("/devices/GK-800-1", json!({"model": "GK-800", "serial": "1", "skills": ["立加"]})),
        ("/engineers/E7", json!({"name": "王工", "capacity": 5, "roster": "Mon-Fri 08:00-17:00"})),
    ];
    for (path, entry) in entries {
        let put = world.put(path).json(&entry).send().await;
        assert_eq!(put.status, 200, "{path}: {}", put.body);
        let read = world.get(&format!("{path}?min_position={}", put.position())).send().await;
        assert_eq!(read.status, 200, "{path}: {}", read.body);
        assert_eq!(read.header("etag"), "\"1\"");
        for (field, value) in entry.as_object().expect("an object") {
            assert_eq!(&read.body["entry"][field], value, "{path} {field}");
        }
        let again = world.put(path).json(&read.body["entry"]).send().await;
        assert_eq!(again.body["recorded_at"], json!(null), "{path}");
    }
}

#[tokio::test]
async fn a_code_in_the_body_must_be_the_one_in_the_address() {
    let world = World::new();
    let put = world.put("/outlets/PD").json(&json!({"name": "浦东", "code": "PX"})).send().await;
    assert_eq!(put.problem(), (422, "invalid-field"));
    for named in ["en_short", "tk_01jd3nqz5e8y6b0000000000000", "%00", &"x".repeat(65)] {
        let wrong = world.get(&format!("/engineers/{named}")).send().await;
        assert_eq!(wrong.problem().0, 400, "{named}: {}", wrong.body);
    }
    // Anything else is a code, in any script.
    let put = world.put("/engineers/%E5%BC%A0%E4%B8%89").json(&json!({})).send().await;
    assert_eq!(put.text("id"), EngineerId::from_code("张三").to_string());
}

#[tokio::test]
async fn an_engineer_is_frozen_on_leave_and_on_call_by_a_verb_each() {
    let world = World::new();
    world.firm().await;
    let until = "2026-03-02T10:00:00Z";
    world.done("/engineers/E1/freeze", json!({"until": until, "words": "培训"})).await;
    world
        .done("/engineers/E1/leave", json!({"from": until, "until": "2026-03-03T00:00:00Z"}))
        .await;
    world.done("/engineers/E1/on-call", json!({"until": until})).await;
    let read = world.get("/engineers/E1").send().await;
    assert_eq!(
        (&read.body["frozen"], &read.body["leave"]["from"], &read.body["on_call_until"]),
        (&json!({"until": until, "reason": "by_hand"}), &json!(until), &json!(until))
    );
    let id = world.ticket().await;
    let engineer = read.text("id");
    let assign = world.post(&format!("/tickets/{id}/assign")).json(&json!({"engineer": engineer}));
    let refused = assign.send().await;
    assert_eq!(refused.problem(), (409, "frozen"));
    assert_eq!(
        (&refused.body["until"], &refused.body["engineer"]),
        (&json!(until), &json!(engineer))
    );
    world.done("/engineers/E1/unfreeze", json!({})).await;
    world.done("/engineers/E1/off-duty", json!({})).await;
    let read = world.get("/engineers/E1").send().await;
    assert_eq!((&read.body["frozen"], &read.body["on_duty"]), (&json!(null), &json!(false)));
}
