use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use proptest::prelude::*;

use super::*;

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    let image = DynamicImage::new_rgb8(31, 17);
    image.write_to(&mut Cursor::new(&mut bytes), format).expect("encodes");
    bytes
}

/// A box of an MP4.
fn a_box(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).expect("fits").to_be_bytes();
    [&length[..], kind, body].concat()
}

fn mp4(brand: &[u8; 4], seconds: u32) -> Vec<u8> {
    let mut header = vec![0; 100];
    header[12..16].copy_from_slice(&600_u32.to_be_bytes());
    header[16..20].copy_from_slice(&(seconds * 600).to_be_bytes());
    let mut track = vec![0; 84];
    track[76..78].copy_from_slice(&1920_u16.to_be_bytes());
    track[80..82].copy_from_slice(&1080_u16.to_be_bytes());
    let movie = [a_box(b"mvhd", &header), a_box(b"trak", &a_box(b"tkhd", &track))].concat();
    let kind = a_box(b"ftyp", &[&brand[..], &[0; 4], b"isom"].concat());
    [kind, a_box(b"mdat", &[7; 3000]), a_box(b"moov", &movie)].concat()
}

fn wav(data_bytes: u32) -> Vec<u8> {
    let format = [&1_u16.to_le_bytes()[..], &1_u16.to_le_bytes(), &8000_u32.to_le_bytes()].concat();
    let format = [&format[..], &16_000_u32.to_le_bytes(), &[2, 0, 16, 0]].concat();
    let head = [&b"RIFF\0\0\0\0WAVEfmt "[..], &16_u32.to_le_bytes(), &format].concat();
    [&head[..], b"data", &data_bytes.to_le_bytes(), &[1; 32_000]].concat()
}

#[test]
fn images_tell_their_dimensions_without_being_decoded() {
    for (format, media_type) in [
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Gif, "image/gif"),
        (ImageFormat::WebP, "image/webp"),
    ] {
        let described = describe_bytes(&encoded(format));
        assert_eq!(described.media_type, media_type);
        let media = described.media;
        assert_eq!((media.width, media.height), (Some(31), Some(17)), "{media_type}");
    }
}

#[test]
fn sounds_and_videos_tell_how_long_they_are() {
    let described = describe_bytes(&mp4(b"isom", 90));
    assert_eq!(described.media_type, "video/mp4");
    assert_eq!(described.media.duration_ms, Some(90_000));
    assert_eq!((described.media.width, described.media.height), (Some(1920), Some(1080)));
    for (brand, kind) in [(b"qt  ", "video/quicktime"), (b"M4A ", "audio/m4a")] {
        let described = describe_bytes(&mp4(brand, 5));
        assert_eq!((described.media_type, described.media.duration_ms), (kind, Some(5000)));
    }
    let described = describe_bytes(&wav(32_000));
    assert_eq!((described.media_type, described.media.duration_ms), ("audio/x-wav", Some(2000)));
    // A length that lies is no longer than the file.
    assert_eq!(describe_bytes(&wav(u32::MAX)).media.duration_ms, Some(2000));
}

#[test]
fn lengths_that_lie_leave_a_fact_out_and_end_soon() {
    let endless = [a_box(b"ftyp", b"isom\0\0\0\0isom"), a_box(b"free", &[]).repeat(1_000_000)];
    assert_eq!(describe_bytes(&endless.concat()).media, MediaFacts::default());
    let mut long = mp4(b"isom", 90);
    let at = long.len() - 8 - 108 - 100;
    for lie in [0_u32, 1, 7, u32::MAX] {
        long[at..at + 4].copy_from_slice(&lie.to_be_bytes());
        describe_bytes(&long);
    }
    let nested = (0..100_000).fold(Vec::new(), |inner: Vec<u8>, _| {
        if inner.len() > 8_000 { inner } else { a_box(b"moov", &inner) }
    });
    describe_bytes(&[a_box(b"ftyp", b"isom\0\0\0\0isom"), nested].concat());
    // Segments without content, as many as fit.
    let segments = [&[0xff, 0xd8][..], &[0xff, 0xe0, 0, 2].repeat(1_000_000)].concat();
    assert_eq!(describe_bytes(&segments).media, MediaFacts::default());
    let mut huge = encoded(ImageFormat::Png);
    huge.truncate(33);
    huge.extend([0xff, 0xff, 0xff, 0xff]);
    huge.extend(b"eXIf");
    assert_eq!(describe_bytes(&huge).media.width, Some(31));
}

#[test]
fn the_bytes_say_what_they_are_and_pages_are_never_images() {
    let svg = "<?xml version='1.0'?>\n<!-- a --><svg onload='alert(1)'/>";
    let zip = [&b"PK\x03\x04\x14\0\0\0\x08\0"[..], &[0x9c; 60]].concat();
    for (bytes, media_type) in [
        (&b""[..], "application/octet-stream"),
        (b"GIF is a format", "text/plain"),
        (b"BMW, broken", "text/plain"),
        (b"ID3 or what?", "text/plain"),
        ("冲床咔哒两声就停了".as_bytes(), "text/plain"),
        // The last character is cut, as by the end of the head.
        (&"停".repeat(10).as_bytes()[..29], "text/plain"),
        (b"\xef\xbb\xbfwith a mark", "text/plain"),
        (b"  <!DOCTYPE HTML><p>", "text/html"),
        (b"\xef\xbb\xbf<script>alert(1)</script>", "text/html"),
        (b"<SVG xmlns='x'>", "image/svg+xml"),
        (svg.as_bytes(), "image/svg+xml"),
        (b"<?xml version='1.0'?><html xmlns='x'>", "text/html"),
        (b"<?xml version='1.0'?><order/>", "text/xml"),
        (b"%PDF-1.7 text only", "application/pdf"),
        (b"\0\x01\x02\x03", "application/octet-stream"),
        // HTML in an encoding that we cannot read is not shown as anything.
        (b"<\0h\0t\0m\0l\0>\0", "application/octet-stream"),
        (b"<html>\xb9\xfe", "application/octet-stream"),
        // A script that begins like an image is text; an image with a script in it is an image.
        (b"GIF89a/*<html>*/=1;alert(1)", "text/plain"),
        (b"GIF89a\x01\0\x01\0\0\xff\0<script>alert(1)</script>", "image/gif"),
        (b"GIF\xff\xff\xff\xff\xff\xff\xff", "application/octet-stream"),
        (&zip, "application/zip"),
    ] {
        assert_eq!(sniff(bytes), media_type, "{:?}", String::from_utf8_lossy(bytes));
    }
    for runs in ["image/svg+xml", "text/html", "text/xml", "application/pdf"] {
        assert!(!may_be_shown(runs) && !may_have_thumbnail(runs), "{runs}");
    }
    let both = [encoded(ImageFormat::Jpeg), b"<html><script>alert(1)</script>".to_vec()].concat();
    assert_eq!(describe_bytes(&both).media_type, "image/jpeg");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        which in 0..6_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..40),
        cut in any::<prop::sample::Index>(),
        noise in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut bytes = match which {
            0 => encoded(ImageFormat::Jpeg),
            1 => encoded(ImageFormat::Png),
            2 => encoded(ImageFormat::WebP),
            3 => mp4(b"isom", 3),
            4 => wav(100),
            _ => noise.clone(),
        };
        for (at, value) in changes {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        describe_bytes(&bytes);
        camera::read(&noise, &TimeZone::UTC);
        camera::read(&[b"II\x2a\0\x08\0\0\0".to_vec(), noise].concat(), &TimeZone::UTC);
    }
}
