//! One large file over a line that breaks again and again.

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::Failure;
use crate::server::Server;
use crate::tus::{Answer, answer, ask, head};

const CHUNK_BYTES: usize = 256 * 1024;
/// The line before the last may not have been let go of when the last begins.
const LAST_TRIES: usize = 10;

/// Bytes that need no memory: each chunk is the same noise with its place in front.
struct Noise(Vec<u8>);

impl Noise {
    fn new() -> Result<Self, Failure> {
        let mut noise = vec![0; CHUNK_BYTES];
        getrandom::fill(&mut noise)?;
        Ok(Self(noise))
    }

    /// The bytes of a chunk from this one on.
    fn from(&mut self, offset: u64) -> &[u8] {
        let within = usize::try_from(offset % CHUNK_BYTES as u64).unwrap_or(0);
        let begins = offset - within as u64;
        self.0[..8].copy_from_slice(&begins.to_le_bytes());
        &self.0[within..]
    }
}

fn told(what: &str, bytes: u64, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let rate = bytes as f64 / 1e6 / seconds;
    println!("| {what} | {seconds:.2} | {rate:.0} |");
}

pub(crate) async fn run(
    server: &Server,
    scratch: &Path,
    bytes: u64,
    cuts: u64,
) -> Result<(), Failure> {
    let mut noise = Noise::new()?;
    println!("| what | s | MB/s |\n| --- | ---: | ---: |");
    let hash = plain(&mut noise, scratch, bytes)?;

    let before_kib = server.memory_kib("VmRSS")?;
    let begun = Instant::now();
    let path = begin(server.address(), bytes).await?;
    for place in places(bytes, cuts)? {
        let offset = offset(server.address(), &path).await?;
        // The line of before may have taken the upload further than this cut.
        if let Some(to_come) = place.checked_sub(offset) {
            drop(send(server.address(), &path, &mut noise, offset, bytes, to_come).await);
        }
    }
    let mut tries = 0..LAST_TRIES;
    let last = loop {
        tries.next().ok_or("the last bytes do not arrive")?;
        let offset = offset(server.address(), &path).await?;
        let sent = send(server.address(), &path, &mut noise, offset, bytes, bytes - offset).await;
        // The server ends a line that begins where the one before has gone on meanwhile.
        if let Ok(mut line) = sent
            && let Some(answer) = answer(&mut line).await?
            && answer.status == 204
        {
            break answer;
        }
    };
    told(&format!("upload over HTTP: {cuts} cuts, stored and durable"), bytes, begun);
    let peak_kib = server.memory_kib("VmHWM")?.saturating_sub(before_kib);
    let reference = last.header("upload-attachment").unwrap_or_default();
    if !reference.contains(&hash) {
        return Err(format!("the file has the hash {hash}, and arrived as {reference}").into());
    }
    println!("\nIt arrived as it was sent; the server took {peak_kib} KiB more at the peak.\n");
    Ok(())
}

/// The same bytes into a file, hashed on the way; then what else can hash it.
fn plain(noise: &mut Noise, scratch: &Path, bytes: u64) -> Result<String, Failure> {
    let path = scratch.join("plain");
    let begun = Instant::now();
    let (mut hasher, mut file) = (blake3::Hasher::new(), File::create(&path)?);
    let mut written = 0;
    while written < bytes {
        let chunk = noise.from(written);
        let chunk = &chunk[..chunk.len().min(usize::try_from(bytes - written)?)];
        hasher.update(chunk);
        file.write_all(chunk)?;
        written += chunk.len() as u64;
    }
    file.sync_all()?;
    told("plain: write, hash and one sync", bytes, begun);
    for threads in ["1", "2"] {
        let begun = Instant::now();
        let mut b3sum = Command::new("b3sum");
        let b3sum = b3sum.args(["--num-threads", threads]).arg(&path).stdout(Stdio::null());
        if b3sum.status().is_ok_and(|ended| ended.success()) {
            told(&format!("b3sum --num-threads {threads} of that file"), bytes, begun);
        }
    }
    std::fs::remove_file(path)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn places(bytes: u64, cuts: u64) -> Result<Vec<u64>, Failure> {
    let mut places = Vec::new();
    for _ in 0..cuts {
        let mut random = [0; 8];
        getrandom::fill(&mut random)?;
        places.push(u64::from_le_bytes(random) % bytes);
    }
    places.sort_unstable();
    Ok(places)
}

async fn begin(address: SocketAddr, bytes: u64) -> Result<String, Failure> {
    let length = bytes.to_string();
    let begun = ask(address, "POST", "/api/v1/uploads", &[("Upload-Length", &length)]).await?;
    Ok(begun.expect(201)?.header("location").ok_or("no location")?.to_owned())
}

async fn offset(address: SocketAddr, path: &str) -> Result<u64, Failure> {
    let said: Answer = ask(address, "HEAD", path, &[]).await?.expect(200)?;
    Ok(said.header("upload-offset").ok_or("no offset")?.parse()?)
}

/// Announces all that is missing, and sends so many bytes of it.
async fn send(
    address: SocketAddr,
    path: &str,
    noise: &mut Noise,
    mut offset: u64,
    bytes: u64,
    to_come: u64,
) -> std::io::Result<TcpStream> {
    let mut line = TcpStream::connect(address).await?;
    let text = offset.to_string();
    let headers =
        [("Content-Type", "application/offset+octet-stream"), ("Upload-Offset", text.as_str())];
    line.write_all(head("PATCH", path, &headers, bytes - offset).as_bytes()).await?;
    let end = offset + to_come;
    while offset < end {
        let chunk = noise.from(offset);
        let chunk = &chunk[..chunk.len().min(usize::try_from(end - offset).unwrap_or(usize::MAX))];
        line.write_all(chunk).await?;
        offset += chunk.len() as u64;
    }
    Ok(line)
}
