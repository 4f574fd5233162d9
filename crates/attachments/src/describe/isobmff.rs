//! MP4, MOV, M4A, HEIF: boxes in boxes, each with its length.

use super::window::{Stop, Window};
use super::{Found, MediaFacts};

/// Boxes that are looked at in one file. The index of a long video is one box, so few are many.
const BOXES_MAX: usize = 2048;

pub(super) fn is_one(media_type: &str) -> bool {
    matches!(
        media_type,
        "video/mp4"
            | "video/quicktime"
            | "video/x-m4v"
            | "video/3gpp"
            | "audio/m4a"
            | "image/heif"
            | "image/avif"
    )
}

pub(super) fn look(window: &mut Window<'_>) -> Result<Found, Stop> {
    let mut walk = Walk { left: BOXES_MAX, media: MediaFacts::default() };
    let end = window.len();
    match walk.inside(window, 0, end, 0) {
        Err(Stop::Failed(error)) => Err(Stop::Failed(error)),
        Ok(()) | Err(Stop::Nothing) => Ok(Found { media: walk.media, exif: None }),
    }
}

struct Walk {
    left: usize,
    media: MediaFacts,
}

impl Walk {
    /// Walks over the boxes that lie from here to there.
    fn inside(
        &mut self,
        window: &mut Window<'_>,
        mut at: u64,
        end: u64,
        depth: usize,
    ) -> Result<(), Stop> {
        // The deepest that is looked for lies three down.
        if depth > 3 {
            return Ok(());
        }
        while at < end {
            self.left = self.left.checked_sub(1).ok_or(Stop::Nothing)?;
            let (header, bytes) = match window.u32(at)? {
                0 => (8, end - at),
                1 => (16, window.u64(at + 8)?),
                bytes => (8, u64::from(bytes)),
            };
            // A box that ends before its header, or behind what it lies in, lies.
            if bytes < header || bytes > end - at {
                return Err(Stop::Nothing);
            }
            let body = at + header;
            match &window.array::<4>(at + 4)? {
                b"moov" | b"iprp" | b"ipco" => self.inside(window, body, at + bytes, depth + 1)?,
                b"trak" => self.inside(window, body, at + bytes, depth + 1)?,
                b"meta" if bytes >= header + 4 => {
                    self.inside(window, body + 4, at + bytes, depth + 1)?;
                }
                b"mvhd" => self.media.duration_ms = duration_ms(window, body)?,
                b"tkhd" => self.sized(sides_of_track(window, body)?),
                b"ispe" => self.sized((window.u32(body + 4)?, window.u32(body + 8)?)),
                _ => {}
            }
            at += bytes;
        }
        Ok(())
    }

    /// Keeps the largest: tiles and previews are smaller than the image.
    fn sized(&mut self, (width, height): (u32, u32)) {
        let area = |width: u32, height: u32| u64::from(width) * u64::from(height);
        let known = area(self.media.width.unwrap_or(0), self.media.height.unwrap_or(0));
        if area(width, height) > known {
            (self.media.width, self.media.height) = (Some(width), Some(height));
        }
    }
}

fn duration_ms(window: &mut Window<'_>, body: u64) -> Result<Option<u64>, Stop> {
    let (scale, units) = match window.array::<1>(body)? {
        [1] => (window.u32(body + 20)?, window.u64(body + 24)?),
        _ => (window.u32(body + 12)?, u64::from(window.u32(body + 16)?)),
    };
    // All ones means that it is not known.
    let known = scale > 0 && units != u64::MAX && units != u64::from(u32::MAX);
    let ms = u128::from(units) * 1000 / u128::from(scale.max(1));
    Ok(u64::try_from(ms).ok().filter(|_| known))
}

/// Width and height of a track, which are fixed-point numbers; zero for sound.
fn sides_of_track(window: &mut Window<'_>, body: u64) -> Result<(u32, u32), Stop> {
    let at = if window.array::<1>(body)? == [1] { body + 88 } else { body + 76 };
    Ok((window.u32(at)? >> 16, window.u32(at + 4)? >> 16))
}
