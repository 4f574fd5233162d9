//! Many commands in one request: each line of a ticket's life is sent as soon as the one before is
//! answered, of many tickets at once.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::task::JoinSet;

use crate::Failure;
use crate::http::{Connection, head_of};
use crate::life::{Firm, Life};
use crate::tally::{Tally, Window};

/// Tickets of one request; so many of its lines are on their way at most.
const TICKETS: usize = 2_048;

pub(crate) async fn run(
    address: SocketAddr,
    firm: &Firm,
    requests: usize,
    run: u64,
    window: Window,
) -> Result<Tally, Failure> {
    let mut tasks = JoinSet::new();
    for request in 0..requests {
        let lives = (0..TICKETS)
            .map(|number| {
                let sender = format!("{run}-{request}-{number}");
                Life::new(firm.place(request * TICKETS + number), sender)
            })
            .collect();
        let connection = Connection::open(address).await?;
        tasks.spawn(one(connection, lives, window));
    }
    let mut all = Tally::default();
    while let Some(ended) = tasks.join_next().await {
        all.add(ended??);
    }
    Ok(all)
}

async fn one(
    connection: Connection,
    mut lives: Vec<Life>,
    window: Window,
) -> Result<Tally, Failure> {
    let (read, mut write) = connection.stream.into_split();
    let mut tally = Tally::default();
    // Answers come in the order of the lines.
    let mut sent: VecDeque<(usize, Instant)> = VecDeque::new();
    let mut ready: Vec<usize> = (0..lives.len()).collect();
    write
        .write_all(
            b"POST /api/v1/commands HTTP/1.1\r\nHost: localhost\r\n\
              Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n",
        )
        .await?;
    let mut answers = Answers { read, raw: Vec::new(), lines: Vec::new(), begun: false };
    let mut lines = String::new();
    while !ready.is_empty() || !sent.is_empty() {
        lines.clear();
        let now = Instant::now();
        if now >= window.until {
            ready.clear();
        }
        for number in ready.drain(..) {
            lives[number].write_line(&mut lines);
            sent.push_back((number, now));
        }
        if !lines.is_empty() {
            let chunk = format!("{:x}\r\n{lines}\r\n", lines.len());
            write.write_all(chunk.as_bytes()).await?;
        }
        if sent.is_empty() {
            break;
        }
        for line in answers.next().await?.lines() {
            let (number, begun) = sent.pop_front().ok_or("an answer to no line")?;
            tally.count(&window, begun);
            let status = line.split_once("\"status\":").and_then(|(_, rest)| rest.get(..3));
            lives[number].answered(status.ok_or("no status")?.parse()?, line)?;
            ready.push(number);
        }
    }
    write.write_all(b"0\r\n\r\n").await?;
    Ok(tally)
}

/// The body of an answer in chunks, as whole lines.
struct Answers {
    read: OwnedReadHalf,
    raw: Vec<u8>,
    lines: Vec<u8>,
    begun: bool,
}

impl Answers {
    /// At least one whole line.
    async fn next(&mut self) -> Result<String, Failure> {
        loop {
            if let Some(end) = self.lines.iter().rposition(|byte| *byte == b'\n') {
                let rest = self.lines.split_off(end + 1);
                let whole = std::mem::replace(&mut self.lines, rest);
                return Ok(String::from_utf8(whole)?);
            }
            self.raw.reserve(64 * 1024);
            if self.read.read_buf(&mut self.raw).await? == 0 {
                return Err("the server closed the connection".into());
            }
            self.unpack()?;
        }
    }

    fn unpack(&mut self) -> Result<(), Failure> {
        let mut at = 0;
        if !self.begun {
            let Some((head, status, _)) = head_of(&self.raw)? else { return Ok(()) };
            if status != 200 {
                return Err(String::from_utf8_lossy(&self.raw).into());
            }
            (self.begun, at) = (true, head);
        }
        while let Some(line) = self.raw[at..].windows(2).position(|two| two == b"\r\n") {
            let size = std::str::from_utf8(&self.raw[at..at + line])?;
            let size = usize::from_str_radix(size, 16)?;
            let from = at + line + 2;
            if self.raw.len() < from + size + 2 {
                break;
            }
            self.lines.extend_from_slice(&self.raw[from..from + size]);
            at = from + size + 2;
        }
        self.raw.drain(..at);
        Ok(())
    }
}
