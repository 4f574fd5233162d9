//! What the board costs with many open tickets: the time of `GET /`, the bytes of a first load, and
//! how soon a change is on many boards at once.
//!
//! `cargo run --release -p paidan-gateway --example board_speed -- [TICKETS] [BOARDS] [EVENTS]`
//!
//! One process, real TCP over loopback, the log in memory. Tickets are spread over two days, so
//! that many are red and flash; a tenth of them is accepted. Commands go on all the while.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::directory::OutletEntry;
use domain::engineer::{DutySource, EngineerCommand, Profile};
use domain::ticket::{Accept, Assign, Create, Priority};
use domain::{Actor, Command, CommandId, EngineerId, Issuer, OutletId, Party, TicketId, Timestamp};
use engine::{Engine, Submission};
use eventlog::{Clock, EventLog, ManualClock, MemoryLog};
use gateway::{Config, Gateway, NoDispatcher, Ports};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use projector::{ModelName, Projector, ProjectorOptions};
use tokio::net::{TcpListener, TcpStream};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const ENGINEERS: u64 = 300;
const OUTLETS: u64 = 30;
const REQUESTS: usize = 2_000;
const TWO_DAYS: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// Commands that wait for durability at once while the log is filled.
const FILLED_AT_ONCE: usize = 512;

fn outlet(number: u64) -> OutletId {
    OutletId::from_code(&format!("O{}", number % OUTLETS))
}

fn engineer(number: u64) -> EngineerId {
    EngineerId::from_code(&format!("E{}", number % ENGINEERS))
}

/// Fills the log, oldest tickets first, until it is now.
fn fill(engine: &Engine, clock: &ManualClock, tickets: u64) -> Result<(), Failure> {
    let mut pending = Vec::new();
    let mut keys = 0_u64..;
    let mut send = |command: Command| -> Result<(), Failure> {
        let key = keys.next().unwrap_or_default().to_string();
        let id = CommandId { issuer: Issuer::Dispatcher, key };
        let actor = Actor::system(Party::Dispatcher);
        pending.push(engine.begin(Submission::live(id, command, actor))?);
        if pending.len() == FILLED_AT_ONCE {
            for one in pending.drain(..) {
                one.wait()?;
            }
        }
        Ok(())
    };
    for number in 0..OUTLETS {
        let entry = OutletEntry { name: format!("网点 {number}"), ..OutletEntry::default() };
        send(Command::Outlet(outlet(number), entry))?;
    }
    for number in 0..ENGINEERS {
        let profile = Profile {
            name: Some(format!("工程师 {number}")),
            outlet: Some(outlet(number)),
            capacity: Some(1_000),
            ..Profile::default()
        };
        send(Command::Engineer(engineer(number), EngineerCommand::Put(profile)))?;
        let duty = EngineerCommand::StartDuty(DutySource::ByHand);
        send(Command::Engineer(engineer(number), duty))?;
    }
    let apart = TWO_DAYS / u32::try_from(tickets)?.max(1);
    for number in 0..tickets {
        clock.advance(apart);
        let id = TicketId::from_u128(u128::from(number) + 1);
        let priority = [Priority::Normal, Priority::High, Priority::Low, Priority::Critical]
            [usize::try_from(number % 4)?];
        let report = Create {
            outlet: Some(outlet(number)),
            priority,
            sentence: Some(format!("冲床 {number} 停了")),
            ..Create::default()
        };
        send(Command::Ticket(id, report.into()))?;
        if number % 10 == 0 {
            let engineer = Some(engineer(number / 10));
            let assign = Assign { engineer, ..Assign::default() };
            send(Command::Ticket(id, assign.into()))?;
            send(Command::Ticket(id, Accept { engineer }.into()))?;
        }
    }
    pending.into_iter().try_for_each(|one| one.wait().map(drop))?;
    Ok(())
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (client, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(client)
}

fn get(path: &str) -> Result<Request<Full<Bytes>>, Failure> {
    let request = Request::get(path).header("host", "localhost").header("accept-encoding", "gzip");
    Ok(request.header("accept-language", "zh-CN").body(Full::default())?)
}

/// A report; the position of its receipt.
async fn report(client: &mut SendRequest<Full<Bytes>>) -> Result<u64, Failure> {
    client.ready().await?;
    let body = serde_json::json!({"sentence": "冷库停机", "priority": "critical", "urgent": true});
    let request = Request::post("/api/v1/tickets")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Full::from(body.to_string()))?;
    let answer = client.send_request(request).await?.into_body().collect().await?.to_bytes();
    let receipt: serde_json::Value = serde_json::from_slice(&answer)?;
    receipt["position"].as_u64().ok_or_else(|| format!("no receipt but {receipt}").into())
}

/// When a board had what is up to which position.
type Arrivals = Arc<Mutex<Vec<(u64, Instant)>>>;

/// A board: notes when the last byte of each message arrives.
async fn board(address: SocketAddr, arrivals: Arrivals) -> Result<(), Failure> {
    let mut client = connect(address).await?;
    let mut body = client.send_request(get("/board/stream?lang=zh")?).await?.into_body();
    let (mut line, mut position, mut last) = (Vec::new(), 0, b' ');
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let arrived = Instant::now();
        for byte in &data {
            if *byte == b'\n' {
                if let Some(id) = line.strip_prefix(b"id: ".as_slice()) {
                    let position_of = std::str::from_utf8(id)?.rsplit('-').next();
                    position = position_of.unwrap_or_default().parse()?;
                }
                if last == b'\n' && position > 0 {
                    arrivals.lock().map_err(|_| "poisoned")?.push((position, arrived));
                }
                line.clear();
            } else if line.len() < 128 {
                line.push(*byte);
            }
            last = *byte;
        }
    }
    Ok(())
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(rank).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
}

fn row(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let [p50, p99, max] = [50, 99, 100].map(|percent| percentile(&took, percent));
    println!("| {what} | {} | {p50:.2} | {p99:.2} | {max:.2} |", took.len());
}

/// The time of `GET /` while reports come in.
async fn measure_page(address: SocketAddr, what: &str) -> Result<(), Failure> {
    let reports = tokio::spawn(async move {
        let mut client = connect(address).await?;
        loop {
            report(&mut client).await?;
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        #[expect(unreachable_code, reason = "says what the loop may fail with")]
        Ok::<(), Failure>(())
    });
    let mut client = connect(address).await?;
    let mut took = Vec::new();
    for _ in 0..REQUESTS {
        client.ready().await?;
        let begun = Instant::now();
        let answer = client.send_request(get("/")?).await?;
        let ok = answer.status().is_success();
        answer.into_body().collect().await?;
        took.push(begun.elapsed());
        if !ok {
            return Err("the board was not answered".into());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    reports.abort();
    row(what, took);
    Ok(())
}

/// The compressed bytes of the page and of what it loads.
async fn first_load(address: SocketAddr) -> Result<(), Failure> {
    let mut client = connect(address).await?;
    let page = client.send_request(get("/")?).await?.into_body().collect().await?.to_bytes();
    client.ready().await?;
    let plain = Request::get("/").header("host", "localhost").body(Full::default())?;
    let html = client.send_request(plain).await?.into_body().collect().await?.to_bytes();
    let html = String::from_utf8_lossy(&html).into_owned();
    println!("first load: page {} B ({} B plain)", page.len(), html.len());
    let mut all = page.len();
    for href in html.split('"').filter(|part| part.starts_with("/assets/")) {
        client.ready().await?;
        let asset = client.send_request(get(href)?).await?.into_body().collect().await?;
        let bytes = asset.to_bytes().len();
        println!("first load: {href} {bytes} B");
        all += bytes;
    }
    println!("first load: {:.1} kB in all, compressed", all as f64 / 1e3);
    Ok(())
}

/// How soon a report is on each of many boards.
async fn measure_boards(address: SocketAddr, boards: usize, events: usize) -> Result<(), Failure> {
    let mut all = Vec::new();
    for _ in 0..boards {
        let arrivals = Arrivals::default();
        tokio::spawn(board(address, Arc::clone(&arrivals)));
        all.push(arrivals);
    }
    let mut client = connect(address).await?;
    // Not in step with the server's second.
    let pause = |number: usize| Duration::from_millis(150 + (number as u64 * 73) % 350);
    let mut sent = Vec::new();
    tokio::time::sleep(Duration::from_secs(3)).await;
    for number in 0..events {
        let position = report(&mut client).await?;
        sent.push((position, Instant::now()));
        tokio::time::sleep(pause(number)).await;
    }
    measure_page(address, "`GET /`, with the boards open").await?;
    let mut delays = Vec::new();
    let mut missing = 0;
    for arrivals in &all {
        let arrivals = arrivals.lock().map_err(|_| "poisoned")?;
        for (position, received) in &sent {
            match arrivals.iter().find(|(there, _)| there >= position) {
                Some((_, arrived)) => delays.push(arrived.saturating_duration_since(*received)),
                None => missing += 1,
            }
        }
    }
    row(&format!("receipt to board, {boards} boards, {events} events"), delays);
    println!("never arrived: {missing}");
    Ok(())
}

async fn run(tickets: u64, boards: usize, events: usize) -> Result<(), Failure> {
    let now: Timestamp = "2026-03-04T06:00:00Z".parse()?;
    let clock = ManualClock::new(now.minus(TWO_DAYS));
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new(Arc::clone(&shared))?);
    let engine = Arc::new(Engine::new(Arc::clone(&log), Arc::clone(&shared), Default::default()));
    let projector = Projector::start(Arc::clone(&log), ProjectorOptions::default())?;
    let begun = Instant::now();
    let (filled, hands) = (Arc::clone(&engine), clock.clone());
    tokio::task::spawn_blocking(move || fill(&filled, &hands, tickets)).await??;
    let head = log.head().position;
    for model in ModelName::ALL {
        projector.models().wait_for(model, head, Duration::from_secs(600)).await?;
    }
    let open = projector.models().ticket_counts(clock.now()).value;
    println!(
        "{} open, {} red, {} flashing, {} overdue; filled in {:.1} s\n",
        open.open,
        open.red,
        open.flashing,
        open.overdue,
        begun.elapsed().as_secs_f64()
    );
    // From now on its time passes as real time does.
    tokio::spawn(async move {
        let mut last = Instant::now();
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            clock.advance(last.elapsed());
            last = Instant::now();
        }
    });
    let ports = Ports {
        engine,
        log,
        read_models: Arc::clone(projector.models()),
        snapshots: None,
        rebuilds: None,
        clock: shared,
        parts: Arc::new(NoDispatcher),
        attachments: None,
    };
    let gateway = Gateway::new(ports, Config::default());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(gateway::serve_tcp(listener, gateway, std::future::pending()));
    first_load(address).await?;
    println!(
        "\n| what | count | p50, ms | p99, ms | most, ms |\n| --- | ---: | ---: | ---: | ---: |"
    );
    measure_page(address, "`GET /`, nobody else there").await?;
    measure_boards(address, boards, events).await
}

fn main() -> Result<(), Failure> {
    let mut given = std::env::args().skip(1);
    let mut number = |default: u64| given.next().map_or(Ok(default), |text| text.parse());
    let (tickets, boards, events) = (number(100_000)?, number(200)?, number(150)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(tickets, usize::try_from(boards)?, usize::try_from(events)?))?;
    // Boards and projector end with the process.
    std::process::exit(0)
}
