//! A firm's directory as CSV, one sheet in a request.

use serde_json::{Value, json};

use crate::world::{Reply, World};

const AREAS: &str = "code,name,supervisor,supervisor_name\nHD,华东,S01,周建国\n";
const OUTLETS: &str = "编号,名称,片区,服务时间\nPD,浦东,HD,周一至周五 08:00-18:00\n";
const ENGINEERS: &str =
    "code,name,outlet,skills,roster\nE1,王工,PD,立加;冲床,Mon-Fri 08:00-18:00\n";

async fn load(world: &World, sheet: &str, csv: impl Into<String>) -> Reply {
    world.post(&format!("/directory/{sheet}")).raw("text/csv", csv.into()).send().await
}

#[tokio::test]
async fn what_was_loaded_is_read_as_if_it_had_been_put() {
    let world = World::new();
    for (sheet, csv) in [("areas", AREAS), ("outlets", OUTLETS), ("engineers", ENGINEERS)] {
        let loaded = load(&world, sheet, csv).await;
        assert_eq!((loaded.status, &loaded.body["recorded"]), (200, &json!(1)), "{}", loaded.body);
        assert_eq!(loaded.body["sheets"][sheet]["added"], 1);
        assert_eq!(loaded.position(), world.log_head());
    }
    let read = world.get("/engineers/E1").send().await;
    let entry = &read.body["entry"];
    assert_eq!(entry["outlet"], json!(domain::OutletId::from_code("PD")));
    assert_eq!((&entry["name"], &entry["skills"]), (&json!("王工"), &json!(["立加", "冲床"])));
    assert_eq!(entry["roster"], "Mon-Fri 08:00-18:00");
    let read = world.get("/outlets/PD").send().await;
    assert_eq!(
        read.body["entry"]["hours"],
        json!({"zone": "Asia/Shanghai", "weekly": "Mon-Fri 08:00-18:00", "exceptions": []})
    );
    let put = world.put("/outlets/PD").json(&read.body["entry"]).send().await;
    assert_eq!(put.body["recorded_at"], Value::Null);
}

#[tokio::test]
async fn a_sheet_with_errors_is_refused_with_all_of_them_in_both_languages() {
    let world = World::new();
    let before = world.log_head();
    let csv = "code,name,hours\nA,甲,Mon-Fri\nB,,\nC,丙,\n";
    let refused = load(&world, "outlets", csv).await;
    assert_eq!(refused.problem(), (422, "sheet-errors"));
    assert_eq!(
        refused.body["errors"],
        json!([
            {
                "file": "outlets", "line": 2, "column": "hours",
                "message": "`Mon-Fri` has no hours; write it like `Mon-Fri 08:00-12:00`, or leave the day out",
                "message_zh": "“Mon-Fri”没有时间，请按“周一至周五 08:00-12:00”的格式填写，或删去这一天"
            },
            {
                "file": "outlets", "line": 3, "column": "name",
                "message": "it is empty; every entry needs it",
                "message_zh": "不能为空，每个条目都必须填写"
            }
        ])
    );
    assert_eq!(world.log_head(), before);
    let path = "/directory/outlets?skip_bad_lines=true";
    let rest = world.post(path).raw("text/csv", csv).send().await;
    assert_eq!((rest.status, &rest.body["recorded"]), (200, &json!(1)), "{}", rest.body);
    assert_eq!(rest.body["errors_total"], 2);
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_records_nothing() {
    let world = World::new();
    load(&world, "areas", AREAS).await;
    let before = world.log_head();
    let changed = AREAS.replace("华东", "华东大区");
    let dry = world.post("/directory/areas?dry_run=true").raw("text/csv", changed).send().await;
    assert_eq!((dry.status, &dry.body["dry_run"]), (200, &json!(true)));
    let fields = json!([{"field": "name", "before": "华东", "after": "华东大区"}]);
    assert_eq!(dry.body["changes"][0]["fields"], fields);
    assert_eq!(world.log_head(), before);
}

#[tokio::test]
async fn a_request_repeated_under_its_key_does_not_undo_what_came_after() {
    let world = World::new();
    let send = |csv: String, key: &'static str| {
        world.post("/directory/areas").key(key).raw("text/csv", csv).send()
    };
    let other = AREAS.replace("华东", "华南");
    assert_eq!(send(AREAS.into(), "first").await.body["recorded"], 1);
    assert_eq!(send(other, "second").await.body["recorded"], 1);
    assert_eq!(send(AREAS.into(), "first").await.body["recorded"], 0);
    assert_eq!(world.get("/areas/HD").send().await.body["entry"]["name"], "华南");
}

#[tokio::test]
async fn what_is_no_sheet_gets_a_problem() {
    let world = World::new();
    let json = world.post("/directory/areas").json(&json!({})).send().await;
    assert_eq!(json.problem(), (415, "not-csv"));
    assert_eq!(load(&world, "tickets", AREAS).await.problem(), (404, "no-route"));
    let large = load(&world, "areas", "x".repeat(sheets::BYTES_MAX + 1)).await;
    assert_eq!(large.problem(), (413, "body-too-large"));
    let query = world.post("/directory/areas?dry=true").raw("text/csv", AREAS).send().await;
    assert_eq!(query.problem(), (400, "bad-query"));
    let get = world.get("/directory/areas").send().await;
    assert_eq!(get.problem(), (405, "method-not-allowed"));
    let workbook = load(&world, "areas", "PK\u{3}\u{4}").await;
    assert_eq!(workbook.problem(), (422, "sheet-errors"));
}
