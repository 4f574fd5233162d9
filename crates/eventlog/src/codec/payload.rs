//! The one place that knows bincode: version 1.3.3, fixed-width integers, little endian, bounded,
//! and trailing bytes refused. Another setting anywhere would be another format.

use bincode::Options;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{PayloadError, RECORD_BYTES_MAX};

fn options() -> impl Options {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_little_endian()
        .with_limit(RECORD_BYTES_MAX as u64)
        .reject_trailing_bytes()
}

pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, PayloadError> {
    options().serialize(value).map_err(|error| match *error {
        bincode::ErrorKind::SizeLimit => PayloadError::TooLarge,
        other => PayloadError::Malformed(other.to_string()),
    })
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, PayloadError> {
    options().deserialize(bytes).map_err(|error| PayloadError::Malformed(error.to_string()))
}
