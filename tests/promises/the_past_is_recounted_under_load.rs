//! The past of a real year counted by other rules: rebuilt, compared, swapped in and back while
//! reports come in and somebody reads all the time.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::client::Client;
use crate::firm::Firm;
use crate::running::{Process, paidan};

/// Swaps, each there and back.
const ROUNDS: usize = 3;

/// The file, from `PAIDAN_SHARED_DATA` or a `shared/data` beside one of the directories above.
fn real_file() -> Option<PathBuf> {
    const NAME: &str = "incident_event_log.csv.gz";
    let named = std::env::var_os("PAIDAN_SHARED_DATA").map(PathBuf::from);
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let above = above.map(|directory| directory.join("shared/data"));
    let found = named.into_iter().chain(above).map(|place| place.join(NAME)).find(|p| p.is_file());
    if found.is_none() {
        println!("skipped: {NAME} is in no shared/data above, nor in PAIDAN_SHARED_DATA");
    }
    found
}

/// Done in another system, by day, of the year that was imported.
fn imported(client: &Client) -> (u64, Vec<(String, u64)>) {
    let path = "/api/v1/satisfaction?by=day&until=2017-12-31";
    let answer = client.get(path).expect(200);
    let rows = answer.body["rows"].as_array().expect("rows");
    let count = |row: &Value| {
        let day = row["day"].as_str().expect("a day").to_owned();
        (day, row["imported_resolved"].as_u64().expect("a count"))
    };
    (answer.number("/position"), rows.iter().map(count).collect())
}

fn run(data: &Path, words: &[&str]) -> String {
    let done = paidan(data, words).output().expect("it runs");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{words:?}: {said}{}", String::from_utf8_lossy(&done.stderr));
    said
}

/// Tells the other threads that it is over.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_real_year_is_recounted_swapped_in_and_back_and_no_reader_sees_a_failed_or_mixed_answer() {
    let Some(file) = real_file() else { return };
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let map = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/incident_event_log.toml");
    let file = file.display().to_string();
    run(&data, &["import", "history", &file, "--mapping", map]);
    let server = Process::start(&data);
    let client = server.client();
    let firm = Firm::enter(&client, 20, 50);
    let up_to_date = |list: &crate::client::Answer| {
        let models = list.body["projections"].as_array().expect("models");
        models.iter().all(|model| model["lag"] == 0)
    };
    client.ask_until("/api/v1/projections", up_to_date);
    let (_, recorded) = imported(&client);

    let rules = run(&data, &["rules", "show", "--version", "0"]);
    let rules = rules.replace("zone = \"Asia/Shanghai\"", "zone = \"America/Los_Angeles\"");
    let rules_file = directory.path().join("rules.toml");
    std::fs::write(&rules_file, rules).expect("written");
    run(&data, &["rules", "publish", &rules_file.display().to_string()]);
    let version = client.get("/api/v1/rules").expect(200).number("/rule_set").to_string();
    let words = ["projection", "rebuild", "satisfaction", "lifecycle", "--rules", &version];
    let compared = run(&data, &[&words[..], &["--share", "100", "--json"]].concat());
    let compared: Value = serde_json::from_str(&compared).expect("JSON");
    for total in compared[0]["tables"][0]["totals"].as_array().expect("totals") {
        assert_eq!(total["live"], total["rebuilt"], "days move, and nothing is lost");
    }
    let rows = compared[0]["rows"].as_array().expect("rows");
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["explained"]["events"].as_u64() > Some(0)
        || row["explained"]["from_the_start"] == true));

    let (over, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    let seen: Mutex<Vec<Vec<(String, u64)>>> = Mutex::default();
    std::thread::scope(|scope| {
        let (over, reads, seen) = (&over, &reads, &seen);
        let (reader, reporter, outlet) = (client.another(), client.another(), firm.outlet.clone());
        let reading = scope.spawn(move || {
            let mut last = 0;
            while !over.load(Ordering::Relaxed) {
                let (position, days) = imported(&reader);
                assert!(position >= last, "answers never go back");
                last = position;
                let mut seen = seen.lock().expect("no panic");
                if !seen.contains(&days) {
                    seen.push(days);
                }
                reads.fetch_add(1, Ordering::Relaxed);
            }
        });
        scope.spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let report = json!({"sentence": "打印机卡纸", "outlet": outlet});
                reporter.post("/api/v1/tickets", report).expect(201);
            }
        });
        // Also where something below is not as expected: the others would go on for ever.
        let _ends = Ends(over);
        for _ in 0..ROUNDS {
            let before = reads.load(Ordering::Relaxed);
            client.post("/api/v1/projections/rebuild/swap", json!({})).expect(200);
            while reads.load(Ordering::Relaxed) < before + 2 {
                assert!(!reading.is_finished(), "an answer failed");
                std::thread::yield_now();
            }
            client.post("/api/v1/projections/rebuild/swap-back", json!({})).expect(200);
        }
    });
    let seen = seen.into_inner().expect("no panic");
    assert_eq!(seen.len(), 2, "the year as it was recorded, and as it is recounted");
    assert!(seen.contains(&recorded));
    let sum = |days: &[(String, u64)]| days.iter().map(|(_, count)| count).sum::<u64>();
    assert_eq!(sum(&seen[0]), sum(&seen[1]));
    run(&data, &["projection", "check"]);
}
