//! How fast a large file goes through an upload that is cut again and again, and how much memory
//! that takes, beside writing and hashing the same bytes plainly.
//!
//! `cargo run --release -p paidan-attachments --example store_speed -- [MIB] [CUTS] [DIR]`

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use attachments::store::Verified;
use attachments::uploads::{Appended, Error, Limits, NewUpload};
use attachments::{Store, Uploads};
use bytes::Bytes;
use domain::Timestamp;
use futures_util::{Stream, stream};
use jiff::tz::TimeZone;

/// What a request hands over at once; hyper's are of this size.
const CHUNK_BYTES: usize = 64 * 1024;
const MIB: u64 = 1 << 20;

/// Bytes that need no memory: each chunk is the same noise with its number in front.
fn chunk(noise: &[u8], at: u64) -> Bytes {
    let mut chunk = noise.to_vec();
    chunk[..8].copy_from_slice(&at.to_le_bytes());
    chunk.into()
}

/// The bytes of a file from here on, up to where the line breaks.
fn line(
    noise: &[u8],
    from: u64,
    to: u64,
    broken: bool,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send {
    let noise = noise.to_vec();
    let size = CHUNK_BYTES as u64;
    let chunks = (from / size..to.div_ceil(size)).map(move |number| {
        let begins = number * size;
        let (first, end) = (from.max(begins) - begins, to.min(begins + size) - begins);
        Ok(chunk(&noise, begins).slice(first as usize..end as usize))
    });
    stream::iter(chunks.chain(broken.then(|| Err(std::io::ErrorKind::ConnectionReset.into()))))
}

fn memory_kib(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn told(what: &str, bytes: u64, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    println!("{what:<46} {seconds:>7.2} s {:>8.0} MB/s", bytes as f64 / 1e6 / seconds);
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mib: u64 = arguments.next().map_or(Ok(2048), |text| text.parse())?;
    let cuts: u64 = arguments.next().map_or(Ok(50), |text| text.parse())?;
    let dir = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = dir.join(format!("store-speed-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let bytes = mib * MIB;
    let mut noise = vec![0; CHUNK_BYTES];
    getrandom::fill(&mut noise)?;

    let begun = Instant::now();
    let mut hasher = blake3::Hasher::new();
    let path = dir.join("plain");
    let mut file = File::create(&path)?;
    for at in (0..bytes).step_by(CHUNK_BYTES) {
        let chunk = chunk(&noise, at);
        hasher.update(&chunk);
        file.write_all(&chunk)?;
    }
    file.sync_all()?;
    let plain = hasher.finalize();
    told("plain: write, hash and one sync", bytes, begun);
    let begun = Instant::now();
    blake3::Hasher::new().update_reader(File::open(&path)?)?;
    told("plain: read and hash", bytes, begun);
    std::fs::remove_file(&path)?;

    let store = Store::local(dir.join("bytes")).await?;
    let limits = Limits { disk_reserve_bytes: 0, ..Limits::default() };
    let uploads = Uploads::open(dir.join("uploads"), store.clone(), limits, TimeZone::UTC).await?;
    let before_kib = memory_kib("VmRSS:");
    let now = Timestamp::from_seconds(1_800_000_000);
    let begun = Instant::now();
    let id = uploads
        .create(NewUpload {
            length: Some(bytes),
            name: "large".into(),
            by: "example".into(),
            via: "example".into(),
            client: "example".into(),
            begun_at: now,
            expires_at: now,
        })
        .await?;
    let mut places: Vec<u64> = Vec::new();
    for _ in 0..cuts {
        let mut random = [0; 8];
        getrandom::fill(&mut random)?;
        places.push(u64::from_le_bytes(random) % bytes);
    }
    places.sort_unstable();
    let mut offset = 0;
    for place in places {
        match uploads.append(id, offset, None, line(&noise, offset, place, true)).await {
            Err(Error::LineBroke { offset: at, .. }) => offset = at,
            other => return Err(format!("it went on without a line: {other:?}").into()),
        }
    }
    let last = uploads.append(id, offset, None, line(&noise, offset, bytes, false)).await?;
    assert_eq!(last, Appended::Whole { offset: bytes });
    let stored = uploads.finish(id, now).await?;
    told(&format!("upload: {cuts} cuts, stored and durable"), bytes, begun);
    assert_eq!(&stored.attachment.hash.0, plain.as_bytes(), "the same bytes");
    let begun = Instant::now();
    assert_eq!(store.verify(stored.attachment.hash).await?, Verified::Intact { bytes });
    told("verify", bytes, begun);
    let peak_kib = memory_kib("VmHWM:").saturating_sub(before_kib);
    println!("peak memory above that before the upload: {:.1} MB", peak_kib as f64 / 1000.0);
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
