//! A backup of a server under load, restored, answers as the server did; exports and salvage too.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::firm::Firm;
use crate::running::{Process, paidan};

const CLIENTS: usize = 4;
const ACKNOWLEDGED_BETWEEN: u64 = 40;

/// What a command prints as JSON; it has to succeed.
#[track_caller]
fn ask(data: &Path, arguments: &[&str]) -> Value {
    let out = paidan(data, arguments).arg("--json").output().expect("it runs");
    let complaint = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{arguments:?}: {complaint}");
    serde_json::from_slice(&out.stdout).expect("JSON")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of a test is text")
}

fn report(client: &Client, key: &str, outlet: &str) -> Answer {
    let body = json!({"sentence": key, "outlet": outlet}).to_string();
    let headers = [("Idempotency-Key", key)];
    client.send("POST", "/api/v1/tickets", &headers, Some(body.as_bytes())).expect("it answers")
}

#[test]
fn a_backup_of_a_server_under_load_is_restored_with_all_that_was_acknowledged_before_it() {
    let place = tempfile::tempdir().expect("a directory");
    let (data, backup) = (place.path().join("data"), place.path().join("backup"));
    let (file, key_file) = (place.path().join("log.part"), data.join("keys/master.key"));
    let server = Process::start(&data);
    let client = server.client();
    let outlet = Firm::enter(&client, 10, 50).outlet;
    // Idempotency key → the ticket and position of its receipt.
    let acknowledged: Mutex<HashMap<String, (String, u64)>> = Mutex::default();
    let (stopped, count) = (AtomicBool::new(false), AtomicU64::new(0));
    let until = |wanted: u64| {
        while count.load(Ordering::Relaxed) < wanted {
            std::thread::yield_now();
        }
    };
    let mut at = Vec::new();
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let client = client.another();
            let (acknowledged, stopped, count) = (&acknowledged, &stopped, &count);
            let outlet = &outlet;
            scope.spawn(move || {
                for turn in 0.. {
                    if stopped.load(Ordering::Relaxed) {
                        return;
                    }
                    let key = format!("{number}/{turn}");
                    let answer = report(&client, &key, outlet).expect(201);
                    let receipt = (answer.text("/id").to_owned(), answer.number("/position"));
                    acknowledged.lock().expect("no panic").insert(key, receipt);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for round in 1..=3 {
            until(round * ACKNOWLEDGED_BETWEEN);
            let told = ask(&data, &["log", "backup", text(&backup)]);
            let known = acknowledged.lock().expect("no panic").clone();
            at.push((told, known));
        }
        until(4 * ACKNOWLEDGED_BETWEEN);
        ask(&data, &["log", "export", text(&file), "--with-keys"]);
        stopped.store(true, Ordering::Relaxed);
    });
    let [(first, _), (second, before), (third, _)] = &at[..] else { panic!("three runs") };
    assert_eq!(second["before"], first["position"]);
    assert_eq!(third["before"], second["position"]);
    assert!(third["position"].as_u64() > second["position"].as_u64());

    server.kill();
    let position = third["position"].as_u64().expect("a position");
    let new = place.path().join("new");
    let key = ["--master-key-file", text(&key_file)];
    let missing = paidan(&new, &["log", "restore", text(&backup)]).output().expect("it runs");
    let complaint = String::from_utf8_lossy(&missing.stderr);
    assert!(!missing.status.success() && complaint.contains("--master-key-file"), "{complaint}");
    let restored = ask(&new, &["log", "restore", text(&backup), key[0], key[1]]);
    assert_eq!(restored["kept"], position);
    assert_eq!(restored["kept_chain"], third["chain"]);
    assert_eq!(
        (&restored["log"]["id"], &restored["log"]["epoch"]),
        (&third["log"]["id"], &2.into())
    );

    let serve = ["serve", "--listen", "127.0.0.1:0", key[0], key[1]];
    let server = Process::run(paidan(&new, &serve).stderr(std::process::Stdio::null()));
    let client = server.client();
    // What had been acknowledged when the second run ended is in the third for certain.
    for (key, (ticket, first)) in before {
        assert!(*first <= position, "{key}");
        let answer = report(&client, key, &outlet).expect(201);
        assert_eq!(
            (answer.text("/id"), answer.number("/position")),
            (&ticket[..], *first),
            "{key}"
        );
    }
    ask(&new, &["projection", "check", key[0], key[1]]);
    assert_eq!(ask(&new, &["log", "verify", key[0], key[1]])["whole"], true);
    // It goes on with its backup, and is restored once more, in an epoch of its own.
    let told = ask(&new, &["log", "backup", text(&backup), key[0], key[1]]);
    assert_eq!(told["before"], position);
    drop(server);
    let again = place.path().join("again");
    let restored = ask(&again, &["log", "restore", text(&backup), key[0], key[1]]);
    assert_eq!((&restored["kept"], &restored["log"]["epoch"]), (&told["position"], &3.into()));
    assert_eq!(ask(&again, &["log", "verify", key[0], key[1]])["whole"], true);

    // The export, which was made while everybody went on, has everything up to its head.
    let imported = place.path().join("imported");
    let done = ask(&imported, &["log", "import", text(&file), key[0], key[1]]);
    assert!(done["kept"].as_u64() >= Some(position), "{done}");
    assert_eq!(ask(&imported, &["log", "verify", key[0], key[1]])["whole"], true);
    // And the directory that was killed is salvaged whole.
    let salvaged = place.path().join("salvaged");
    let found = ask(&data, &["log", "salvage", text(&salvaged)]);
    assert_eq!((&found["complete"], &found["lost"]), (&true.into(), &Value::Null), "{found}");
    let last = acknowledged.lock().expect("no panic").values().map(|(_, at)| *at).max();
    assert!(found["kept"].as_u64() >= last, "{found}");
    assert_eq!(ask(&salvaged, &["log", "verify"])["whole"], true);
}

#[test]
fn a_backup_that_was_killed_in_the_middle_is_good_up_to_its_manifest() {
    let place = tempfile::tempdir().expect("a directory");
    let (data, backup) = (place.path().join("data"), place.path().join("backup"));
    let server = Process::start(&data);
    let client = server.client();
    let firm = Firm::enter(&client, 5, 50);
    for number in 0..30 {
        firm.report(&client, &format!("停机 {number}"));
    }
    let good = ask(&data, &["log", "backup", text(&backup)]);
    // The server is the one that writes it. It dies between the start of a run and its answer, at
    // a moment that differs from round to round.
    let mut server = Some(server);
    for round in 0..4 {
        let running = server.take().unwrap_or_else(|| Process::start(&data));
        let client = running.client();
        for number in 0..10 {
            firm.report(&client, &format!("再次停机 {round}/{number}"));
        }
        let mut asking = paidan(&data, &["log", "backup", text(&backup)]);
        let mut asking = asking
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it runs");
        let reached = |wanted: usize| {
            let count = |name: &str| {
                std::fs::read_dir(backup.join(name)).map_or(0, |entries| entries.count())
            };
            count("keys") + count("segments") >= wanted
        };
        // Keys first, then a segment under another name, then its own; or it was quicker.
        let wanted = 2 + round;
        while !reached(wanted) && matches!(asking.try_wait(), Ok(None)) {
            std::thread::yield_now();
        }
        running.kill();
        asking.wait().expect("it ends");
        let to = place.path().join(format!("round {round}"));
        let key_file = data.join("keys/master.key");
        let restored =
            ask(&to, &["log", "restore", text(&backup), "--master-key-file", text(&key_file)]);
        assert!(restored["kept"].as_u64() >= good["position"].as_u64(), "{restored}");
        let verified = ask(&to, &["log", "verify"]);
        assert_eq!(verified["whole"], true);
    }
    // At rest, where no dispatcher goes on between the two.
    let last = ask(&data, &["log", "backup", text(&backup)]);
    let stat = ask(&data, &["log", "stat"]);
    assert_eq!((&last["position"], &last["chain"]), (&stat["position"], &stat["chain"]));
}
