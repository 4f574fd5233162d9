//! What a command costs over HTTP: commands per second, each durable before its answer, and how
//! long answers take, beside PostgreSQL's plain `INSERT` with as many clients in the same run.
//!
//! ```sh
//! cargo build --release -p paidan
//! cargo run --release -p paidan-gateway --example command_speed -- [DIRECTORY] [SECONDS] [CASES…]
//! ```
//!
//! `paidan serve` runs as it is, in a process of its own, with its read models and its dispatcher,
//! on a fresh directory; whoever sends runs beside it, on the same processors. `PAIDAN` names
//! another binary than the one beside this example. A case is a number of connections, or `bulk`
//! and a number of requests with `POST /api/v1/commands`; `1 16 64 256 bulk1 bulk4` without any.
//! PostgreSQL takes part where `initdb`, `postgres` and `pgbench` are found.

mod bulk;
mod http;
mod life;
// The log's own benchmark has the same reference.
#[path = "../../../eventlog/benches/log/postgres.rs"]
mod postgres;
mod server;
mod tally;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use http::Connection;
use life::{Firm, Life};
use postgres::Postgres;
use server::Server;
use tally::{Tally, Window};
use tokio::task::JoinSet;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Connections are warm by then.
const WARM_UP: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy)]
enum Case {
    Single(usize),
    Bulk(usize),
}

impl Case {
    fn parse(text: &str) -> Result<Self, Failure> {
        Ok(match text.strip_prefix("bulk") {
            Some(requests) => Self::Bulk(requests.parse()?),
            None => Self::Single(text.parse()?),
        })
    }
}

/// One command after the other on each connection, each after the answer to the one before.
async fn single(
    address: SocketAddr,
    firm: &Firm,
    connections: usize,
    run: u64,
    window: Window,
) -> Result<Tally, Failure> {
    let mut tasks = JoinSet::new();
    for number in 0..connections {
        let mut connection = Connection::open(address).await?;
        let mut life = Life::new(firm.place(number), format!("{run}-{number}"));
        tasks.spawn(async move {
            let mut tally = Tally::default();
            let mut request = Vec::new();
            while Instant::now() < window.until {
                request.clear();
                life.write_request(&mut request);
                let begun = Instant::now();
                let answer = connection.exchange(&request).await?;
                tally.count(&window, begun);
                life.answered(answer.status, answer.body)?;
            }
            Ok::<Tally, Failure>(tally)
        });
    }
    let mut all = Tally::default();
    while let Some(ended) = tasks.join_next().await {
        all.add(ended??);
    }
    Ok(all)
}

async fn measure(
    server: &Server,
    firm: &Firm,
    case: Case,
    run: u64,
    lasts: Duration,
) -> Result<f64, Failure> {
    let from = Instant::now() + WARM_UP;
    let window = Window { from, until: from + lasts };
    let address = server.address();
    let looks = async {
        tokio::time::sleep_until(window.from.into()).await;
        let before = server.usage().await?;
        tokio::time::sleep_until(window.until.into()).await;
        Ok::<_, Failure>((before, server.usage().await?))
    };
    let work = async {
        match case {
            Case::Single(connections) => single(address, firm, connections, run, window).await,
            Case::Bulk(requests) => bulk::run(address, firm, requests, run, window).await,
        }
    };
    let (tally, looks) = tokio::join!(work, looks);
    let (tally, (before, after)) = (tally?, looks?);
    let seconds = lasts.as_secs_f64();
    let commands = tally.counted();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let per = |of: f64| of / commands.max(1) as f64;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let rate = commands as f64 / seconds;
    let [p50, p99, most] = tally.percentiles();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let events = (after.position - before.position) as f64;
    let name = match case {
        Case::Single(connections) => format!("{connections} connections"),
        Case::Bulk(requests) => format!("bulk, {requests} requests"),
    };
    println!(
        "| {name} | {rate:.0} | {:.0} | {p50:.2} | {p99:.2} | {most:.2} | {:.1} | {:.1} | {:.0} | {} |",
        events / seconds,
        per((after.processor - before.processor).as_secs_f64() * 1e6),
        per((after.own - before.own).as_secs_f64() * 1e6),
        after.resident_mib,
        after.lag,
    );
    Ok(rate)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let seconds: u64 = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let mut cases = arguments.map(|text| Case::parse(&text)).collect::<Result<Vec<_>, _>>()?;
    if cases.is_empty() {
        cases = ["1", "16", "64", "256", "bulk1", "bulk4"]
            .map(Case::parse)
            .into_iter()
            .collect::<Result<_, _>>()?;
    }
    let lasts = Duration::from_secs(seconds);

    let scratch = tempfile::Builder::new().prefix("paidan-speed").tempdir_in(directory)?;
    let server = Server::start(scratch.path()).await?;
    let firm = Firm::found(server.address()).await?;
    println!(
        "| who sends | commands/s | events/s | p50, ms | p99, ms | most, ms | server, µs/command \
         | sender, µs/command | server, MiB | read models behind, events |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    let mut rates = Vec::new();
    for (run, case) in (0..).zip(&cases) {
        rates.push(measure(&server, &firm, *case, run, lasts).await?);
        server.settle().await?;
    }
    server.stop()?;

    let Some(postgres) = Postgres::start(scratch.path())? else {
        println!("\nPostgreSQL is not installed here.");
        return Ok(());
    };
    println!(
        "\n| PostgreSQL, one INSERT per event | inserts/s | mean, ms | ours / PostgreSQL's |\n\
         | --- | ---: | ---: | ---: |"
    );
    for (case, ours) in cases.iter().zip(rates) {
        let Case::Single(clients) = case else { continue };
        let (rate, mean) = postgres.insert(*clients, lasts)?;
        println!("| {clients} clients | {rate:.0} | {mean:.2} | {:.2} |", ours / rate);
    }
    Ok(())
}
