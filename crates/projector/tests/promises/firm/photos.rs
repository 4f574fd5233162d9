//! Attachments that the firm's tickets bring along.

use domain::attachment::{Claims, MediaFacts, Standing, UploadFacts, UploadVia, Vouched};
use domain::{ContentHash, Coordinates, Datum, NewAttachment, Party};

use super::{ENGINEERS, START, minutes, secret};

/// So many different ones.
const PHOTOS: u8 = 9;

/// One of them, with the store's word for it; every third is held back by the scanner.
pub(crate) fn photo(number: u8) -> NewAttachment {
    let number = number % PHOTOS;
    let held_back = Standing::Quarantined { why: "not scanned yet".into() };
    let position = Coordinates::new(31.5, 121.25, Datum::Wgs84).expect("on the earth");
    let vouched = Vouched {
        upload: UploadFacts {
            by: Party::Engineer(ENGINEERS[usize::from(number % 3)]),
            via: if number.is_multiple_of(2) { UploadVia::Tus } else { UploadVia::Form },
            begun_at: START,
            finished_at: START.plus(minutes(u64::from(number))),
        },
        media: MediaFacts { width: Some(640), height: Some(480), duration_ms: None },
        claims: Claims { taken_at: Some(START), position: Some(position) },
        standing: if number.is_multiple_of(3) { held_back } else { Standing::Clear },
    };
    NewAttachment {
        hash: ContentHash([number.wrapping_mul(31); 32]),
        bytes: 1_000 + u64::from(number),
        media_type: if number < 6 { "image/jpeg" } else { "audio/mp4" }.into(),
        name: secret(".jpg").unwrap_or_default(),
        vouched: Some(vouched),
    }
}
