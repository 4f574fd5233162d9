//! The record around one event: written by hand, because it must outlive every library.
//!
//! Little endian: length u32, position u64, stream kind u8, stream id u128, version u64, event id
//! u128, occurred_at i64, type u16, schema u16, first half of BLAKE3 of the append header 16
//! bytes, public length u16, sealed length u16, public part, sealed part, CRC-32C of all before
//! it. The sealed part: subject kind u8 and id u128, key number u64, nonce 24 bytes, ciphertext
//! with tag. The header's hash puts actor, command and time of recording under the chain, too.

use domain::{EventId, GlobalPosition, StreamId, StreamKind, StreamVersion, Timestamp};

use crate::keys::{KeyNumber, KeyRing, KeyRingError, RandomPool, Sealed, seal};

use super::{Checks, Cursor, EncodedPayload, Fault};

const POSITION_AT: usize = 4;
const HEADER_HASH_AT: usize = 4 + 8 + 17 + 8 + 16 + 8 + 2 + 2;
const FIXED_BYTES: usize = HEADER_HASH_AT + 16 + 2 + 2;
const CRC_BYTES: usize = 4;

/// A record of this size holds no payload at all.
pub(super) const EMPTY_BYTES: usize = FIXED_BYTES + CRC_BYTES;

/// What a record says besides its payload.
pub(super) struct Envelope {
    pub(super) stream: StreamId,
    pub(super) version: StreamVersion,
    pub(super) id: EventId,
    pub(super) occurred_at: Timestamp,
}

/// Appends a record to `out`, without position, header hash and checksum: those are settled when
/// the append's place is.
pub(super) fn write(
    out: &mut Vec<u8>,
    envelope: &Envelope,
    subject: StreamId,
    payload: &EncodedPayload,
    keys: &dyn KeyRing,
    random: &RandomPool,
) -> Result<(), KeyRingError> {
    let sealed = match &payload.personal {
        None => None,
        Some(plain) => {
            let bound_to = bound_to(envelope.stream, envelope.id, payload.type_id, payload.schema);
            Some(seal(keys, random, subject, &bound_to, plain)?)
        }
    };
    let sealed_bytes = sealed.as_ref().map_or(0, |(_, _, text)| 17 + 8 + 24 + text.len());
    let bytes = EMPTY_BYTES + payload.public.len() + sealed_bytes;
    out.reserve(bytes);
    // The caller refuses records of more than 16 KiB; saturated lengths never reach a disk.
    let short = |len: usize| u16::try_from(len).unwrap_or(u16::MAX).to_le_bytes();
    out.extend_from_slice(&u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&[0; 8]);
    out.push(envelope.stream.kind() as u8);
    out.extend_from_slice(&envelope.stream.id().to_le_bytes());
    out.extend_from_slice(&envelope.version.get().to_le_bytes());
    out.extend_from_slice(&envelope.id.as_u128().to_le_bytes());
    out.extend_from_slice(&envelope.occurred_at.as_micros().to_le_bytes());
    out.extend_from_slice(&payload.type_id.to_le_bytes());
    out.extend_from_slice(&payload.schema.to_le_bytes());
    out.extend_from_slice(&[0; 16]);
    out.extend_from_slice(&short(payload.public.len()));
    out.extend_from_slice(&short(sealed_bytes));
    out.extend_from_slice(&payload.public);
    if let Some((number, nonce, ciphertext)) = sealed {
        out.push(subject.kind() as u8);
        out.extend_from_slice(&subject.id().to_le_bytes());
        out.extend_from_slice(&number.0.to_le_bytes());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&ciphertext);
    }
    out.extend_from_slice(&[0; CRC_BYTES]);
    Ok(())
}

/// Fills in what was left open by [`write`].
pub(super) fn settle(record: &mut [u8], position: GlobalPosition, header_hash: &[u8; 16]) {
    record[POSITION_AT..POSITION_AT + 8].copy_from_slice(&position.get().to_le_bytes());
    record[HEADER_HASH_AT..HEADER_HASH_AT + 16].copy_from_slice(header_hash);
    let (body, sum) = record.split_at_mut(record.len() - CRC_BYTES);
    sum.copy_from_slice(&crc32c::crc32c(body).to_le_bytes());
}

/// What a sealed part is bound to: its event, and no other.
pub(super) fn bound_to(stream: StreamId, id: EventId, type_id: u16, schema: u16) -> [u8; 37] {
    let mut out = [0; 37];
    out[0] = stream.kind() as u8;
    out[1..17].copy_from_slice(&stream.id().to_le_bytes());
    out[17..33].copy_from_slice(&id.as_u128().to_le_bytes());
    out[33..35].copy_from_slice(&type_id.to_le_bytes());
    out[35..37].copy_from_slice(&schema.to_le_bytes());
    out
}

/// A whole record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordView<'a> {
    pub(crate) position: GlobalPosition,
    pub(crate) stream: StreamId,
    pub(crate) version: StreamVersion,
    pub(crate) id: EventId,
    pub(crate) occurred_at: Timestamp,
    pub(crate) type_id: u16,
    pub(crate) schema: u16,
    pub(crate) header_hash: [u8; 16],
    pub(crate) public: &'a [u8],
    pub(crate) sealed: Option<Sealed<'a>>,
    /// All of it, as the chain covers it.
    pub(crate) bytes: &'a [u8],
}

impl<'a> RecordView<'a> {
    /// The record at the front of these bytes; the cursor moves past it.
    pub(super) fn read(cursor: &mut Cursor<'a>, checks: Checks) -> Result<Self, Fault> {
        let len = Cursor::new(cursor.rest()).u32()? as usize;
        if !(EMPTY_BYTES..=super::RECORD_BYTES_MAX).contains(&len) {
            return Err("a record's length is impossible");
        }
        let bytes = cursor.take(len)?;
        let (body, sum) = bytes.split_at(len - CRC_BYTES);
        if checks == Checks::All && sum != crc32c::crc32c(body).to_le_bytes() {
            return Err("a record fails its checksum");
        }
        let mut at = Cursor::new(&body[POSITION_AT..]);
        let position = GlobalPosition::new(at.u64()?);
        let stream = read_stream(&mut at)?;
        let version = StreamVersion::new(at.u64()?);
        let id = EventId::from_u128(at.u128()?);
        let occurred_at = Timestamp::from_micros(at.i64()?);
        let type_id = at.u16()?;
        let schema = at.u16()?;
        let header_hash = at.array()?;
        let public_len = usize::from(at.u16()?);
        let sealed_len = usize::from(at.u16()?);
        let public = at.take(public_len)?;
        let mut sealed_bytes = Cursor::new(at.take(sealed_len)?);
        if !at.is_empty() {
            return Err("a record is longer than its parts");
        }
        let sealed = if sealed_bytes.is_empty() {
            None
        } else {
            Some(Sealed {
                subject: read_stream(&mut sealed_bytes)?,
                key: KeyNumber(sealed_bytes.u64()?),
                nonce: sealed_bytes.array()?,
                ciphertext: sealed_bytes.rest(),
            })
        };
        Ok(Self {
            position,
            stream,
            version,
            id,
            occurred_at,
            type_id,
            schema,
            header_hash,
            public,
            sealed,
            bytes,
        })
    }
}

fn read_stream(at: &mut Cursor<'_>) -> Result<StreamId, Fault> {
    let kind = StreamKind::from_u8(at.u8()?).ok_or("a record names an unknown kind of stream")?;
    Ok(StreamId::new(kind, at.u128()?))
}
