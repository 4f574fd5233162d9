//! Images are shown small, bombs are refused from their header, and what is kept is bounded.

mod support;

use std::io::Cursor;
use std::path::Path;

use attachments::thumbnail::{Error, Format, Limits, Thumbnail};
use attachments::{Store, Thumbnails};
use domain::ContentHash;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use support::photo;

async fn store_with(dir: &Path, images: &[&[u8]]) -> (Store, Vec<ContentHash>) {
    let store = Store::local(dir.join("bytes")).await.expect("opens");
    let mut hashes = Vec::new();
    for bytes in images {
        let staged = dir.join("staged");
        std::fs::write(&staged, bytes).expect("written");
        let hash = support::hash(bytes);
        store.put(staged, hash, bytes.len() as u64).await.expect("stored");
        hashes.push(hash);
    }
    (store, hashes)
}

async fn thumbnail_of(bytes: &[u8], side_px: u32) -> Result<Thumbnail, Error> {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, hashes) = store_with(dir.path(), &[bytes]).await;
    let thumbnails = Thumbnails::open(dir.path().join("small"), store, Limits::default()).await;
    thumbnails.expect("opens").thumbnail(hashes[0], side_px).await
}

fn seen_through(width: u32, height: u32) -> DynamicImage {
    let image = RgbaImage::from_fn(width, height, |x, _| Rgba([0, 200, 0, (x % 256) as u8]));
    image.into()
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_to(&mut Cursor::new(&mut bytes), format).expect("encodes");
    bytes
}

fn decoded(thumbnail: &Thumbnail) -> DynamicImage {
    image::load_from_memory(&thumbnail.bytes).expect("decodes")
}

#[tokio::test]
async fn a_photo_is_turned_as_the_camera_was_held_and_loses_its_metadata() {
    // Orientation 6: the top of what was seen lies on the right, so red ends on top.
    let photo = photo::jpeg(400, 200, photo::exif(6));
    let thumbnail = thumbnail_of(&photo, 64).await.expect("made");
    assert_eq!(thumbnail.format, Format::Jpeg);
    let image = decoded(&thumbnail).to_rgb8();
    assert_eq!(image.dimensions(), (32, 64));
    assert!(image.get_pixel(16, 4).0[0] > 200, "red on top");
    assert!(image.get_pixel(16, 60).0[2] > 200, "blue below");
    assert!(!thumbnail.bytes.windows(4).any(|here| here == b"Exif"));
}

#[tokio::test]
async fn every_kind_of_image_is_shown_and_what_can_be_seen_through_stays_so() {
    let image = seen_through(300, 300);
    for (format, expected) in [
        (ImageFormat::Png, Format::Png),
        (ImageFormat::WebP, Format::Png),
        (ImageFormat::Gif, Format::Png),
    ] {
        let thumbnail = thumbnail_of(&encoded(&image, format), 100).await.expect("made");
        assert_eq!(thumbnail.format, expected, "{format:?}");
        // Sizes are powers of two.
        assert_eq!(decoded(&thumbnail).width(), 128, "{format:?}");
    }
    let opaque = DynamicImage::from(image.to_rgb8());
    let small = thumbnail_of(&encoded(&opaque, ImageFormat::Png), 1024).await.expect("made");
    assert_eq!(small.format, Format::Jpeg);
    assert_eq!(decoded(&small).width(), 300, "never larger than it was");
}

/// A PNG of a few dozen bytes that claims these dimensions.
fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(&seen_through(4, 4), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes
}

#[tokio::test]
async fn a_pixel_bomb_is_refused_from_its_header() {
    for (width, height) in [(50_000, 50_000), (u32::MAX, u32::MAX), (64_000_001, 1)] {
        let refused = thumbnail_of(&png_bomb(width, height), 128).await;
        let Err(Error::TooManyPixels { width: told, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(told, width);
    }
    // One whose frame is honest and whose screen is not, or the other way round.
    let mut gif = encoded(&seen_through(4, 4), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    let refused = thumbnail_of(&gif, 128).await;
    assert!(matches!(refused, Err(Error::TooManyPixels { .. })), "{refused:?}");
}

#[tokio::test]
async fn what_is_no_image_or_a_damaged_one_is_told() {
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    for (bytes, kind) in [(&svg[..], "image/svg+xml"), (b"words", "text/plain")] {
        let refused = thumbnail_of(bytes, 128).await;
        let Err(Error::Unsupported { media_type }) = refused else { panic!("{refused:?}") };
        assert_eq!(media_type, kind);
    }
    let photo = photo::jpeg(100, 100, photo::exif(1));
    let refused = thumbnail_of(&photo[..400], 128).await;
    assert!(matches!(refused, Err(Error::Undecodable(_))), "{refused:?}");
}

#[tokio::test]
async fn thumbnails_are_kept_up_to_a_bound_and_may_be_deleted() {
    let dir = tempfile::tempdir().expect("a directory");
    let images: Vec<_> =
        (1..=12_u32).map(|n| encoded(&seen_through(200 + n, 200), ImageFormat::Png)).collect();
    let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
    let (store, hashes) = store_with(dir.path(), &images).await;
    let small = dir.path().join("small");
    let kept = || -> u64 {
        support::files(&small).iter().map(|path| path.metadata().expect("is there").len()).sum()
    };
    let open = async |bound| {
        let limits = Limits { cache_bytes_max: bound, ..Limits::default() };
        Thumbnails::open(&small, store.clone(), limits).await.expect("opens")
    };
    let thumbnails = open(u64::MAX).await;
    let first = thumbnails.thumbnail(hashes[0], 128).await.expect("made");
    let bound = first.bytes.len() as u64 * 4;
    drop(thumbnails);
    let thumbnails = open(bound).await;
    for hash in &hashes {
        thumbnails.thumbnail(*hash, 128).await.expect("made");
        assert!(kept() <= bound, "{} of {bound}", kept());
    }
    assert!(kept() > bound / 2);
    // The last one is kept: it is answered although its image is gone.
    let last = *hashes.last().expect("there are some");
    let made = thumbnails.thumbnail(last, 128).await.expect("made");
    store.erase(last, attachments::store::Erase::Always).await.expect("erased");
    assert_eq!(thumbnails.thumbnail(last, 128).await.expect("kept"), made);
    std::fs::remove_dir_all(&small).expect("deleted");
    assert_eq!(thumbnails.thumbnail(hashes[0], 128).await.expect("made anew"), first);
    let gone = thumbnails.thumbnail(last, 128).await;
    assert!(matches!(gone, Err(Error::Store(_))), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_wait_for_a_thumbnail_than_may() {
    let dir = tempfile::tempdir().expect("a directory");
    let image = encoded(&seen_through(1500, 1500), ImageFormat::Png);
    let (store, hashes) = store_with(dir.path(), &[&image]).await;
    let limits = Limits { workers: 1, waiting_max: 2, ..Limits::default() };
    let thumbnails = Thumbnails::open(dir.path().join("small"), store, limits).await;
    let thumbnails = thumbnails.expect("opens");
    let all = (0..20).map(|_| thumbnails.thumbnail(hashes[0], 64));
    let all = futures_util::future::join_all(all).await;
    let refused = all.iter().filter(|one| matches!(one, Err(Error::Busy))).count();
    assert_eq!(refused, 17);
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 3);
}
