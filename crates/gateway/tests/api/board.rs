//! Lists and sums.

use std::time::Duration;

use domain::{OutletId, StaffId};
use serde_json::{Value, json};

use crate::world::World;

fn ids(body: &Value) -> Vec<String> {
    let tickets = body["tickets"].as_array().expect("tickets");
    tickets.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_row_of_the_list_tells_where_a_ticket_stands() {
    let world = World::new();
    let (outlet, engineer) = world.firm().await;
    let report = json!({"sentence": "停机", "outlet": outlet, "priority": "high"});
    let id = world.post("/tickets").json(&report).send().await.text("id");
    let assigned =
        world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    world.settled().await;
    let list = world.get("/tickets").send().await;
    assert_eq!(
        list.seen(),
        (
            200,
            &json!({
                "position": assigned.position(),
                "tickets": [{
                    "id": id, "number": assigned.text("number"), "version": 2,
                    "state": "assigned", "due": "2026-03-02T00:30:00Z", "overdue": false,
                    "red": false, "flashing": false, "priority": "high", "urgent": false,
                    "level": 0, "created_at": "2026-03-02T00:00:00Z", "accepted_at": null,
                    "resolved_at": null, "customer": null, "outlet": outlet, "area": null,
                    "device": null, "engineer": engineer, "stage": null, "helpers": 0,
                    "queue": null, "hold": null, "offered_to": 0, "transfer_to": null,
                    "claimed_by": null, "duplicate_of": null, "assignments": 1, "reopened": 0,
                    "urges": 0, "imported": false
                }],
                "next": null,
            })
        )
    );
}

#[tokio::test]
async fn filters_and_pages_find_each_ticket_once() {
    let world = World::new();
    let (outlet, engineer) = world.firm().await;
    let mut all = Vec::new();
    for number in 0..7 {
        let here = if number % 2 == 0 { json!(outlet) } else { json!(null) };
        let report = json!({"sentence": "停机", "outlet": here, "urgent": number == 3});
        all.push(world.post("/tickets").json(&report).send().await.text("id"));
    }
    world.done(&format!("/tickets/{}/assign", all[0]), json!({"engineer": engineer})).await;
    world.post("/tickets").send().await;
    world.settled().await;
    let list = async |query: &str| {
        let list = world.get(&format!("/tickets?{query}")).send().await;
        assert_eq!(list.status, 200, "{query}: {}", list.body);
        ids(&list.body)
    };
    assert_eq!(list("outlet=PD").await.len(), 4);
    assert_eq!(list(&format!("outlet={outlet}&state=assigned,waiting")).await.len(), 4);
    assert_eq!(list("engineer=E1").await, all[..1]);
    assert_eq!(list("urgent=true").await, all[3..4]);
    assert_eq!(list("queue=call_back").await.len(), 1);
    assert_eq!(list("state=call_back&sort=newest").await.len(), 1);

    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let page = world.get(&format!("/tickets?state=waiting&limit=2{after}")).send().await;
        seen.extend(ids(&page.body));
        let Some(next) = page.body["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, all[1..]);

    let other = world.get(&format!("/tickets?state=assigned&limit=2{after}")).send().await;
    assert_eq!(other.problem(), (400, "bad-query"));
}

#[tokio::test]
async fn red_and_flashing_come_with_time_alone() {
    let world = World::new();
    let id = world.ticket().await;
    world.settled().await;
    let list = async |query: &str| ids(&world.get(&format!("/tickets?{query}")).send().await.body);
    assert!(list("red=true").await.is_empty());
    world.pass(2 * HOUR);
    assert_eq!(list("red=true").await, [id.as_str()]);
    assert!(list("flashing=true").await.is_empty());
    world.pass(22 * HOUR);
    assert_eq!(list("flashing=true").await, [id.as_str()]);
    let top = world.get("/backlog/top?n=1").send().await;
    let row = &top.body["tickets"][0];
    assert_eq!(
        (&row["red"], &row["flashing"], &row["overdue"]),
        (&json!(true), &json!(true), &json!(true))
    );
}

#[tokio::test]
async fn the_backlog_is_ordered_by_overdue_priority_and_age() {
    let world = World::new();
    let report = async |priority: &str| {
        let report = json!({"sentence": "停机", "priority": priority});
        world.post("/tickets").json(&report).send().await.text("id")
    };
    let overdue = report("low").await;
    world.pass(HOUR);
    let normal = report("normal").await;
    let critical = report("critical").await;
    world.settled().await;
    let top = world.get("/backlog/top").send().await;
    assert_eq!(ids(&top.body), [overdue, critical, normal]);
}

#[tokio::test]
async fn engineers_are_listed_with_their_load_and_names() {
    let world = World::new();
    let (outlet, first) = world.firm().await;
    let second = world.engineer("E2").await;
    let id = world.ticket().await;
    let assigned = world.done(&format!("/tickets/{id}/assign"), json!({"engineer": first})).await;
    let position = assigned.position();
    let list = world.get(&format!("/engineers?min_position={position}")).send().await;
    let mut expected = vec![
        json!({
            "name": "工程师 E1", "phone": null, "id": first, "version": 3, "code": "E1",
            "outlet": outlet, "area": null, "skills": [], "capacity": 3,
            "load": {"taken": 1, "free": 2, "assigned": 1, "accepted": 0, "on_hold": 0},
            "places": [{"ticket": id, "assignment": 1, "state": "assigned"}],
            "on_duty": true, "leave": null, "on_leave": false, "on_call_until": null,
            "on_call": false, "online": false, "frozen": null, "retired": false,
            "available": true, "unavailable": null
        }),
        json!({
            "name": "工程师 E2", "phone": null, "id": second, "version": 2, "code": "E2",
            "outlet": outlet, "area": null, "skills": [], "capacity": 3,
            "load": {"taken": 0, "free": 3, "assigned": 0, "accepted": 0, "on_hold": 0},
            "places": [], "on_duty": true, "leave": null, "on_leave": false,
            "on_call_until": null, "on_call": false, "online": false, "frozen": null,
            "retired": false, "available": true, "unavailable": null
        }),
    ];
    expected.sort_by_key(|row| row["id"].as_str().map(str::to_owned));
    assert_eq!(
        list.seen(),
        (
            200,
            &json!({
                "position": position, "names_position": position, "engineers": expected,
                "next": null
            })
        )
    );
    let page = world.get("/engineers/load?limit=1").send().await;
    assert_eq!(page.body["next"], expected[0]["id"]);
    let next = page.text("next");
    let last = world.get(&format!("/engineers/load?limit=1&after={next}")).send().await;
    assert_eq!(last.body["engineers"][0]["id"], expected[1]["id"]);
    assert_eq!(last.body["next"], json!(null));
}

#[tokio::test]
async fn satisfaction_is_counted_by_whatever_is_asked() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let id = world.ticket().await;
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    let me = format!("engineer:{engineer}");
    world.pass(Duration::from_secs(90));
    for verb in ["accept", "resolve"] {
        let done = world.post(&format!("/tickets/{id}/{verb}")).actor(&me).send().await;
        assert_eq!(done.status, 200, "{}", done.body);
    }
    let answered = world.done(&format!("/tickets/{id}/confirm"), json!({"stars": 4})).await;
    let position = answered.position();
    let counts = json!({
        "resolved": 1, "satisfied": 1, "partial": 0, "unresolved": 0, "low": 0, "closed_by_silence": 0,
        "closed_by_agent": 0, "reopened": 0, "imported_resolved": 0, "imported_closed": 0,
        "imported_reopened": 0, "stars_count": 1, "stars_sum": 4, "stars": [0, 0, 0, 1, 0],
        "first_response": {"count": 1, "median_s": 90, "p90_s": 90},
        "late": 0, "corrected_at": null
    });
    for (by, of) in [("engineer", json!(engineer)), ("day", json!("2026-03-02"))] {
        let path = format!("/satisfaction?by={by}&min_position={position}");
        let answer = world.get(&path).send().await;
        let mut row = counts.clone();
        row[by] = of;
        assert_eq!(
            answer.seen(),
            (200, &json!({"position": position, "by": by, "rows": [row]})),
            "{by}"
        );
    }
    let before = world.get("/satisfaction?by=week&until=2026-03-01").send().await;
    assert_eq!(before.body["rows"], json!([]));
}

#[tokio::test]
async fn a_tickets_life_is_counted_in_its_hours() {
    let world = World::new();
    let (outlet, engineer) = world.firm().await;
    let created = world.post("/tickets").json(&json!({"outlet": outlet})).send().await;
    let id = created.text("id");
    world.done(&format!("/tickets/{id}/assign"), json!({"engineer": engineer})).await;
    let me = format!("engineer:{engineer}");
    world.pass(Duration::from_secs(3_600));
    for verb in ["accept", "resolve"] {
        let done = world.post(&format!("/tickets/{id}/{verb}")).actor(&me).send().await;
        assert_eq!(done.status, 200, "{}", done.body);
    }
    let answered = world.done(&format!("/tickets/{id}/confirm"), json!({"stars": 2})).await;
    let position = answered.position();
    let hour = |hour: u8, begins: &str, counts: [u64; 6]| {
        let [created, accepted, completed, rated, low, silent] = counts;
        json!({
            "day": "2026-03-02", "hour": hour, "begins": begins, "created": created,
            "accepted": accepted, "completed": completed, "rated": rated, "low": low,
            "silent": silent
        })
    };
    let hours = json!([
        hour(8, "2026-03-02T00:00:00Z", [1, 0, 0, 0, 0, 0]),
        hour(9, "2026-03-02T01:00:00Z", [0, 1, 1, 1, 1, 0]),
    ]);
    let today = world.get(&format!("/lifecycle?min_position={position}")).send().await;
    let day = json!("2026-03-02");
    assert_eq!(
        today.seen(),
        (
            200,
            &json!({"position": position, "from": day, "until": day, "hours": hours, "corrected": []})
        )
    );
    let month = world.get("/lifecycle?from=2026-02-01&until=2026-03-03&outlet=PD").send().await;
    assert_eq!((month.status, &month.body["hours"]), (200, &hours));
    let elsewhere = world.get("/lifecycle?until=2026-03-02&outlet=XH").send().await;
    assert_eq!((elsewhere.status, &elsewhere.body["hours"]), (200, &json!([])));
    let long = world.get("/lifecycle?from=2026-02-01&until=2026-03-04").send().await;
    assert_eq!(long.problem(), (400, "bad-query"));
    let said = "the query: until: 2026-02-01 to 2026-03-04 are 32 days; ask for at most 31";
    assert_eq!(long.text("detail"), said);
}

#[tokio::test]
async fn an_area_supervisor_has_a_queue_with_a_name() {
    let world = World::new();
    let chief = StaffId::from_u128(1);
    let area = json!({"name": "华东", "supervisor": chief});
    let area = world.put("/areas/HD").json(&area).send().await.text("id");
    let outlet = json!({"name": "浦东", "area": area});
    world.put("/outlets/PD").json(&outlet).send().await;
    let report = json!({"sentence": "停机", "outlet": OutletId::from_code("PD")});
    let id = world.post("/tickets").json(&report).send().await.text("id");
    world.done(&format!("/tickets/{id}/to-supervisor"), json!({})).await;
    world.settled().await;
    let list = world.get(&format!("/tickets?person={chief}")).send().await;
    assert_eq!(ids(&list.body), [id.as_str()]);
    let queues = world.get("/queues").send().await;
    assert_eq!(queues.body["queues"][0]["person"], json!(chief));
}
