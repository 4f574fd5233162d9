//! One append as stored: a header with what its events have in common, then their records.
//!
//! Little endian: length of all u32, length of the header u16 (both counted in it), recorded_at
//! i64, first position u64, count u16, fingerprint 16 bytes, issuer, key, actor, caused_by u64
//! (zero: none), origin, basis, CRC-32C of the header. `docs/log-format.md` has every byte.

use std::sync::Arc;

use domain::{
    Actor, Assurance, CommandId, CustomerId, EngineerId, Event, GlobalPosition, ImportBatchId,
    Issuer, Origin, Party, RuleSetVersion, StaffId, StreamId, StreamKind, StreamVersion, Timestamp,
};
use smallvec::SmallVec;

use crate::frame::APPEND_BYTES_MAX;
use crate::keys::{KeyRing, KeyRingError, Opened, RandomPool, open};
use crate::{
    Append, AppendHeader, DecisionBasis, Fingerprint, ReadError, RecordedEvent, SubmitError,
};

use super::envelope::{self, Envelope};
use super::registry::Part;
use super::{
    Checks, Cursor, Fault, PayloadError, RECORD_BYTES_MAX, RecordView, Wanted, encode_payload,
    registry,
};

const RECORDED_AT_AT: usize = 6;
const FIRST_AT: usize = RECORDED_AT_AT + 8;
const CRC_BYTES: usize = 4;

const ISSUER_BYTES_MAX: usize = 64;
const KEY_BYTES_MAX: usize = 255;

/// No stream ever gets here; a version beyond it comes from outside and is nonsense.
const VERSION_MAX: u64 = u64::MAX / 2;

/// Streams that an append may name.
const EXPECTS_MAX: usize = 1024;

/// An append in bytes that only lacks its place in the log.
#[derive(Debug)]
pub(crate) struct EncodedAppend {
    bytes: Vec<u8>,
    header_bytes: usize,
    /// Where the records end, in order.
    record_ends: RecordEnds,
    /// The streams that it writes, in the order of their first events, with their versions after.
    pub(crate) written: Vec<(StreamId, StreamVersion)>,
    /// The stream and version of each event.
    pub(crate) places: Places,
}

/// Most appends have one event or two; those need no memory of their own here.
pub(crate) type Places = SmallVec<[(StreamId, StreamVersion); 2]>;
type RecordEnds = SmallVec<[usize; 2]>;

/// An append in bytes, at its place.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    pub(crate) bytes: Vec<u8>,
    header_bytes: usize,
    record_ends: RecordEnds,
    /// The stream and version of each event.
    pub(crate) places: Places,
}

impl Settled {
    /// The bytes of each record, as the chain covers them.
    pub(crate) fn records(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(self.header_bytes).chain(self.record_ends.iter().copied());
        starts.zip(&self.record_ends).map(|(start, end)| &self.bytes[start..*end])
    }

    pub(crate) fn count(&self) -> usize {
        self.record_ends.len()
    }
}

/// Sixteen bytes that stand for a command id in indexes.
pub(crate) fn command_hash(id: &CommandId) -> [u8; 16] {
    let (tag, name) = issuer_parts(&id.issuer);
    // In one piece, which is hashed much faster than its parts one after the other.
    let mut text = Vec::with_capacity(2 + name.len() + id.key.len());
    text.extend_from_slice(&[tag, u8::try_from(name.len()).unwrap_or(u8::MAX)]);
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(id.key.as_bytes());
    first_half(blake3::hash(&text))
}

fn first_half(hash: blake3::Hash) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&hash.as_bytes()[..16]);
    out
}

/// Checks the form of an append and encodes it, sealing personal parts. Looks at nothing that
/// other appends change, so it needs no lock.
pub(crate) fn encode(
    append: &Append,
    keys: &dyn KeyRing,
    random: &RandomPool,
) -> Result<EncodedAppend, SubmitError> {
    let count = check_form(append)?;
    let mut bytes = Vec::with_capacity(512 * append.events.len());
    write_header(&mut bytes, &append.header, count);
    let header_bytes = bytes.len();
    let mut written: Vec<(StreamId, StreamVersion)> = Vec::with_capacity(1);
    let mut record_ends = RecordEnds::with_capacity(append.events.len());
    let mut places = Places::with_capacity(append.events.len());
    for event in &append.events {
        let version = next_version(&mut written, append, event.stream)?;
        places.push((event.stream, version));
        let envelope = Envelope {
            stream: event.stream,
            version,
            id: event.id,
            occurred_at: event.occurred_at,
        };
        let too_large = |bytes| SubmitError::RecordTooLarge { bytes, max: RECORD_BYTES_MAX };
        let payload = encode_payload(&event.event).map_err(|error| match error {
            PayloadError::TooLarge => too_large(RECORD_BYTES_MAX + 1),
            PayloadError::Malformed(_) | PayloadError::UnknownShape { .. } => {
                SubmitError::Malformed("an event cannot be encoded")
            }
        })?;
        let start = bytes.len();
        envelope::write(&mut bytes, &envelope, event.subject, &payload, keys, random)
            .map_err(SubmitError::Keys)?;
        if bytes.len() - start > RECORD_BYTES_MAX {
            return Err(too_large(bytes.len() - start));
        }
        if bytes.len() > APPEND_BYTES_MAX {
            return Err(SubmitError::AppendTooLarge { bytes: bytes.len(), max: APPEND_BYTES_MAX });
        }
        record_ends.push(bytes.len());
    }
    let all = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    bytes[..4].copy_from_slice(&all.to_le_bytes());
    Ok(EncodedAppend { bytes, header_bytes, record_ends, written, places })
}

fn next_version(
    written: &mut Vec<(StreamId, StreamVersion)>,
    append: &Append,
    stream: StreamId,
) -> Result<StreamVersion, SubmitError> {
    if let Some((_, version)) = written.iter_mut().find(|(known, _)| *known == stream) {
        *version = version.next();
        return Ok(*version);
    }
    let expected = append
        .expects
        .iter()
        .find(|expected| expected.stream == stream)
        .ok_or(SubmitError::Malformed("an event's stream is not among those expected"))?;
    if expected.version.get() > VERSION_MAX {
        return Err(SubmitError::Malformed("an expected version is higher than any version"));
    }
    let version = expected.version.next();
    written.push((stream, version));
    Ok(version)
}

fn check_form(append: &Append) -> Result<u16, SubmitError> {
    let malformed = |what| Err(SubmitError::Malformed(what));
    if append.events.is_empty() {
        return malformed("it has no event");
    }
    if append.expects.len() > EXPECTS_MAX {
        return malformed("it names more than 1024 streams");
    }
    if append.expects.len() > 1 {
        let mut named: Vec<_> = append.expects.iter().map(|expected| expected.stream).collect();
        named.sort_unstable();
        if named.windows(2).any(|pair| pair[0] == pair[1]) {
            return malformed("it names a stream twice");
        }
    }
    if append.events.iter().any(|event| event.event.kind() != event.stream.kind()) {
        return malformed("an event goes to a stream of another kind");
    }
    let (_, name) = issuer_parts(&append.header.command.issuer);
    if name.len() > ISSUER_BYTES_MAX {
        return malformed("the issuer's name is longer than 64 bytes");
    }
    if !(1..=KEY_BYTES_MAX).contains(&append.header.command.key.len()) {
        return malformed("the command's key is not 1 to 255 bytes long");
    }
    u16::try_from(append.events.len())
        .or(Err(SubmitError::Malformed("it has more than 65535 events")))
}

impl EncodedAppend {
    /// Gives the append its place and time.
    pub(crate) fn settle(self, first: GlobalPosition, recorded_at: Timestamp) -> Settled {
        let Self { mut bytes, header_bytes, record_ends, places, .. } = self;
        let header = &mut bytes[..header_bytes];
        header[RECORDED_AT_AT..RECORDED_AT_AT + 8]
            .copy_from_slice(&recorded_at.as_micros().to_le_bytes());
        header[FIRST_AT..FIRST_AT + 8].copy_from_slice(&first.get().to_le_bytes());
        let (body, sum) = header.split_at_mut(header_bytes - CRC_BYTES);
        sum.copy_from_slice(&crc32c::crc32c(body).to_le_bytes());
        let header_hash = first_half(blake3::hash(header));
        let mut start = header_bytes;
        let mut position = first;
        for end in &record_ends {
            envelope::settle(&mut bytes[start..*end], position, &header_hash);
            position = position.next();
            start = *end;
        }
        Settled { bytes, header_bytes, record_ends, places }
    }
}

fn write_header(out: &mut Vec<u8>, header: &AppendHeader, count: u16) {
    out.extend_from_slice(&[0; FIRST_AT + 8]);
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&header.fingerprint.0);
    let (tag, name) = issuer_parts(&header.command.issuer);
    out.push(tag);
    // Both lengths were checked before.
    out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(name.as_bytes());
    out.push(u8::try_from(header.command.key.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(header.command.key.as_bytes());
    write_actor(out, header.actor);
    out.extend_from_slice(&header.caused_by.map_or(0, GlobalPosition::get).to_le_bytes());
    match header.origin {
        Origin::Live => out.push(0),
        Origin::Import(batch) => {
            out.push(1);
            out.extend_from_slice(&batch.as_u128().to_le_bytes());
        }
    }
    match header.basis {
        None => out.push(0),
        Some(basis) => {
            out.push(1);
            out.extend_from_slice(&basis.position.get().to_le_bytes());
            out.extend_from_slice(&basis.decided_at.as_micros().to_le_bytes());
            out.extend_from_slice(&basis.rule_set.get().to_le_bytes());
            out.extend_from_slice(&basis.core_version.to_le_bytes());
        }
    }
    out.extend_from_slice(&[0; CRC_BYTES]);
    // A header is at most 64 + 255 bytes of names and less than 200 of the rest.
    let bytes = u16::try_from(out.len()).unwrap_or(u16::MAX);
    out[4..6].copy_from_slice(&bytes.to_le_bytes());
}

/// A whole append.
#[derive(Debug)]
pub(crate) struct AppendView<'a> {
    pub(crate) header: Arc<AppendHeader>,
    pub(crate) recorded_at: Timestamp,
    pub(crate) first: GlobalPosition,
    pub(crate) records: SmallVec<[RecordView<'a>; 2]>,
}

impl<'a> AppendView<'a> {
    /// The append at the front of these bytes; the cursor moves past it. Checks everything.
    pub(crate) fn check(cursor: &mut Cursor<'a>) -> Result<Self, Fault> {
        Self::parse(cursor, Checks::All)
    }

    /// [`AppendView::check`] for bytes that a checksum around them vouches for: without their own
    /// checksums, and whether records and header belong together.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Fault> {
        Self::parse(cursor, Checks::Form)
    }

    fn parse(cursor: &mut Cursor<'a>, checks: Checks) -> Result<Self, Fault> {
        let len = Cursor::new(cursor.rest()).u32()? as usize;
        let mut at = Cursor::new(cursor.take(len)?);
        let mut lengths = at;
        lengths.u32()?;
        let header_len = usize::from(lengths.u16()?);
        let header_bytes = at.take(header_len)?;
        let body_len =
            header_len.checked_sub(CRC_BYTES).ok_or("an append's header is too short")?;
        let (body, sum) = header_bytes.split_at(body_len);
        if checks == Checks::All && sum != crc32c::crc32c(body).to_le_bytes() {
            return Err("an append's header fails its checksum");
        }
        let mut fields = Cursor::new(body.get(RECORDED_AT_AT..).ok_or("it ends too early")?);
        let recorded_at = Timestamp::from_micros(fields.i64()?);
        let first = GlobalPosition::new(fields.u64()?);
        let count = usize::from(fields.u16()?);
        let header = Arc::new(read_header(&mut fields)?);
        if !fields.is_empty() {
            return Err("an append's header is longer than its fields");
        }
        let header_hash = (checks == Checks::All).then(|| first_half(blake3::hash(header_bytes)));
        let mut records = SmallVec::with_capacity(count.min(len / envelope::EMPTY_BYTES));
        for place in 0..count {
            let record = RecordView::read(&mut at, checks)?;
            if record.position != first.plus(place as u64) {
                return Err("a record's position does not follow");
            }
            if header_hash.is_some_and(|hash| record.header_hash != hash) {
                return Err("a record belongs to another append");
            }
            records.push(record);
        }
        if !at.is_empty() || records.is_empty() {
            return Err("an append's count of records is wrong");
        }
        Ok(Self { header, recorded_at, first, records })
    }

    /// The position of the last record.
    pub(crate) fn last(&self) -> GlobalPosition {
        GlobalPosition::new(self.first.get() + self.records.len() as u64 - 1)
    }

    /// Checks that a record's payload is of a known shape, without opening what is personal.
    pub(crate) fn check_shape(&self, record: &RecordView<'_>) -> Result<(), ReadError> {
        let part = if record.sealed.is_some() { Part::Erased } else { Part::Absent };
        decode_event(record, part).map(drop)
    }

    /// The event of one of this append's records, opened where it is wanted and its key is there.
    pub(crate) fn event(
        &self,
        record: &RecordView<'_>,
        keys: &dyn KeyRing,
        wanted: Wanted,
    ) -> Result<RecordedEvent, ReadError> {
        let position = record.position;
        let damaged = |what: String| ReadError::Damaged { position, place: "record".into(), what };
        let opened = match &record.sealed {
            None => None,
            Some(_) if wanted == Wanted::Facts && seals_only_words(record.stream.kind()) => {
                Some(Opened::Erased)
            }
            Some(sealed) => {
                let bound_to =
                    envelope::bound_to(record.stream, record.id, record.type_id, record.schema);
                Some(open(keys, sealed, &bound_to).map_err(|error| match error {
                    KeyRingError::Cipher => damaged("its personal part does not open".into()),
                    source => ReadError::Keys { position, source },
                })?)
            }
        };
        let part = match &opened {
            None => Part::Absent,
            Some(Opened::Erased) => Part::Erased,
            Some(Opened::Known(plain)) => Part::Known(plain),
        };
        let event = decode_event(record, part)?;
        Ok(RecordedEvent {
            position,
            stream: record.stream,
            version: record.version,
            id: record.id,
            occurred_at: record.occurred_at,
            recorded_at: self.recorded_at,
            header: Arc::clone(&self.header),
            event,
        })
    }
}

/// Whether what is personal on such streams is words, which no fold needs, and much of the log.
const fn seals_only_words(kind: StreamKind) -> bool {
    match kind {
        StreamKind::Ticket | StreamKind::Attachment => true,
        StreamKind::Log
        | StreamKind::Engineer
        | StreamKind::Customer
        | StreamKind::Device
        | StreamKind::Outlet
        | StreamKind::Area
        | StreamKind::Rules
        | StreamKind::Audit => false,
    }
}

fn decode_event(record: &RecordView<'_>, part: Part<'_>) -> Result<Event, ReadError> {
    let position = record.position;
    registry::decode(record.type_id, record.schema, record.public, part).map_err(
        |error| match error {
            PayloadError::UnknownShape { type_id, schema } => {
                ReadError::UnknownShape { position, type_id, schema }
            }
            PayloadError::Malformed(_) | PayloadError::TooLarge => {
                ReadError::Damaged { position, place: "record".into(), what: error.to_string() }
            }
        },
    )
}

fn read_header(at: &mut Cursor<'_>) -> Result<AppendHeader, Fault> {
    let fingerprint = Fingerprint(at.array()?);
    let tag = at.u8()?;
    let name = read_text(at)?;
    let issuer = match (tag, name.is_empty()) {
        (0, _) => Issuer::Client(name),
        (1, true) => Issuer::Dispatcher,
        (2, true) => Issuer::Gateway,
        (3, _) => Issuer::Import(name),
        _ => return Err("an append's issuer is unknown"),
    };
    let key = read_text(at)?;
    let actor = read_actor(at)?;
    let caused_by = match at.u64()? {
        0 => None,
        position => Some(GlobalPosition::new(position)),
    };
    let origin = match at.u8()? {
        0 => Origin::Live,
        1 => Origin::Import(ImportBatchId::from_u128(at.u128()?)),
        _ => return Err("an append's origin is unknown"),
    };
    let basis = match at.u8()? {
        0 => None,
        1 => Some(DecisionBasis {
            position: GlobalPosition::new(at.u64()?),
            decided_at: Timestamp::from_micros(at.i64()?),
            rule_set: RuleSetVersion::new(at.u32()?),
            core_version: at.u16()?,
        }),
        _ => return Err("an append's basis is unknown"),
    };
    Ok(AppendHeader {
        command: CommandId { issuer, key },
        fingerprint,
        actor,
        caused_by,
        origin,
        basis,
    })
}

fn issuer_parts(issuer: &Issuer) -> (u8, &str) {
    match issuer {
        Issuer::Client(name) => (0, name),
        Issuer::Dispatcher => (1, ""),
        Issuer::Gateway => (2, ""),
        Issuer::Import(source) => (3, source),
    }
}

fn read_text(at: &mut Cursor<'_>) -> Result<String, Fault> {
    let len = usize::from(at.u8()?);
    std::str::from_utf8(at.take(len)?)
        .map(str::to_owned)
        .map_err(|_| "a name in an append's header is not UTF-8")
}

fn write_actor(out: &mut Vec<u8>, actor: Actor) {
    write_party(out, actor.party);
    out.push(match actor.assurance {
        Assurance::Claimed => 0,
        Assurance::Authenticated => 1,
    });
    match actor.on_behalf_of {
        None => out.push(0),
        Some(party) => {
            out.push(1);
            write_party(out, party);
        }
    }
}

fn read_actor(at: &mut Cursor<'_>) -> Result<Actor, Fault> {
    let party = read_party(at)?;
    let assurance = match at.u8()? {
        0 => Assurance::Claimed,
        1 => Assurance::Authenticated,
        _ => return Err("an actor's assurance is unknown"),
    };
    let on_behalf_of = match at.u8()? {
        0 => None,
        1 => Some(read_party(at)?),
        _ => return Err("an actor's principal is unknown"),
    };
    Ok(Actor { party, assurance, on_behalf_of })
}

fn write_party(out: &mut Vec<u8>, party: Party) {
    let (tag, id) = match party {
        Party::Anonymous => (0, None),
        Party::Customer(id) => (1, Some(id.as_u128())),
        Party::Engineer(id) => (2, Some(id.as_u128())),
        Party::Agent(id) => (3, Some(id.as_u128())),
        Party::Supervisor(id) => (4, Some(id.as_u128())),
        Party::Director(id) => (5, Some(id.as_u128())),
        Party::Administrator(id) => (6, Some(id.as_u128())),
        Party::Dispatcher => (7, None),
        Party::Gateway => (8, None),
        Party::Import => (9, None),
    };
    out.push(tag);
    if let Some(id) = id {
        out.extend_from_slice(&id.to_le_bytes());
    }
}

fn read_party(at: &mut Cursor<'_>) -> Result<Party, Fault> {
    Ok(match at.u8()? {
        0 => Party::Anonymous,
        1 => Party::Customer(CustomerId::from_u128(at.u128()?)),
        2 => Party::Engineer(EngineerId::from_u128(at.u128()?)),
        3 => Party::Agent(StaffId::from_u128(at.u128()?)),
        4 => Party::Supervisor(StaffId::from_u128(at.u128()?)),
        5 => Party::Director(StaffId::from_u128(at.u128()?)),
        6 => Party::Administrator(StaffId::from_u128(at.u128()?)),
        7 => Party::Dispatcher,
        8 => Party::Gateway,
        9 => Party::Import,
        _ => return Err("a party is unknown"),
    })
}

#[cfg(test)]
mod tests;
