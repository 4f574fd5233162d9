//! What bytes are, from the bytes alone: media type, dimensions, duration, and what the camera
//! claims of time and place.
//!
//! Nothing is decoded, and a file is read through a `Window`, which allows so many bytes and no
//! more: lengths that lie, boxes without end and bombs end the reading and leave out a fact. Who
//! says what a file is named, or of which type, is not listened to.

mod camera;
mod isobmff;
mod jpeg;
mod sniff;
mod window;

use std::fs::File;
use std::io;

use domain::{Coordinates, Timestamp};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use camera::Orientation;
pub use sniff::{may_be_shown, may_have_thumbnail, sniff};
pub(crate) use window::Window;

/// What is known of an image, a sound or a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MediaFacts {
    /// In pixels, as stored: before it is turned.
    pub width: Option<u32>,
    /// In pixels.
    pub height: Option<u32>,
    /// In milliseconds.
    pub duration_ms: Option<u64>,
}

/// What a camera wrote into a picture. Anybody can write there, so it proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Claims {
    /// When it was taken.
    pub taken_at: Option<Timestamp>,
    /// Where it was taken.
    pub position: Option<Coordinates>,
}

/// What bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Sniffed from the bytes.
    pub media_type: &'static str,
    /// Dimensions and duration.
    pub media: MediaFacts,
    /// The camera's claims.
    pub claims: Claims,
    /// How the image is to be turned before it is shown.
    pub orientation: Orientation,
}

/// Describes a file. Cameras that do not say in which zone their clock runs have it in `zone`.
/// Blocks; reads at most a few megabytes.
///
/// # Errors
/// When the file cannot be read. What cannot be understood is left out.
pub fn describe(file: &File, zone: &TimeZone) -> io::Result<Described> {
    describe_window(Window::of_file(file)?, zone)
}

/// Describes bytes that are in memory.
pub(crate) fn describe_bytes(bytes: &[u8]) -> Described {
    describe_window(Window::of_bytes(bytes), &TimeZone::UTC).unwrap_or_else(|_| empty())
}

fn empty() -> Described {
    Described {
        media_type: sniff::OCTETS,
        media: MediaFacts::default(),
        claims: Claims::default(),
        orientation: Orientation::default(),
    }
}

fn describe_window(mut window: Window<'_>, zone: &TimeZone) -> io::Result<Described> {
    let head = window.head()?;
    let mut described = Described { media_type: sniff(&head), ..empty() };
    let found = match described.media_type {
        "image/jpeg" => jpeg::look(&mut window),
        "image/png" => png(&mut window),
        "image/gif" => gif(&head),
        "image/webp" => webp(&mut window, &head),
        "audio/x-wav" => wav(&mut window),
        kind if isobmff::is_one(kind) => isobmff::look(&mut window),
        _ => Ok(Found::default()),
    };
    let found = match found {
        Ok(found) => found,
        // The bytes lie or end early: what they would say is left out.
        Err(window::Stop::Nothing) => Found::default(),
        Err(window::Stop::Failed(error)) => return Err(error),
    };
    described.media = found.media;
    if let Some(exif) = found.exif {
        let camera = camera::read(&exif, zone);
        described.claims = camera.claims;
        described.orientation = camera.orientation;
    }
    Ok(described)
}

/// What a format's own module found.
#[derive(Debug, Default)]
struct Found {
    media: MediaFacts,
    /// A TIFF structure, as cameras write it.
    exif: Option<Vec<u8>>,
}

impl Found {
    /// Of an image with these dimensions; none when one is zero.
    fn image(width: u32, height: u32) -> Self {
        let sized = width > 0 && height > 0;
        let media = MediaFacts {
            width: sized.then_some(width),
            height: sized.then_some(height),
            duration_ms: None,
        };
        Self { media, exif: None }
    }
}

/// Chunks that are looked at in a PNG, WebP or WAV before giving up.
const CHUNKS_MAX: usize = 512;
/// A JPEG segment can hold no more; other formats could claim anything.
const EXIF_BYTES_MAX: usize = 64 * 1024;

fn png(window: &mut Window<'_>) -> Result<Found, window::Stop> {
    let mut found = Found::image(window.u32(16)?, window.u32(20)?);
    let mut at = 8;
    for _ in 0..CHUNKS_MAX {
        let Ok(bytes) = window.u32(at) else { break };
        match &window.array::<4>(at + 4)? {
            b"eXIf" => {
                found.exif = window.bytes(at + 8, u64::from(bytes), EXIF_BYTES_MAX).ok();
                break;
            }
            b"IEND" => break,
            _ => at += 12 + u64::from(bytes),
        }
    }
    Ok(found)
}

fn gif(head: &[u8]) -> Result<Found, window::Stop> {
    let Some(&[a, b, c, d]) = head.get(6..10) else { return Err(window::Stop::Nothing) };
    Ok(Found::image(u16::from_le_bytes([a, b]).into(), u16::from_le_bytes([c, d]).into()))
}

fn webp(window: &mut Window<'_>, head: &[u8]) -> Result<Found, window::Stop> {
    let mut found = match head.get(12..30) {
        Some([b'V', b'P', b'8', b' ', .., 0x9d, 1, 0x2a, w0, w1, h0, h1]) => {
            let side = |low: &u8, high: &u8| u32::from(u16::from_le_bytes([*low, *high]) & 0x3fff);
            return Ok(Found::image(side(w0, w1), side(h0, h1)));
        }
        Some([b'V', b'P', b'8', b'L', _, _, _, _, 0x2f, a, b, c, d, ..]) => {
            let bits = u32::from_le_bytes([*a, *b, *c, *d]);
            return Ok(Found::image((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1));
        }
        Some([b'V', b'P', b'8', b'X', _, _, _, _, _, _, _, _, w0, w1, w2, h0, h1, h2]) => {
            let side = |a: &u8, b: &u8, c: &u8| u32::from_le_bytes([*a, *b, *c, 0]) + 1;
            Found::image(side(w0, w1, w2), side(h0, h1, h2))
        }
        _ => return Err(window::Stop::Nothing),
    };
    let mut at = 12;
    for _ in 0..CHUNKS_MAX {
        let Ok(bytes) = window.u32_le(at + 4) else { break };
        if &window.array::<4>(at)? == b"EXIF" {
            found.exif = window.bytes(at + 8, bytes.into(), EXIF_BYTES_MAX).ok();
            break;
        }
        at += 8 + u64::from(bytes) + u64::from(bytes % 2);
    }
    Ok(found)
}

fn wav(window: &mut Window<'_>) -> Result<Found, window::Stop> {
    let mut found = Found::default();
    let mut bytes_per_second = 0;
    let mut at = 12;
    for _ in 0..CHUNKS_MAX {
        let (kind, bytes) = (window.array::<4>(at)?, window.u32_le(at + 4)?);
        match &kind {
            b"fmt " => bytes_per_second = window.u32_le(at + 16)?,
            b"data" if bytes_per_second > 0 => {
                // A recorder that was switched off may have left any length.
                let there = u64::from(bytes).min(window.len().saturating_sub(at + 8));
                found.media.duration_ms = Some(there * 1000 / u64::from(bytes_per_second));
                break;
            }
            _ => {}
        }
        at += 8 + u64::from(bytes) + u64::from(bytes % 2);
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
