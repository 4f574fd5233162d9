//! The events that the log writes about itself: that it was made, and that it was restored.

use domain::{
    Actor, CommandId, Epoch, EpochRaised, EventId, GlobalPosition, Issuer, LogCreated, LogEvent,
    Origin, Party, StreamId, StreamVersion, Timestamp,
};

use crate::keys::{KeyRingError, RandomPool};
use crate::{Append, AppendHeader, Expected, Fingerprint, LogIdentity, NewEvent};

/// The first append of every log.
pub(crate) fn created(
    identity: LogIdentity,
    now: Timestamp,
    random: &RandomPool,
) -> Result<Append, KeyRingError> {
    let event = LogCreated { log_id: identity.log_id, epoch: identity.epoch };
    let key = format!("log-created/{:032x}", identity.log_id);
    own(LogEvent::LogCreated(event), key, StreamVersion::ZERO, now, random)
}

/// The append that opens a new epoch, after a restore or salvage that kept all up to `kept`.
pub(crate) fn epoch_raised(
    epoch: Epoch,
    kept: GlobalPosition,
    version: StreamVersion,
    now: Timestamp,
    random: &RandomPool,
) -> Result<Append, KeyRingError> {
    let event = EpochRaised { epoch, kept };
    let key = format!("epoch-raised/{epoch}/{kept}");
    own(LogEvent::EpochRaised(event), key, version, now, random)
}

fn own(
    event: LogEvent,
    key: String,
    version: StreamVersion,
    now: Timestamp,
    random: &RandomPool,
) -> Result<Append, KeyRingError> {
    Ok(Append {
        header: AppendHeader {
            command: CommandId { issuer: Issuer::Gateway, key },
            fingerprint: Fingerprint([0; 16]),
            actor: Actor::system(Party::Gateway),
            caused_by: None,
            origin: Origin::Live,
            basis: None,
        },
        expects: vec![Expected { stream: StreamId::LOG, version }],
        events: vec![NewEvent {
            stream: StreamId::LOG,
            id: fresh_event_id(now, random)?,
            occurred_at: now,
            subject: StreamId::LOG,
            event: event.into(),
        }],
        now,
    })
}

/// A UUID of random bits (RFC 9562, version 4), which names a log.
pub(crate) fn fresh_log_id(random: &RandomPool) -> Result<u128, KeyRingError> {
    let bits = u128::from_le_bytes(random.take()?);
    Ok(bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62)
}

/// A UUIDv7 (RFC 9562, section 5.7).
fn fresh_event_id(now: Timestamp, random: &RandomPool) -> Result<EventId, KeyRingError> {
    let millis = u128::try_from(now.as_micros().max(0) / 1000).unwrap_or(0) & 0xffff_ffff_ffff;
    let bits = u128::from_le_bytes(random.take()?) & ((1 << 80) - 1);
    let low = bits & !(0xf << 76) & !(0x3 << 62) | 0x7 << 76 | 0x2 << 62;
    Ok(EventId::from_u128(millis << 80 | low))
}
