//! A disk that has no room for files.

use attachments::uploads;
use axum::http::Method;
use gateway::Config;
use serde_json::json;

use super::uploads::{OCTETS, tus};
use crate::world::{World, upload_limits};

const FORM: &str = "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n\
                    abcd\r\n--X--\r\n";

#[tokio::test]
async fn a_disk_without_room_takes_no_file_over_any_way_in_and_says_so() {
    let limits = uploads::Limits { disk_reserve_bytes: u64::MAX, ..upload_limits() };
    let world = World::limited(Config::default(), limits);
    let begun = || tus(&world, Method::POST, "/api/v1/uploads");
    let long = json!({"sentence": "主轴异响。".repeat(1_000)});
    for (way, asked) in [
        ("PUT", world.put("/attachments").raw("application/octet-stream", "abcd")),
        ("form", world.post("/attachments").raw("multipart/form-data; boundary=X", FORM)),
        ("tus", begun().header("upload-length", "4")),
        ("tus with bytes", begun().header("upload-length", "4").raw(OCTETS, "abcd")),
        ("tus, length later", begun().header("upload-defer-length", "1")),
        ("a long text", world.post("/tickets").json(&long)),
    ] {
        let refused = asked.send().await;
        assert_eq!(refused.problem(), (507, "no-room"), "{way}");
        assert_eq!(refused.header("retry-after"), "60", "{way}");
        assert!(refused.text("detail").contains("no room"), "{way}: {}", refused.body);
    }
    assert_eq!(world.attachments().uploads.open_count(), 0);
    world.ticket().await;
}
