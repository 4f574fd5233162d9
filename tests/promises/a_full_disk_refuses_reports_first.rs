//! A disk that is nearly full takes no new reports, and what was begun is finished; one that is as
//! good as full takes nothing, and says so. The disk is real: the reserve is moved, not the room.

use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use crate::exposition::Scrape;
use crate::firm::Firm;
use crate::running::{Process, paidan};

/// A server that keeps so many bytes of its disk.
fn keeping(data: &Path, bytes: u64) -> Process {
    let bytes = bytes.to_string();
    let words = ["serve", "--listen", "127.0.0.1:0", "--disk-reserve-bytes", &bytes];
    Process::run(paidan(data, &words).stderr(Stdio::null()))
}

#[test]
fn near_its_end_a_disk_takes_no_reports_while_engineers_go_on_and_then_nothing_at_all() {
    let data = tempfile::tempdir().expect("a directory");
    let server = keeping(data.path(), 0);
    let client = server.client();
    let firm = Firm::enter(&client, 1, 3);
    let ticket = firm.report(&client, "不制冷");
    client.ticket_once(&ticket, "assigned");
    let free = Scrape::of(&client).value("paidan_disk_free_bytes", &[]) as u64;
    server.kill();
    let report = || json!({"sentence": "漏油", "outlet": firm.outlet});
    let path = |verb: &str| format!("/api/v1/tickets/{ticket}/{verb}");

    // Half of what has to be free is, and twice what the floor is: others may use the disk too.
    let server = keeping(data.path(), free.saturating_mul(2));
    let client = server.client();
    let at_work = client.acting_as(format!("engineer:{}", firm.engineers[0]));
    let refused = client.post("/api/v1/tickets", report()).expect(507);
    assert_eq!(refused.text("/type"), "urn:paidan:problem:disk-reserve");
    assert!(!refused.text("/title_zh").is_empty());
    at_work.post(&path("accept"), json!({})).expect(200);
    let ready = client.get_until_status("/readyz", 200);
    assert!(ready.text("/log/why").contains("no new reports"), "{:#}", ready.body);
    assert_eq!(Scrape::of(&client).value("paidan_disk_refuses_reports", &[]), 1.0);
    assert_eq!(Scrape::of(&client).value("paidan_disk_refuses_all", &[]), 0.0);
    server.kill();

    let server = keeping(data.path(), free.saturating_mul(16));
    let client = server.client();
    let at_work = client.acting_as(format!("engineer:{}", firm.engineers[0]));
    for refused in
        [client.post("/api/v1/tickets", report()), at_work.post(&path("depart"), json!({}))]
    {
        assert_eq!(refused.expect(507).text("/type"), "urn:paidan:problem:disk-full");
    }
    assert_eq!(client.get("/readyz").expect(503).body["log"]["ready"], false);
    assert_eq!(Scrape::of(&client).value("paidan_disk_refuses_all", &[]), 1.0);
    assert_eq!(client.history(&ticket).last().map(String::as_str), Some("Accepted"));
    server.kill();

    let server = keeping(data.path(), 0);
    let client = server.client();
    let at_work = client.acting_as(format!("engineer:{}", firm.engineers[0]));
    at_work.post(&path("depart"), json!({})).expect(200);
    client.post("/api/v1/tickets", report()).expect(201);
}
