//! Thousands who wait at once are all answered, and the server's memory stays bounded.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::exposition::Scrape;
use crate::firm::Firm;
use crate::running::{Process, paidan};

/// A little below the server's own bound on connections.
const CLIENTS_MAX: usize = 1_900;
const ROUNDS: usize = 2;
/// What thousands of waiting clients may cost: some tens of KiB for each connection, and what
/// the tickets need that they report. Generous, because allocators keep what they had.
const GROWTH_KIB_MAX: u64 = 256 * 1024;

/// As many connections as this process and the server may have open each.
fn clients() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("Linux says it");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    let soft = line.split_whitespace().nth(3).and_then(|soft| soft.parse::<usize>().ok());
    soft.map_or(CLIENTS_MAX, |soft| CLIENTS_MAX.min(soft.saturating_sub(200)))
}

#[test]
fn thousands_of_clients_who_wait_at_once_are_all_answered_in_bounded_memory() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Process::start(data.path());
    let client = server.client();
    let firm = Firm::enter(&client, 5, 1_000);
    for number in 0..50 {
        firm.report(&client, &format!("第{number}张"));
    }
    let before = server.memory_peak_kib();
    let clients = clients();
    let (mut created, mut busy) = (0, 0);
    for _ in 0..ROUNDS {
        let waiting: Vec<_> = (0..clients)
            .map(|number| {
                let mut stream = TcpStream::connect(server.address()).expect("connects");
                stream.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
                let body =
                    json!({"sentence": format!("来自{number}"), "outlet": firm.outlet}).to_string();
                write!(
                    stream,
                    "POST /api/v1/tickets HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
                .expect("sent");
                stream
            })
            .collect();
        for mut stream in waiting {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("answered");
            let head = answer.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
            match answer.split(' ').nth(1) {
                Some("201") => created += 1,
                Some("503") if head.contains("retry-after:") => busy += 1,
                _ => panic!("{answer}"),
            }
            // Closed by the server already, where it was quick.
            drop(stream.shutdown(Shutdown::Both));
        }
    }
    let growth = server.memory_peak_kib().saturating_sub(before);
    eprintln!("{clients} at once, {created} created, {busy} told to come again, {growth} KiB more");
    assert!(growth < GROWTH_KIB_MAX, "{growth} KiB more for {clients} clients");
    assert!(created > 0);
    // Each 201 is a ticket, and no other answer is.
    let position = client.get("/readyz").number("/log/position");
    client.get(&format!("/api/v1/tickets?min_position={position}&limit=1")).expect(200);
    let open = Scrape::of(&client).value("paidan_tickets_open", &[]);
    assert_eq!(open as usize, 50 + created);
}

#[test]
fn a_server_that_was_begun_with_few_files_takes_as_many_as_it_needs_and_may() {
    let data = tempfile::tempdir().expect("a directory");
    for (hard, has) in [(1_500, 1_500), (20_000, 8_192)] {
        let serve = paidan(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
        let mut shell = Command::new("sh");
        let limited = format!("ulimit -Sn 300; ulimit -Hn {hard} 2>/dev/null; exec \"$@\"");
        shell.args(["-c", &limited, "sh"]).arg(serve.get_program()).args(serve.get_args());
        let server = Process::run(shell.stderr(Stdio::null()));
        let [soft, may] = server.open_files_max();
        // The machine may allow less than the case asks for.
        assert_eq!(soft, has.min(may), "of {hard}");
    }
}
