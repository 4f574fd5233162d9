//! A connection of HTTP/1.1 that is kept, with as little as a sender needs: what is measured is the
//! server.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a str,
}

/// A whole head has come: where it ends, its status and the length of the body.
pub(crate) fn head_of(read: &[u8]) -> Result<Option<(usize, u16, usize)>, Failure> {
    let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&read[..end])?;
    let status = head.get(9..12).ok_or("no status")?.parse()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    Ok(Some((end + 4, status, length.map_or(Ok(0), str::parse)?)))
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>, Failure> {
        self.stream.write_all(request).await?;
        self.read.clear();
        loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some((head, status, length)) = head_of(&self.read)?
                && self.read.len() >= head + length
            {
                let body = std::str::from_utf8(&self.read[head..head + length])?;
                return Ok(Answer { status, body });
            }
        }
    }
}

/// A request with a body of JSON, or with none.
pub(crate) fn write(
    out: &mut Vec<u8>,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) {
    out.extend_from_slice(format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n").as_bytes());
    for (name, value) in headers {
        out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if !body.is_empty() {
        out.extend_from_slice(b"Content-Type: application/json\r\n");
    }
    out.extend_from_slice(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
}

/// The text of a field, such as an id: without escapes, and the first of that name.
pub(crate) fn field<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let after = body.split_once(name)?.1.strip_prefix("\":\"")?;
    after.split_once('"').map(|(value, _)| value)
}
