//! How long what people write may be. A record holds at most 16 KiB; longer text becomes an
//! attachment.

use crate::rejection::Rejection;

/// A text that people write freely, in bytes of UTF-8.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;
/// A name, a code, a telephone number, in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 200;
/// A media type, in bytes; the longest that is registered has 90.
const MEDIA_TYPE_BYTES_MAX: usize = 100;
/// Skills, parts, contacts, helpers, attachments of one command.
pub const LIST_MAX: usize = 50;
/// All the names in one list together, so that a long list and a long text fit in one record.
pub const LIST_BYTES_MAX: usize = 4 * 1024;

pub(crate) fn text(field: &'static str, value: &str) -> Result<(), Rejection> {
    bytes(field, value, TEXT_BYTES_MAX)
}

pub(crate) fn name(field: &'static str, value: &str) -> Result<(), Rejection> {
    bytes(field, value, NAME_BYTES_MAX)
}

pub(crate) fn media_type(field: &'static str, value: &str) -> Result<(), Rejection> {
    bytes(field, value, MEDIA_TYPE_BYTES_MAX)
}

pub(crate) fn names<'a>(
    field: &'static str,
    values: impl IntoIterator<Item = &'a String>,
) -> Result<(), Rejection> {
    let (mut count, mut total) = (0, 0);
    for value in values {
        name(field, value)?;
        total += value.len();
        if value.trim().is_empty() {
            return Err(Rejection::invalid(field, "must not be empty"));
        }
        count += 1;
    }
    list_bytes(field, total)?;
    list(field, count)
}

pub(crate) fn list_bytes(field: &'static str, total: usize) -> Result<(), Rejection> {
    if total > LIST_BYTES_MAX {
        let problem = format!("{total} bytes together are too long; at most {LIST_BYTES_MAX}");
        return Err(Rejection::invalid(field, problem));
    }
    Ok(())
}

pub(crate) fn list(field: &'static str, count: usize) -> Result<(), Rejection> {
    if count > LIST_MAX {
        return Err(Rejection::invalid(field, format!("{count} are too many; at most {LIST_MAX}")));
    }
    Ok(())
}

fn bytes(field: &'static str, value: &str, max: usize) -> Result<(), Rejection> {
    if value.len() > max {
        let problem = format!("{} bytes are too long; at most {max}", value.len());
        return Err(Rejection::invalid(field, problem));
    }
    Ok(())
}

/// What is left of a text that says nothing.
pub(crate) fn said(value: &Option<String>) -> Option<String> {
    value.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
