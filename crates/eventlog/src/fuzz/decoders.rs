//! Every decoder of bytes that the log reads from a disk.

use domain::{GlobalPosition, Timestamp};

use crate::chain::ChainHash;
use crate::clock::ManualClock;
use crate::codec::{AppendView, Cursor, EncodedPayload, decode_payload, encode, encode_payload};
use crate::conformance::append;
use crate::frame::{Frame, FrameBuilder};
use crate::keys::{KeyRing, MasterKey, MemoryKeyRing, RandomPool};
use crate::{MemoryLog, samples};

use super::Target;

/// One for each decoder.
pub const TARGETS: [Target; 5] = [
    of("frame", frame, mend_frame, frames),
    of("append", one_append, mend_append, appends),
    of("payload", payload, leave, payloads),
    of("witness", witness, mend_witness, witnesses),
    of("index run", index_run, mend_index_run, index_runs),
];

const fn of(
    name: &'static str,
    run: fn(&[u8]),
    mend: fn(&mut [u8]),
    seeds: fn() -> Vec<Vec<u8>>,
) -> Target {
    Target { name, run, mend, seeds, cost: 1_000 }
}

fn leave(_: &mut [u8]) {}

fn frame(bytes: &[u8]) {
    let keys = MemoryKeyRing::new(&MasterKey::from_bytes([7; 32]));
    let Ok(frame) = Frame::decode(bytes) else { return };
    // The chain is folded only when all of it is right; events are read either way.
    drop(frame.chain_at(frame.last));
    for position in [frame.first, frame.last] {
        for append in frame.appends_from(position).flatten() {
            events(&append, &keys);
        }
    }
    frame.checked_appends().flatten().for_each(|append| events(&append, &keys));
}

fn events(append: &AppendView<'_>, keys: &dyn KeyRing) {
    for record in &append.records {
        drop(append.check_shape(record));
        drop(append.event(record, keys, crate::codec::Wanted::Everything));
        drop(append.event(record, keys, crate::codec::Wanted::Facts));
    }
}

fn mend_frame(bytes: &mut [u8]) {
    if let Some(end) = bytes.len().checked_sub(16) {
        let sum = blake3::hash(&bytes[..end]);
        bytes[end..].copy_from_slice(&sum.as_bytes()[..16]);
    }
}

fn frames() -> Vec<Vec<u8>> {
    let mut frame = FrameBuilder::new(GlobalPosition::FIRST, ChainHash::start(), 1 << 16);
    let mut first = GlobalPosition::FIRST;
    for encoded in encoded_samples() {
        let settled = encoded.settle(first, Timestamp::from_seconds(1_790_000_000));
        if !frame.has_room_for(&settled) {
            break;
        }
        first = first.plus(settled.count() as u64);
        frame.push(&settled);
    }
    vec![frame.finish().bytes]
}

/// Each sample as an append of its own.
fn encoded_samples() -> Vec<crate::codec::EncodedAppend> {
    let clock = std::sync::Arc::new(ManualClock::new(Timestamp::from_seconds(1_790_000_000)));
    let log = MemoryLog::new(clock).expect("there is randomness");
    let keys = MemoryKeyRing::new(&MasterKey::from_bytes([7; 32]));
    let random = RandomPool::new();
    let events = samples::all().into_iter().flat_map(|shape| shape.events.into_iter().take(1));
    events
        .map(|event| {
            let stream = domain::StreamId::new(event.kind(), 1);
            let now = Timestamp::from_seconds(1_790_000_000);
            let mut wanted = append(&log, "fuzz", now, &[(stream, 0)]);
            wanted.events[0].event = event;
            encode(&wanted, &keys, &random).expect("a sample is well formed")
        })
        .collect()
}

fn one_append(bytes: &[u8]) {
    let keys = MemoryKeyRing::new(&MasterKey::from_bytes([7; 32]));
    let views =
        [AppendView::check(&mut Cursor::new(bytes)), AppendView::read(&mut Cursor::new(bytes))];
    views.iter().flatten().for_each(|append| events(append, &keys));
}

/// The header's checksum; those of the records are not looked at when an append is only read.
fn mend_append(bytes: &mut [u8]) {
    let Some(length) = bytes.get(4..6) else { return };
    let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
    if let Some(end) = length.checked_sub(4).filter(|_| length <= bytes.len()) {
        let sum = crc32c::crc32c(&bytes[..end]);
        bytes[end..length].copy_from_slice(&sum.to_le_bytes());
    }
}

fn appends() -> Vec<Vec<u8>> {
    let settled = encoded_samples()
        .into_iter()
        .map(|encoded| encoded.settle(GlobalPosition::FIRST, Timestamp::from_seconds(1)));
    settled.map(|settled| settled.bytes).collect()
}

/// Type, schema, length of the public part; both parts.
fn payload(bytes: &[u8]) {
    let mut at = Cursor::new(bytes);
    let Ok(encoded) = (|| {
        let (type_id, schema) = (at.u16()?, at.u16()?);
        let length = usize::from(at.u16()?);
        let public = at.take(length)?.to_vec();
        let personal = Some(at.rest().to_vec()).filter(|rest| !rest.is_empty());
        Ok::<_, crate::codec::Fault>(EncodedPayload { type_id, schema, public, personal })
    })() else {
        return;
    };
    if let Ok(event) = decode_payload(&encoded) {
        let again = encode_payload(&event).expect("what was decoded encodes");
        let same = decode_payload(&again).expect("what was encoded decodes");
        assert_eq!(same, event, "an event reads back as another");
    }
}

fn payloads() -> Vec<Vec<u8>> {
    let events = samples::all().into_iter().flat_map(|shape| shape.events);
    events
        .map(|event| {
            let encoded = encode_payload(&event).expect("a sample encodes");
            let length = u16::try_from(encoded.public.len()).expect("a sample is small");
            let mut bytes = Vec::new();
            bytes.extend_from_slice(&encoded.type_id.to_le_bytes());
            bytes.extend_from_slice(&encoded.schema.to_le_bytes());
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(&encoded.public);
            bytes.extend_from_slice(encoded.personal.as_deref().unwrap_or_default());
            bytes
        })
        .collect()
}

fn witness(bytes: &[u8]) {
    crate::witness::decode_any(bytes);
}

fn mend_witness(bytes: &mut [u8]) {
    mend_tail(bytes, 128);
}

fn witnesses() -> Vec<Vec<u8>> {
    vec![crate::witness::sample()]
}

fn index_run(bytes: &[u8]) {
    crate::index::read_run_header(bytes);
}

fn mend_index_run(bytes: &mut [u8]) {
    mend_tail(bytes, 112);
}

fn index_runs() -> Vec<Vec<u8>> {
    vec![crate::index::sample_run_header()]
}

/// CRC-32C in the last four of so many bytes.
fn mend_tail(bytes: &mut [u8], length: usize) {
    if bytes.len() >= length {
        let sum = crc32c::crc32c(&bytes[..length - 4]);
        bytes[length - 4..length].copy_from_slice(&sum.to_le_bytes());
    }
}
