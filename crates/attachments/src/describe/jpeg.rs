//! JPEG: a row of segments, each with its length, up to the image's own bytes.

use super::window::{Stop, Window};
use super::{EXIF_BYTES_MAX, Found};

/// Cameras write a few dozen segments; a depth map of a phone some hundreds.
const SEGMENTS_MAX: usize = 4096;

pub(super) fn look(window: &mut Window<'_>) -> Result<Found, Stop> {
    let mut exif = None;
    let mut at = 2;
    for _ in 0..SEGMENTS_MAX {
        let [mark, kind] = window.array(at)?;
        if mark != 0xff {
            break;
        }
        match kind {
            // Bytes that fill, and marks without a segment.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            // The image's bytes, or the end, before it said how large it is.
            0xd9 | 0xda => break,
            // The frame; c4, c8 and cc are tables.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let (height, width) = (window.u16(at + 5)?, window.u16(at + 7)?);
                return Ok(Found { exif, ..Found::image(width.into(), height.into()) });
            }
            kind => {
                let bytes = window.u16(at + 2)?;
                if bytes < 2 {
                    break;
                }
                if kind == 0xe1 && exif.is_none() && bytes > 8 {
                    exif = exif_at(window, at + 4, u64::from(bytes) - 2)?;
                }
                at += 2 + u64::from(bytes);
            }
        }
    }
    Ok(Found { exif, ..Found::default() })
}

fn exif_at(window: &mut Window<'_>, at: u64, bytes: u64) -> Result<Option<Vec<u8>>, Stop> {
    if &window.array::<6>(at)? != b"Exif\0\0" {
        return Ok(None);
    }
    window.bytes(at + 6, bytes - 6, EXIF_BYTES_MAX).map(Some)
}
