//! From an image's bytes to a small image's.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat, ImageReader};

use super::{Error, Format, Limits, Thumbnail};
use crate::describe::{describe_bytes, may_have_thumbnail};

/// Nobody sees the difference to a better one at this size.
const JPEG_QUALITY: u8 = 80;

pub(super) fn draw(source: &[u8], side_px: u32, limits: &Limits) -> Result<Thumbnail, Error> {
    let described = describe_bytes(source);
    let media_type = described.media_type;
    let format = ImageFormat::from_mime_type(media_type).filter(|_| may_have_thumbnail(media_type));
    let format = format.ok_or(Error::Unsupported { media_type })?;
    let (width, height) = (described.media.width.unwrap_or(0), described.media.height.unwrap_or(0));
    if u64::from(width) * u64::from(height) > limits.pixels_max {
        return Err(Error::TooManyPixels { width, height });
    }
    let mut reader = ImageReader::with_format(Cursor::new(source), format);
    // The decoder has its own look at the header, which may find other numbers in it.
    let mut bounds = image::Limits::default();
    let side_max = u32::try_from(limits.pixels_max).unwrap_or(u32::MAX);
    bounds.max_image_width = Some(side_max);
    bounds.max_image_height = Some(side_max);
    bounds.max_alloc = Some(limits.decoder_bytes_max);
    reader.limits(bounds);
    let whole = reader.decode().map_err(Error::Undecodable)?;
    let small = if whole.width().max(whole.height()) > side_px {
        whole.thumbnail(side_px, side_px)
    } else {
        whole
    };
    let turned = turn(small, described.orientation.number());
    encode(&turned).map_err(Error::Undecodable)
}

fn turn(mut image: DynamicImage, number: u8) -> DynamicImage {
    if let Some(orientation) = Orientation::from_exif(number) {
        image.apply_orientation(orientation);
    }
    image
}

fn encode(image: &DynamicImage) -> Result<Thumbnail, image::ImageError> {
    let mut bytes = Vec::new();
    let seen_through =
        image.color().has_alpha() && image.to_rgba8().pixels().any(|pixel| pixel.0[3] < 255);
    let format = if seen_through {
        image.to_rgba8().write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
        Format::Png
    } else {
        image
            .to_rgb8()
            .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
        Format::Jpeg
    };
    Ok(Thumbnail { format, bytes: bytes.into() })
}
