//! Photos with what a camera writes into them.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A JPEG: red on the left, blue on the right.
pub fn jpeg(width: u32, height: u32, exif: Vec<u8>) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) }
    });
    let mut bytes = Vec::new();
    let image = DynamicImage::from(image);
    image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg).expect("encodes");
    let mut photo = bytes[..2].to_vec();
    photo.extend([0xff, 0xe1]);
    photo.extend(u16::try_from(exif.len() + 8).expect("fits").to_be_bytes());
    photo.extend(b"Exif\0\0");
    photo.extend(exif);
    photo.extend(&bytes[2..]);
    photo
}

/// Taken on 2026-03-01 at 08:30:05.25 in Shanghai.
pub fn exif(orientation: u16) -> Vec<u8> {
    // Texts and fractions stand behind the three directories; one of three fields has 42 bytes.
    let (first, second, third) = (8_u32, 8 + 42_u32, 50 + 42_u32);
    let mut data_at = third + 2 + 4 * 12 + 4;
    let mut data = Vec::new();
    let mut put = |bytes: &[u8]| {
        let at = data_at;
        data.extend(bytes);
        data_at += u32::try_from(bytes.len()).expect("fits");
        at.to_le_bytes()
    };
    let fractions = |parts: [(u32, u32); 3]| {
        parts
            .iter()
            .flat_map(|(a, b)| [a.to_le_bytes(), b.to_le_bytes()].concat())
            .collect::<Vec<_>>()
    };
    let field = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value].concat()
    };
    let directory = |fields: &[Vec<u8>]| {
        let count = u16::try_from(fields.len()).expect("fits").to_le_bytes();
        [&count[..], &fields.concat(), &[0; 4]].concat()
    };
    let [low, high] = orientation.to_le_bytes();
    let main = directory(&[
        field(0x0112, 3, 1, [low, high, 0, 0]),
        field(0x8769, 4, 1, second.to_le_bytes()),
        field(0x8825, 4, 1, third.to_le_bytes()),
    ]);
    let times = directory(&[
        field(0x9003, 2, 20, put(b"2026:03:01 08:30:05\0")),
        field(0x9011, 2, 7, put(b"+08:00\0")),
        field(0x9291, 2, 3, *b"25\0\0"),
    ]);
    let places = directory(&[
        field(1, 2, 2, *b"N\0\0\0"),
        field(2, 5, 3, put(&fractions([(31, 1), (13, 1), (4944, 100)]))),
        field(3, 2, 2, *b"E\0\0\0"),
        field(4, 5, 3, put(&fractions([(121, 1), (28, 1), (2532, 100)]))),
    ]);
    [&b"II\x2a\0"[..], &first.to_le_bytes(), &main, &times, &places, &data].concat()
}
