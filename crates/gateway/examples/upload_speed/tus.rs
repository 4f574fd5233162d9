//! As much of tus as a client of a bad line needs.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;
use crate::http::head_of;

/// An answer without its body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (said, value) = line.split_once(": ")?;
            said.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn expect(self, status: u16) -> Result<Self, Failure> {
        if self.status == status {
            return Ok(self);
        }
        Err(format!("{status} was expected: {}", self.head).into())
    }
}

/// The head of a request with a body of so many bytes.
pub(crate) fn head(method: &str, path: &str, headers: &[(&str, &str)], bytes: u64) -> String {
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head + &format!("Content-Length: {bytes}\r\n\r\n")
}

/// The answer on this line; nothing when the server ends it without one.
pub(crate) async fn answer(line: &mut TcpStream) -> Result<Option<Answer>, Failure> {
    let mut read = Vec::new();
    loop {
        if let Some((end, status, _)) = head_of(&read)? {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            return Ok(Some(Answer { status, head }));
        }
        if line.read_buf(&mut read).await? == 0 {
            return Ok(None);
        }
    }
}

/// A request without a body, on a line of its own.
pub(crate) async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Answer, Failure> {
    let mut line = TcpStream::connect(address).await?;
    line.write_all(head(method, path, headers, 0).as_bytes()).await?;
    answer(&mut line).await?.ok_or_else(|| "the server closed the connection".into())
}
