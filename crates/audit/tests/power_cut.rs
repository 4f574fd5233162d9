//! A power cut at any moment of upload, put, append and answer: what was acknowledged is there, every
//! event that survived names bytes that are there whole, and a client that comes back ends with
//! exactly one link. Needs root and loop devices, and says so where it has none.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use attachments::hash_text;
use attachments::uploads::UploadId;
use domain::attachment::AttachmentEvent;
use domain::{Event, GlobalPosition, TicketId};
use eventlog::EventLog;
use futures_util::{StreamExt, stream};
use mishaps::{Disk, Numbers, Process, say};
use support::{Server, content, deep, hash, report, report_id, vouched};

const DIR: &str = "PAIDAN_TEST_POWER_CUT_DIR";
/// The first round of its clients.
const FROM: &str = "PAIDAN_TEST_POWER_CUT_FROM";
/// Bytes are written where the store would have them, without a sync.
const PLAINLY: &str = "PAIDAN_TEST_POWER_CUT_PLAINLY";
/// Cuts, where somebody wants more than the suite has time for.
const CUTS: &str = "PAIDAN_TEST_CUTS";
const CUTS_DEFAULT: usize = 12;
/// After so many the server is killed, and the next one goes on with what that left.
const CUTS_PER_SERVER: usize = 3;
/// After so many servers the next one begins a new directory, so that beginnings are cut as well.
const SERVERS_PER_DIRECTORY: usize = 2;
const SEED: &str = "PAIDAN_TEST_SEED";
const CLIENTS: u64 = 4;

/// A report of one client with one photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    client: u64,
    round: u64,
}

impl Case {
    fn ticket(self) -> TicketId {
        TicketId::from_u128(u128::from(self.client) << 64 | u128::from(self.round))
    }

    /// Two clients send the same photo at about the same time, so the store knows every other one.
    fn photo(self) -> Vec<u8> {
        content(20_000, &format!("{} {}", self.client / 2, self.round))
    }
}

/// What a client was told of a case.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    upload: Option<UploadId>,
    position: Option<GlobalPosition>,
}

type Heards = BTreeMap<Case, Heard>;

fn hear(heards: &mut Heards, said: &[String]) {
    for line in said {
        let words: Vec<_> = line.split(' ').collect();
        let [what, client, round, value] = words[..] else { panic!("{line}") };
        let number = |text: &str| text.parse().expect("a number");
        let case = Case { client: number(client), round: number(round) };
        let heard = heards.entry(case).or_default();
        match what {
            "upload" => heard.upload = Some(value.parse().expect("an id")),
            "durable" => heard.position = Some(GlobalPosition::new(number(value))),
            _ => panic!("{line}"),
        }
    }
}

/// One client, until the process is killed.
async fn client(server: &Server, client: u64, from: u64, plainly_to: Option<&Path>) {
    for round in from.. {
        let case = Case { client, round };
        let photo = case.photo();
        let attachment = if let Some(store) = plainly_to {
            let text = hash_text(hash(&photo));
            let dir = store.join(&text[..2]).join(&text[2..4]);
            std::fs::create_dir_all(&dir).expect("made");
            let place = dir.join(&text);
            // ext4 syncs by itself what is written over.
            if !place.exists() {
                std::fs::write(place, &photo).expect("written");
            }
            vouched(hash(&photo), photo.len() as u64)
        } else {
            let id = server.begin_upload(photo.len()).await;
            say(&format!("upload {client} {round} {id}"));
            server.finish_upload(id, &photo).await;
            server.vouch(hash(&photo)).await
        };
        let pending = server.engine.begin(report(case.ticket(), attachment)).expect("taken");
        let position = pending.durable().await.expect("durable").position;
        say(&format!("durable {client} {round} {position}"));
    }
}

// What the tests freeze; on its own it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serving_process() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let dir = Path::new(&dir);
    let from = std::env::var(FROM).expect("is set").parse().expect("a number");
    let plainly_to = std::env::var_os(PLAINLY).map(|_| dir.join("bytes"));
    let server = Arc::new(Server::open(dir).await);
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let (server, plainly_to) = (Arc::clone(&server), plainly_to.clone());
        clients.spawn(async move { client(&server, number, from, plainly_to.as_deref()).await });
    }
    clients.join_all().await;
}

fn start(dir: &Path, from: u64, plainly: bool) -> Process {
    let (dir, from) = (dir.to_str().expect("is text"), from.to_string());
    let mut variables = vec![(DIR, dir), (FROM, &from)];
    if plainly {
        variables.push((PLAINLY, "1"));
    }
    Process::start("serving_process", &variables)
}

/// The tickets that attachments were linked to, as often as they were.
fn links(log: &dyn EventLog) -> BTreeMap<TicketId, usize> {
    let mut links = BTreeMap::new();
    let mut after = GlobalPosition::ZERO;
    loop {
        let events = log.read(after, 1_000).expect("reads");
        let Some(last) = events.last() else { return links };
        after = last.position;
        for event in &events {
            if let Event::Attachment(AttachmentEvent::AttachmentLinked(linked)) = &event.event {
                *links.entry(linked.ticket).or_default() += 1;
            } else if let Some(ticket) = event.stream.ticket() {
                // So that a ticket without its link shows.
                links.entry(ticket).or_default();
            }
        }
    }
}

/// What a client does that has no answer, or lost it: it goes on where it knows that it was.
async fn come_back(server: &Server, case: Case, heard: Heard) {
    let photo = case.photo();
    let id = match heard.upload {
        Some(id) => id,
        None => server.begin_upload(photo.len()).await,
    };
    server.finish_upload(id, &photo).await;
    let again = report(case.ticket(), server.vouch(hash(&photo)).await);
    let receipt = server.engine.begin(again).expect("taken").durable().await.expect("durable");
    assert!(heard.position.is_none_or(|position| position == receipt.position), "{case:?}");
}

/// Looks at what a cut left; says how many tickets there were.
async fn check(dir: &Path, heards: &Heards) -> usize {
    let server = Server::open(dir).await;
    for (case, heard) in heards {
        let Some(position) = heard.position else { continue };
        let known = server.log.find_command(&report_id(case.ticket())).expect("reads");
        let known = known.unwrap_or_else(|| panic!("{case:?} was acknowledged and is not there"));
        assert_eq!(known.append.place().last, position, "{case:?}");
    }
    let report = server.audit(deep()).await;
    assert!(report.is_whole(), "events name what is not there whole: {:?}", report.findings);
    let survived = links(&*server.log);
    assert!(survived.values().all(|links| *links == 1), "{survived:?}");
    stream::iter(heards)
        .for_each_concurrent(8, |(case, heard)| come_back(&server, *case, *heard))
        .await;
    let links = links(&*server.log);
    assert!(links.values().all(|links| *links == 1), "after all came back: {links:?}");
    let without = heards.keys().find(|case| !links.contains_key(&case.ticket()));
    assert_eq!(without, None, "came back, and has no ticket");
    let report = server.audit(deep()).await;
    assert!(report.is_whole(), "after all came back: {:?}", report.findings);
    survived.len()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[tokio::test]
async fn no_event_names_missing_bytes_after_a_power_cut_and_who_comes_back_has_one_link() {
    let Some(disk) = Disk::fresh() else { return };
    let cuts = number(CUTS).map_or(CUTS_DEFAULT, |cuts| cuts as usize);
    let seed = number(SEED).unwrap_or(42);
    eprintln!("seed {seed}");
    let mut numbers = Numbers(seed);
    let mut before = Heards::new();
    let (mut done, mut acknowledged, mut survived) = (0, 0, 0);
    for run in 0.. {
        if done == cuts {
            break;
        }
        if run % SERVERS_PER_DIRECTORY == 0 {
            before.clear();
        }
        let name = format!("firm{}", run / SERVERS_PER_DIRECTORY);
        // The last rounds come once more, to a store that a killed server left.
        let last = before.keys().map(|case| case.round).max();
        let from = last.map_or(0, |round| round.saturating_sub(2));
        let process = start(&disk.path().join(&name), from, false);
        for _ in 0..CUTS_PER_SERVER.min(cuts - done) {
            process.wait_for(process.said().len() + numbers.below(60) as usize);
            std::thread::park_timeout(Duration::from_micros(numbers.below(20_000)));
            let cut = disk.cut(&process);
            let mut heards = before.clone();
            hear(&mut heards, cut.said());
            acknowledged += heards.values().filter(|heard| heard.position.is_some()).count();
            survived += check(&cut.path().join(&name), &heards).await;
            done += 1;
        }
        hear(&mut before, &process.kill());
    }
    eprintln!("{done} cuts; {acknowledged} acknowledged reports were there, and {survived} in all");
    assert!(acknowledged > 0);
}

#[tokio::test]
async fn the_harness_notices_when_bytes_are_not_synced_before_an_event_names_them() {
    let Some(disk) = Disk::fresh() else { return };
    let process = start(&disk.path().join("firm"), 0, true);
    process.wait_for(40);
    let cut = disk.cut(&process);
    let report = Server::open(&cut.path().join("firm")).await.audit(deep()).await;
    eprintln!("without a sync, lost: {} of {}", report.totals.lost(), report.totals.named);
    assert!(!report.is_whole(), "nothing was lost, so the harness proves nothing");
}
