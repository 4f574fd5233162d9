//! What the model of attachments costs: time to fold, memory, pages of an audit.
//!
//! `cargo run --release -p paidan-projector --example attachments_size -- [ATTACHMENTS]`
//!
//! Each ticket names three pictures that nobody else names.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::attachment::{
    AttachmentEvent, AttachmentLinked, AttachmentRef, ContentHash, MediaFacts, UploadFacts,
    UploadVia,
};
use domain::{
    Actor, AttachmentId, CommandId, CustomerId, EventId, GlobalPosition, Issuer, Origin, Party,
    Personal, StreamVersion, TicketId, Timestamp,
};
use eventlog::{AppendHeader, Fingerprint, ManualClock, MemoryLog, RecordedEvent};
use projector::attachments::Attachments;
use projector::{Changes, Past, Projection};

/// So many tickets come from one customer.
const TICKETS_OF_A_CUSTOMER: u64 = 20;

fn header() -> Arc<AppendHeader> {
    Arc::new(AppendHeader {
        command: CommandId { issuer: Issuer::Gateway, key: "size".into() },
        fingerprint: Fingerprint([0; 16]),
        actor: Actor::system(Party::Gateway),
        caused_by: None,
        origin: Origin::Live,
        basis: None,
    })
}

fn linked(number: u64, header: &Arc<AppendHeader>) -> RecordedEvent {
    let at = Timestamp::from_seconds(1_772_413_200).plus(Duration::from_secs(number));
    let ticket = number / 3;
    let hash = ContentHash(*blake3::hash(&number.to_le_bytes()).as_bytes());
    let customer = CustomerId::from_u128(u128::from(ticket / TICKETS_OF_A_CUSTOMER));
    let event = AttachmentEvent::from(AttachmentLinked {
        attachment: AttachmentRef { hash, bytes: 2 << 20, media_type: "image/jpeg".into() },
        ticket: TicketId::from_u128(u128::from(ticket)),
        upload: UploadFacts {
            by: Party::Customer(customer),
            via: UploadVia::Tus,
            begun_at: at.minus(Duration::from_secs(9)),
            finished_at: at,
        },
        media: MediaFacts { width: Some(4_000), height: Some(3_000), duration_ms: None },
        claims: Personal::Erased,
    });
    RecordedEvent {
        position: GlobalPosition::new(number + 1),
        stream: AttachmentId::from(hash).into(),
        version: StreamVersion::FIRST,
        id: EventId::from_u128(u128::from(number)),
        occurred_at: at,
        recorded_at: at,
        header: Arc::clone(header),
        event: event.into(),
    }
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 =
        status.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    (pages * 4_096) >> 20
}

fn timed<T>(what: &str, answer: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let value = answer();
    println!("{what:<24} {:>10.1} ms", begin.elapsed().as_secs_f64() * 1e3);
    value
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let log = MemoryLog::new(Arc::new(ManualClock::new(Timestamp::from_seconds(0))))?;
    let past = Past::new(&log);
    let (before, header) = (resident_mib(), header());
    let mut model = Attachments::empty();
    timed("fold", || {
        (0..count).try_for_each(|number| {
            model.apply(&linked(number, &header), past, &mut Changes::unseen())
        })
    })?;
    println!("{count} attachments take {} MiB", resident_mib() - before);
    let paged = timed("all pages of 1,000", || {
        let (mut after, mut seen) = (None, 0);
        loop {
            let page = model.after(after, 1_000);
            let Some(last) = page.last() else { break seen };
            after = Some(last.attachment.hash);
            seen += page.len();
        }
    });
    println!("{paged} attachments were seen");
    let body = timed("encode a snapshot", || model.encode())?;
    println!("a snapshot's body has {} MiB", body.len() >> 20);
    timed("decode it", || Attachments::decode(&body, past))?;
    Ok(())
}
