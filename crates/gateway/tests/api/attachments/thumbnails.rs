//! Images are shown small over HTTP as well.

#[path = "../../../../attachments/tests/support/photo.rs"]
#[allow(unreachable_pub, reason = "it belongs to the tests of another crate")]
mod photo;

use std::io::Cursor;

use axum::http::Method;
use image::{DynamicImage, GenericImageView, ImageFormat, Rgba, RgbaImage};

use super::Pair;
use crate::world::{Reply, World};

/// Half of it can be seen through.
pub(super) fn png() -> Vec<u8> {
    let image =
        RgbaImage::from_fn(300, 100, |x, _| Rgba([0, 200, 0, if x < 150 { 255 } else { 9 }]));
    let mut bytes = Vec::new();
    let written =
        DynamicImage::from(image).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png);
    written.expect("encodes");
    bytes
}

async fn small(world: &World, name: &str, bytes: Vec<u8>) -> Reply {
    let Pair { hash, .. } = world.ticket_with(name, bytes).await;
    let asked = format!("/attachments/{hash}/thumbnail?side=64");
    let small = world.request(Method::GET, &asked).send().await;
    assert_eq!(small.status, 200, "{}", small.body);
    assert_eq!(small.header("x-content-type-options"), "nosniff");
    assert!(small.header("content-security-policy").starts_with("sandbox"));
    assert_eq!(small.header("etag"), format!("\"{hash}-64\""));
    small
}

#[tokio::test]
async fn a_photo_is_shown_small_as_the_camera_was_held_and_says_nothing_of_where_it_was() {
    let world = World::new();
    let small = small(&world, "冲床.jpg", photo::jpeg(400, 200, photo::exif(6))).await;
    assert_eq!(small.header("content-type"), "image/jpeg");
    let image = image::load_from_memory(&small.bytes).expect("decodes");
    assert_eq!(image.dimensions(), (32, 64));
    assert!(image.get_pixel(16, 4).0[0] > 200, "red on top");
    assert!(!small.bytes.windows(4).any(|here| here == b"Exif"));
}

#[tokio::test]
async fn a_drawing_that_can_be_seen_through_stays_so() {
    let world = World::new();
    let small = small(&world, "图.png", png()).await;
    assert_eq!(small.header("content-type"), "image/png");
    let image = image::load_from_memory(&small.bytes).expect("decodes");
    assert_eq!(image.dimensions(), (64, 21));
    assert_eq!(image.get_pixel(60, 10).0[3], 9);
}
