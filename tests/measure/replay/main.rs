//! A real day's reports, in compressed time, live against the three processes: gateway,
//! nats-server and dispatcher. Prints a table (docs/replay.md).
//!
//!     replay FILE [FACTOR] [SEED] [DIRECTORY]
//!
//! With a directory its data stay there, for `paidan rules try`.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use mishaps::NatsServer;

use crate::agenda::Agenda;
use crate::client::Client;
use crate::figures::{Figures, percentile};
use crate::firm::Firm;
use crate::pace::Pace;
use crate::people::{Chance, People};
use crate::running::{Process, paidan};

mod agenda;
mod arrivals;
#[expect(dead_code, reason = "the promises use more of it")]
#[path = "../../promises/client.rs"]
mod client;
mod figures;
mod firm;
mod pace;
mod people;
#[expect(dead_code, reason = "the promises use more of it")]
#[path = "../../promises/running.rs"]
mod running;

/// The year's busiest day, while people work.
const DAY: &str = "7/3/2016";
const HOURS: std::ops::Range<u64> = 8..18;
/// So long after the last report it ends, whatever is still open; in simulated time.
const AFTERWARDS: Duration = Duration::from_secs(5 * 3600);
/// So many people can wait for an answer at the same time.
const WORKERS: usize = 8;

/// Killed at the end.
struct Dispatcher(Child);

impl Drop for Dispatcher {
    fn drop(&mut self) {
        // One that ended already is no failure.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, otherwise: u64| {
        arguments.get(place).map_or(otherwise, |text| text.parse().expect("a number"))
    };
    let file = arguments.first().expect("the file; see docs/replay.md");
    let pace = Pace(u32::try_from(number(1, 300)).expect("a factor").max(1));
    let seed = number(2, 42);
    let arrivals = arrivals::read(Path::new(file), DAY, HOURS);
    println!(
        "{} reports of {DAY}, {HOURS:?} o'clock, factor {}, seed {seed}",
        arrivals.len(),
        pace.0
    );

    let scratch = tempfile::tempdir().expect("a directory");
    let kept = arguments.get(3).map(Path::new);
    let data = kept.unwrap_or(scratch.path());
    let nats = NatsServer::start();
    let words = ["gateway", "--listen", "127.0.0.1:0", "--nats", &nats.url()];
    let gateway = Process::run(paidan(data, &words).stderr(Stdio::null()));
    let mut command = paidan(data, &["dispatcher", "--nats", &nats.url()]);
    let dispatcher = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let _dispatcher = Dispatcher(dispatcher.expect("paidan starts"));
    let client = gateway.client();
    client.put("/api/v1/rules", pace.rules()).expect(200);
    let firm = Firm::enter(&client, &arrivals);
    // Whoever tries is dispatched: all three run.
    client.ask_until("/readyz", |answer| answer.body["relay"]["lag"] == 0);

    let agenda = Agenda::default();
    let began = Instant::now() + Duration::from_secs(2);
    for arrival in &arrivals {
        agenda.plan(began + pace.real(arrival.after), firm.report(arrival));
    }
    let last = arrivals.last().map_or(Duration::ZERO, |arrival| arrival.after);
    let until = began + pace.real(last + AFTERWARDS);
    let people = People {
        agenda: &agenda,
        pace,
        chance: Chance(seed),
        engineers: &firm.engineers,
        owners: HashMap::new(),
    };
    let figures = std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            let client = client.another();
            scope.spawn(|| {
                let client = client;
                agenda.work(&client);
            });
        }
        let figures = follow(&client, people, arrivals.len(), until);
        agenda.end();
        figures
    });
    println!("took {:.0} s\n\n| what | figure |\n| --- | ---: |", began.elapsed().as_secs_f64());
    figures.print(pace, &firm.engineers);
    let (mut late, answers) = agenda.result();
    late.sort();
    let late = [50, 95, 100].map(|percent| format!("{}", percentile(&late, percent).as_millis()));
    println!("| requests sent late, real milliseconds: p50, p95, longest | {} |", late.join(", "));
    for ((verb, status), count) in answers.iter().filter(|((_, status), _)| *status >= 300) {
        println!("| `{verb}` that was answered with {status} | {count} |");
    }
}

/// Tells people what the feed tells, until all is settled or the time is over.
fn follow(client: &Client, mut people: People<'_>, reports: usize, until: Instant) -> Figures {
    let mut figures = Figures::default();
    let mut after = 0;
    while Instant::now() < until && !figures.settled(reports) {
        let least = after + 1;
        let path = format!("/api/v1/events?after={after}&limit=1000&min_position={least}");
        // Anything else says that there was no further event for some seconds.
        let answer = client.get(&path);
        let Some(events) = answer.body["events"].as_array() else { continue };
        for event in events {
            after = event["position"].as_u64().expect("a position");
            figures.count(event);
            people.hear(event);
        }
    }
    figures
}
