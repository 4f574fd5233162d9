//! What commands take of an upload.

use ::attachments::uploads::Stored;
use axum::http::HeaderValue;
use domain::ContentHash;
use serde::Serialize;
use utoipa::ToSchema;

/// A reference to bytes that are in the store, as `attachments` of a command takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AttachmentReference)]
pub(crate) struct ReferenceView {
    hash: ContentHash,
    #[schema(example = 482_113)]
    bytes: u64,
    /// Sniffed from the bytes.
    #[schema(example = "image/jpeg")]
    media_type: String,
    /// The declared name, made safe.
    #[schema(example = "冲床.jpg")]
    name: String,
}

impl From<&Stored> for ReferenceView {
    fn from(stored: &Stored) -> Self {
        let reference = stored.attachment.clone();
        let name = stored.name.clone();
        Self {
            hash: reference.hash,
            bytes: reference.bytes,
            media_type: reference.media_type,
            name,
        }
    }
}

impl ReferenceView {
    /// As JSON that can stand in a header: whatever is not ASCII is escaped.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let json = serde_json::to_string(self).ok()?;
        let mut ascii = String::with_capacity(json.len());
        for unit in json.encode_utf16() {
            match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii() => ascii.push(char::from(byte)),
                _ => ascii.push_str(&format!("\\u{unit:04x}")),
            }
        }
        HeaderValue::try_from(ascii).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_any_language_stands_in_a_header_and_reads_back() {
        let name = "冲床 \"a\\b\" 🛠.jpg".to_owned();
        let hash = ContentHash([7; 32]);
        let view = ReferenceView { hash, bytes: 3, media_type: "image/jpeg".into(), name };
        let header = view.header().expect("it can stand in a header");
        let header = header.to_str().expect("it is ASCII");
        let read: serde_json::Value = serde_json::from_str(header).expect("it is JSON");
        assert_eq!(read, serde_json::to_value(&view).expect("it can be written"));
    }
}
