//! How fast audits are: `cargo run --release -p paidan-audit --example audit_speed [attachments]
//! [deep MiB]`. Names and sizes of a million attachments in a log in memory: all missing, so that
//! each is asked for by itself, then all there; then every byte of some files, against plain BLAKE3
//! over the same files.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use attachments::{Store, hash_text};
use audit::{Options, Sources, audit};
use domain::attachment::{
    AttachmentEvent, AttachmentLinked, LinkedClaims, MediaFacts, UploadFacts, UploadVia,
};
use domain::{
    Actor, AttachmentId, AttachmentRef, CommandId, ContentHash, EventId, Issuer, Origin, Party,
    TicketId, Timestamp,
};
use eventlog::{
    Append, AppendHeader, EventLog, Expected, ManualClock, MemoryLog, NewEvent, SystemClock,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Attachments that one append links.
const TOGETHER: u64 = 50;
/// The size of those whose names alone are looked at.
const BYTES: u64 = 1_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut given = std::env::args().skip(1).filter_map(|text| text.parse().ok());
    let (count, mib) = (given.next().unwrap_or(1_000_000), given.next().unwrap_or(2_048));
    let runtime = tokio::runtime::Runtime::new()?;
    let dir = tempfile::tempdir()?;
    let store = runtime.block_on(Store::local(dir.path().join("attachments")))?;
    let clock = SystemClock;

    let log = MemoryLog::new(Arc::new(ManualClock::new(Timestamp::from_seconds(1))))?;
    for first in (0..count).step_by(TOGETHER as usize) {
        let hashes: Vec<_> = (first..count.min(first + TOGETHER)).map(of_number).collect();
        link(&log, first, &hashes, BYTES)?;
    }
    let sources = sources_of(&log, &store, &runtime, &clock);
    let attachments = dir.path().join("attachments");
    for there in [false, true] {
        if there {
            for number in 0..count {
                File::create(place_of(&attachments, of_number(number))?)?.set_len(BYTES)?;
            }
        }
        let before = resident_mib();
        let begun = Instant::now();
        let report = audit(sources, &Options::default(), &mut ())?;
        let took = begun.elapsed().as_secs_f64();
        let events = log.head().position.get() as f64;
        assert_eq!(report.totals.intact, if there { count } else { 0 });
        println!(
            "names only, {}: {count} attachments in {took:.2} s, {:.0} events/s; the process was \
             {before:.0} MiB before and {:.0} MiB at its peak",
            if there { "all there" } else { "all missing" },
            events / took,
            peak_mib(),
        );
    }
    fs::remove_dir_all(&attachments)?;
    drop(log);

    let log = MemoryLog::new(Arc::new(ManualClock::new(Timestamp::from_seconds(1))))?;
    let bytes = 8 << 20;
    let mut content = vec![0; bytes];
    let mut files = Vec::new();
    for number in 0..mib / 8 {
        content.iter_mut().zip(number..).for_each(|(byte, at)| *byte = (at % 251) as u8);
        content[..8].copy_from_slice(&number.to_le_bytes());
        let hash = ContentHash(*blake3::hash(&content).as_bytes());
        let place = place_of(&attachments, hash)?;
        fs::write(&place, &content)?;
        files.push(place);
        link(&log, number, &[hash], bytes as u64)?;
    }
    let sources = sources_of(&log, &store, &runtime, &clock);
    for round in 1..=2 {
        let begun = Instant::now();
        for file in &files {
            hash_file(&mut File::open(file)?)?;
        }
        let plain = mib as f64 / begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let report = audit(sources, &Options { deep: true, ..Options::default() }, &mut ())?;
        let deep = mib as f64 / begun.elapsed().as_secs_f64();
        assert!(report.is_whole(), "all bytes are as they were");
        println!(
            "deep, round {round}: {deep:.0} MiB/s; plain BLAKE3 on one thread {plain:.0} MiB/s"
        );
    }
    Ok(())
}

/// Where a store in this directory keeps these bytes.
fn place_of(attachments: &Path, hash: ContentHash) -> std::io::Result<PathBuf> {
    let text = hash_text(hash);
    let above = attachments.join(&text[..2]).join(&text[2..4]);
    fs::create_dir_all(&above)?;
    Ok(above.join(text))
}

fn sources_of<'a>(
    log: &'a dyn EventLog,
    store: &'a Store,
    runtime: &'a tokio::runtime::Runtime,
    clock: &'a SystemClock,
) -> Sources<'a> {
    Sources { log, store, runtime: runtime.handle(), clock }
}

/// As b3sum reads without threads.
fn hash_file(file: &mut File) -> std::io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    let mut chunk = vec![0; 256 * 1024];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hasher.finalize()),
            read => hasher.update(&chunk[..read]),
        };
    }
}

fn of_number(number: u64) -> ContentHash {
    ContentHash(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

fn link(
    log: &MemoryLog,
    number: u64,
    hashes: &[ContentHash],
    bytes: u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let key = number.to_string();
    let ticket = TicketId::from_u128(u128::from(number));
    let linked = |hash: &ContentHash| AttachmentLinked {
        attachment: AttachmentRef { hash: *hash, bytes, media_type: "image/jpeg".into() },
        ticket,
        upload: UploadFacts {
            by: Party::Anonymous,
            via: UploadVia::Tus,
            begun_at: Timestamp::from_seconds(1),
            finished_at: Timestamp::from_seconds(2),
        },
        media: MediaFacts::default(),
        claims: LinkedClaims::default().into(),
    };
    let expected = |hash: &ContentHash| Expected {
        stream: AttachmentId::from(*hash).into(),
        version: domain::StreamVersion::ZERO,
    };
    let events = hashes.iter().zip(0_u128..).map(|(hash, place)| NewEvent {
        stream: AttachmentId::from(*hash).into(),
        id: EventId::from_u128(u128::from(number) << 8 | place),
        occurred_at: Timestamp::from_seconds(1),
        subject: ticket.into(),
        event: AttachmentEvent::from(linked(hash)).into(),
    });
    let append = Append {
        header: AppendHeader {
            fingerprint: log.fingerprint(key.as_bytes()),
            command: CommandId { issuer: Issuer::Client("speed".into()), key },
            actor: Actor::claimed(Party::Anonymous),
            caused_by: None,
            origin: Origin::Live,
            basis: None,
        },
        expects: hashes.iter().map(expected).collect(),
        events: events.collect(),
        now: Timestamp::from_seconds(1),
    };
    log.submit(append)?.wait()?;
    Ok(())
}

fn resident_mib() -> f64 {
    status("VmRSS:")
}

fn peak_mib() -> f64 {
    status("VmHWM:")
}

fn status(name: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1_024.0
}
