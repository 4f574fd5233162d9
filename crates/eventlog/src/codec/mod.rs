//! Between events and bytes, both ways. Stored bytes outlive the code: nothing that was ever
//! written changes its meaning.
//!
//! `payload` owns bincode, `registry` the table of event types, `envelope` the record around a
//! payload, `append` the header and records of one append. Whatever does not read back exactly
//! is a [`Fault`] that says why; decoding never panics and never allocates more than its input.

mod append;
mod bytes;
mod envelope;
mod old;
mod payload;
mod registry;

pub(crate) use append::{AppendView, EncodedAppend, Settled, command_hash, encode};
pub(crate) use bytes::Cursor;
pub(crate) use envelope::RecordView;
#[cfg(feature = "conformance")]
pub(crate) use registry::with_shapes;
pub use registry::{SHAPES, Shape};

/// A record is at most this long.
pub const RECORD_BYTES_MAX: usize = 16 * 1024;

/// What is wrong with some bytes.
pub(crate) type Fault = &'static str;

/// How much is checked when an append is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checks {
    /// Its form, and every checksum within it.
    All,
    /// Its form: a checksum around it was checked already.
    Form,
}

/// Which personal parts a reader wants opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All.
    Everything,
    /// All but those of tickets and attachments.
    Facts,
}

/// An event's payload in two parts, before sealing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedPayload {
    /// The event type's number.
    pub type_id: u16,
    /// The version of its shape.
    pub schema: u16,
    /// All but the personal part.
    pub public: Vec<u8>,
    /// The personal part in the clear; `None` where the event has none, or it is erased.
    pub personal: Option<Vec<u8>>,
}

/// Splits an event into its two encoded parts. The golden files hold what this returns.
///
/// # Errors
/// When a part is longer than a record may be.
pub fn encode_payload(event: &domain::Event) -> Result<EncodedPayload, PayloadError> {
    registry::encode(event)
}

/// The event of two encoded parts, in today's shape.
///
/// # Errors
/// When the type or schema is unknown, or the bytes are not of that shape.
pub fn decode_payload(encoded: &EncodedPayload) -> Result<domain::Event, PayloadError> {
    let personal =
        encoded.personal.as_deref().map_or(registry::Part::Absent, registry::Part::Known);
    registry::decode(encoded.type_id, encoded.schema, &encoded.public, personal)
}

/// Why a payload could not be encoded or decoded.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// It does not fit in a record.
    #[error("the payload is longer than a record may be")]
    TooLarge,
    /// Written by a newer release.
    #[error("event type {type_id} version {schema} is not known to this release")]
    UnknownShape {
        /// The event type's number.
        type_id: u16,
        /// The version of its shape.
        schema: u16,
    },
    /// The bytes are of another shape.
    #[error("the payload does not read back: {0}")]
    Malformed(String),
}
