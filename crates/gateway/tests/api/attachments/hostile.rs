//! Whatever somebody sends who means harm, it is bytes with a harmless name, or it is refused.

use std::convert::Infallible;
use std::time::Duration;

use attachments::uploads;
use axum::body::{Body, Bytes};
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use gateway::Config;

use super::thumbnails::png;
use super::uploads::{OCTETS, begin, more, offset, tus};
use super::{PNG, Pair, reference};
use crate::world::{Asking, World, upload_limits};

/// The header of an image of 2.5 gigapixels, with no pixels behind it.
fn pixel_bomb() -> Vec<u8> {
    let mut bytes = PNG[..33].to_vec();
    bytes[16..20].copy_from_slice(&50_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&50_000_u32.to_be_bytes());
    bytes
}

/// A file of an archive that says that it has 4 GiB once it is unpacked.
fn zip_bomb() -> Vec<u8> {
    let packed = [0xed, 0xc1, 0x01, 0x01];
    let mut bytes = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend(u32::try_from(packed.len()).expect("fits").to_le_bytes());
    bytes.extend(u32::MAX.to_le_bytes());
    bytes.extend(b"\x01\0\0\0a");
    bytes.extend(packed);
    bytes
}

fn thumbnail<'a>(world: &'a World, hash: &str) -> Asking<'a> {
    world.request(Method::GET, &format!("/attachments/{hash}/thumbnail"))
}

/// With files of at most 1,000 bytes.
fn small_files() -> World {
    let limits = uploads::Limits { file_bytes_max: 1_000, ..upload_limits() };
    World::limited(Config::default(), limits)
}

/// A body that does not say how long it is.
fn in_pieces(bytes: usize) -> Body {
    let pieces = vec![Ok::<_, Infallible>(Bytes::from_static(&[7; 77])); bytes / 77];
    let rest = Bytes::from(vec![7; bytes % 77]);
    Body::from_stream(stream::iter(pieces.into_iter().chain([Ok(rest)])))
}

/// What was refused takes no place of its client's.
async fn nothing_is_open(world: &World) {
    let gone = async {
        while world.attachments().uploads.open_count() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("nothing stays open");
}

#[tokio::test]
async fn a_pixel_bomb_is_kept_and_never_drawn() {
    let world = World::new();
    let Pair { ticket, hash } = world.ticket_with("bomb.png", pixel_bomb()).await;
    let refused = thumbnail(&world, &hash).send().await;
    assert_eq!(refused.problem(), (415, "no-thumbnail"));
    assert!(refused.text("detail").contains("50000 by 50000"), "{}", refused.body);
    assert_eq!(world.content(&hash).send().await.bytes, pixel_bomb());
    let page = world.request(Method::GET, &format!("/tickets/{ticket}"));
    assert_eq!(page.header("accept", "text/html").send().await.status, 200);
    let Pair { hash, .. } = world.ticket_with("a.png", png()).await;
    assert_eq!(thumbnail(&world, &hash).send().await.status, 200, "it goes on");
}

#[tokio::test]
async fn an_archive_is_never_unpacked() {
    let world = World::new();
    let Pair { hash, .. } = world.ticket_with("bomb.zip", zip_bomb()).await;
    let sent = world.content(&hash).send().await;
    assert_eq!((sent.status, &sent.bytes[..]), (200, &zip_bomb()[..]));
    assert_eq!(sent.header("content-type"), "application/zip");
    assert!(sent.header("content-disposition").starts_with("attachment"));
    assert_eq!(thumbnail(&world, &hash).send().await.problem(), (415, "no-thumbnail"));
}

#[tokio::test]
async fn what_is_two_formats_at_once_goes_as_the_harmless_one() {
    let world = World::new();
    let script = b"<script>alert(1)</script>";
    let wide: Vec<u8> = script.iter().flat_map(|byte| [*byte, 0]).collect();
    for (bytes, media_type, shown) in [
        (&b"GIF89a/*\x01\0\xff*/=1;alert(1)//"[..], "image/gif", "inline"),
        (
            &[&b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"[..], script].concat(),
            "application/pdf",
            "attachment",
        ),
        (&[&b"\xff\xfe"[..], &wide].concat(), "application/octet-stream", "attachment"),
        (&[PNG, script].concat(), "image/png", "inline"),
    ] {
        // What its sender says of it is not believed.
        let put = world.put("/attachments?name=page.html").raw("text/html", bytes.to_vec());
        let attachment = put.send().await.body;
        let report = serde_json::json!({"attachments": [attachment]});
        assert_eq!(world.post("/tickets").json(&report).send().await.status, 201);
        world.settled().await;
        let hash = attachment["hash"].as_str().expect("a hash");
        let sent = world.content(hash).send().await;
        assert_eq!(sent.header("content-type"), media_type);
        assert_eq!(sent.header("x-content-type-options"), "nosniff");
        assert!(sent.header("content-security-policy").starts_with("sandbox; default-src 'none'"));
        assert!(sent.header("content-disposition").starts_with(shown), "{media_type}");
    }
}

#[tokio::test]
async fn hostile_names_become_harmless_ones_over_every_way_in() {
    let world = World::new();
    let over_tus = async |name: &str| {
        let said = format!("filename {}", STANDARD.encode(name));
        let begun = tus(&world, Method::POST, "/api/v1/uploads").header("upload-length", "5");
        reference(&begun.header("upload-metadata", &said).raw(OCTETS, "words").send().await)
    };
    // No other way in can say these.
    assert_eq!(over_tus("a\u{0}b\u{7}\r\n.txt").await["name"], "ab.txt");
    for (hostile, harmless) in [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("a\u{202e}gnp.exe", "agnp.exe"),
        ("a\u{85}b\u{200b}.txt", "ab.txt"),
        ("..", "text.txt"),
    ] {
        assert_eq!(over_tus(hostile).await["name"], harmless, "tus: {hostile:?}");
        let put = world.file(hostile, "words").await;
        assert_eq!(put["name"], harmless, "PUT: {hostile:?}");
        // A form writes a backslash as two.
        let quoted = hostile.replace('\\', "\\\\");
        let form = format!(
            "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{quoted}\"\r\n\r\n\
             words\r\n--X--\r\n"
        );
        let sent = world.post("/attachments").raw("multipart/form-data; boundary=X", form);
        let sent = sent.send().await;
        assert_eq!(sent.body["attachments"][0]["name"], harmless, "form: {hostile:?}, {sent:?}");
    }
}

#[tokio::test]
async fn bytes_that_come_with_the_beginning_and_are_wrong_leave_nothing_open() {
    let world = World::new();
    let wrong = "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for _ in 0..30 {
        let post = tus(&world, Method::POST, "/api/v1/uploads").header("upload-length", "4");
        let refused = post.header("upload-checksum", wrong).raw(OCTETS, "abcd").send().await;
        assert_eq!(refused.problem(), (460, "checksum-mismatch"));
        nothing_is_open(&world).await;
    }
}

#[tokio::test]
async fn a_file_that_does_not_say_its_length_is_cut_off_at_the_limit() {
    let world = small_files();
    let put = |bytes| world.put("/attachments").raw("application/octet-stream", in_pieces(bytes));
    assert_eq!(put(1_000).send().await.status, 201);
    let refused = put(1_001).send().await;
    assert_eq!(
        (refused.problem(), refused.body["max"].as_u64()),
        ((413, "file-too-large"), Some(1_000))
    );
    let begins = "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n";
    let form = format!("{begins}{}\r\n--X--\r\n", "a".repeat(1_001));
    let form = world.post("/attachments").raw("multipart/form-data; boundary=X", form).send().await;
    assert_eq!(form.problem(), (413, "file-too-large"));
    nothing_is_open(&world).await;

    let deferred = tus(&world, Method::POST, "/api/v1/uploads").header("upload-defer-length", "1");
    let at = deferred.send().await.header("location").to_owned();
    assert_eq!(
        more(&world, &at, 0, in_pieces(1_001)).send().await.problem(),
        (413, "file-too-large")
    );
    assert_eq!(offset(&world, &at).await.header("upload-offset"), "1000");
    let longer = more(&world, &at, 1_000, "").header("upload-length", "1001").send().await;
    assert_eq!(longer.problem(), (413, "file-too-large"));
    let shorter = more(&world, &at, 1_000, "").header("upload-length", "999").send().await;
    assert_eq!(shorter.problem(), (409, "upload-offset"), "more than that has arrived");
    let whole = more(&world, &at, 1_000, "").header("upload-length", "1000").send().await;
    assert_eq!(reference(&whole)["bytes"], 1_000);
}

#[tokio::test]
async fn a_file_that_is_shorter_than_declared_comes_to_nothing_that_a_command_takes() {
    let world = World::new();
    let at = begin(&world, 10).await;
    let short = more(&world, &at, 0, "abcd").send().await;
    assert_eq!((short.status, short.header("upload-offset")), (204, "4"));
    assert_eq!(short.header("upload-attachment"), "");
    let put = world.put("/attachments").header("content-length", "10");
    let put = put.raw("application/octet-stream", "abcd").send().await;
    assert_eq!(put.problem(), (409, "upload-offset"));
}

#[tokio::test]
async fn numbers_that_are_none_are_refused_by_the_header_that_has_them() {
    let world = World::new();
    let at = begin(&world, 4).await;
    let too_long = u64::MAX.to_string();
    for nonsense in ["-1", "1e3", "0x4", "18446744073709551616", "4, 4"] {
        let length = tus(&world, Method::POST, "/api/v1/uploads").header("upload-length", nonsense);
        let length = length.send().await;
        let begins = tus(&world, Method::PATCH, &at).header("upload-offset", nonsense);
        let begins = begins.raw(OCTETS, "abcd").send().await;
        let put = world.put("/attachments").header("content-length", nonsense);
        let put = put.raw("application/octet-stream", "abcd").send().await;
        for (reply, name) in
            [(length, "Upload-Length"), (begins, "Upload-Offset"), (put, "Content-Length")]
        {
            assert_eq!(reply.problem(), (400, "bad-header"), "{name}: {nonsense}");
            assert!(reply.text("header").eq_ignore_ascii_case(name), "{}", reply.body);
        }
    }
    let length = tus(&world, Method::POST, "/api/v1/uploads").header("upload-length", &too_long);
    assert_eq!(length.send().await.problem(), (413, "file-too-large"));
    let begins = tus(&world, Method::PATCH, &at).header("upload-offset", &too_long);
    let begins = begins.raw(OCTETS, "abcd").send().await;
    assert_eq!(begins.problem(), (409, "upload-offset"));
    assert_eq!(offset(&world, &at).await.header("upload-offset"), "0");
}
