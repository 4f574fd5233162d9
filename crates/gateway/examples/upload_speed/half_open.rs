//! Uploads that stop after a few bytes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Failure;
use crate::http::{Connection, write};
use crate::server::Server;
use crate::tus::{answer, ask, head};

/// A client may have 200 unfinished ones.
const PER_CLIENT: u64 = 100;
/// Lines at once of those that break.
const LINES: usize = 64;
const SENT: &[u8] = &[7; 1_000];
const ANNOUNCED: u64 = 1_000_000;

fn first_bytes(number: u64) -> Vec<u8> {
    let client = format!("phone-{}", number / PER_CLIENT);
    let length = ANNOUNCED.to_string();
    let headers = [
        ("Paidan-Client", client.as_str()),
        ("Upload-Length", length.as_str()),
        ("Content-Type", "application/offset+octet-stream"),
    ];
    let mut bytes = head("POST", "/api/v1/uploads", &headers, ANNOUNCED).into_bytes();
    bytes.extend_from_slice(SENT);
    bytes
}

/// Uploads whose lines break; the server keeps what came.
pub(crate) async fn broken(server: &Server, uploads: u64) -> Result<(), Failure> {
    let address = server.address();
    let before_kib = server.memory_kib("VmRSS")?;
    let begun = Instant::now();
    let mut lines = JoinSet::new();
    for number in 0..uploads {
        if lines.len() == LINES {
            lines.join_next().await.ok_or("no line")???;
        }
        lines.spawn(async move {
            let mut line = TcpStream::connect(address).await?;
            line.write_all(&first_bytes(number)).await?;
            // What was sent is read before the end is.
            line.shutdown().await?;
            // The line broke off: 408, where that is still said.
            match answer(&mut line).await? {
                None => Ok(()),
                Some(answer) => answer.expect(408).map(drop),
            }
        });
    }
    while let Some(line) = lines.join_next().await {
        line??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let grown_kib = server.memory_kib("VmHWM")?.saturating_sub(before_kib);
    let one_more = [("Upload-Length", "1"), ("Paidan-Client", "another")];
    let one_more = ask(address, "POST", "/api/v1/uploads", &one_more).await?.status;
    println!(
        "{uploads} uploads whose lines broke: begun in {seconds:.1} s, {grown_kib} KiB more at the \
         peak, {} open files; one more is answered with {one_more}.",
        std::fs::read_dir(format!("/proc/{}/fd", server.process()))?.count(),
    );
    Ok(())
}

/// Uploads that keep their lines and send nothing more, all at once; and somebody who works.
pub(crate) async fn silent(server: &Server, uploads: u64) -> Result<(), Failure> {
    let address = server.address();
    let before_kib = server.memory_kib("VmRSS")?;
    let alone = work(address, Duration::from_secs(2)).await?;
    let begun = Instant::now();
    let mut lines = JoinSet::new();
    for number in 0..uploads {
        lines.spawn(async move {
            let mut line = TcpStream::connect(address).await?;
            line.write_all(&first_bytes(number)).await?;
            let status = answer(&mut line).await?.map(|answer| answer.status);
            Ok::<_, Failure>((status, begun.elapsed()))
        });
    }
    let beside = work(address, Duration::from_secs(20)).await?;
    let (mut statuses, mut last, mut reset) =
        (std::collections::BTreeMap::new(), Duration::ZERO, 0);
    while let Some(line) = lines.join_next().await {
        match line? {
            Ok((status, after)) => {
                *statuses.entry(status).or_insert(0) += 1;
                last = last.max(after);
            }
            Err(_) => reset += 1,
        }
    }
    let grown_kib = server.memory_kib("VmHWM")?.saturating_sub(before_kib);
    println!(
        "{uploads} uploads that send nothing more: answered {statuses:?}, reset {reset}; the last after {:.0} s; \
         {grown_kib} KiB more at the peak.\n\
         Somebody else's requests: {alone} before, {beside} meanwhile.",
        last.as_secs_f64(),
    );
    Ok(())
}

/// One request after the other, each on a line of its own; how long they take.
async fn work(address: SocketAddr, lasts: Duration) -> Result<String, Failure> {
    let until = Instant::now() + lasts;
    let mut took = Vec::new();
    let mut request = Vec::new();
    write(&mut request, "POST", "/api/v1/tickets", &[], r#"{"sentence":"冲床不动了"}"#);
    while Instant::now() < until {
        let begun = Instant::now();
        let mut connection = Connection::open(address).await?;
        let answer = connection.exchange(&request).await?;
        if answer.status != 201 {
            return Err(format!("a report is answered {}: {}", answer.status, answer.body).into());
        }
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
    Ok(format!(
        "{} in {lasts:?}, p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
        took.len(),
        at(50),
        at(99),
        at(100)
    ))
}
