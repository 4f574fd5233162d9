//! Files in one request: a single `PUT`, and forms.

use serde_json::json;

use super::PNG;
use crate::world::World;

#[tokio::test]
async fn a_file_in_one_piece_is_answered_with_its_reference() {
    let world = World::new();
    let reference = world.file("冲床.png", PNG).await;
    let hash = blake3::hash(PNG).to_hex().to_string();
    let expected = json!({
        "hash": hash, "bytes": PNG.len(), "media_type": "image/png", "name": "冲床.png",
    });
    assert_eq!(reference, expected);
    assert_eq!(world.file("冲床.png", PNG).await, expected, "the same bytes again");
    let named = world.put("/attachments?name=b.png").raw("image/png", PNG).send().await;
    assert_eq!((named.status, named.text("name")), (201, "b.png".to_owned()));
    assert_eq!(named.header("location"), format!("/api/v1/attachments/{hash}"));
}

#[tokio::test]
async fn hostile_names_become_harmless_ones() {
    let world = World::new();
    for (hostile, safe) in [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\windows\\win.png", "win.png"),
        ("a\u{202e}gnp.exe", "agnp.exe"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie_ x.png"),
        ("", "attachment.png"),
    ] {
        let reference = world.file(hostile, PNG).await;
        let name = reference["name"].as_str().expect("a name");
        assert!(!name.contains(['/', '\\', '\r', '\n', '\u{202e}', '\0']), "{hostile:?}: {name:?}");
        assert!(!name.is_empty() && !name.starts_with('.'), "{hostile:?}: {name:?}, as {safe}");
    }
}

const FORM: &str = "--X\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n\
                    --X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"冲床.txt\"\r\n\
                    Content-Type: image/png\r\n\r\nno image\r\n\
                    --X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"b.txt\"\r\n\r\n\
                    second\r\n--X--\r\n";

#[tokio::test]
async fn a_form_brings_several_files_and_what_they_say_of_their_type_is_not_believed() {
    let world = World::new();
    let sent = world.post("/attachments").raw("multipart/form-data; boundary=X", FORM).send().await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let files = sent.body["attachments"].as_array().expect("files");
    let names: Vec<_> = files.iter().map(|file| file["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["冲床.txt", "b.txt"]);
    assert_eq!(files[0]["media_type"], "text/plain");
    assert_eq!(files[1]["hash"], blake3::hash(b"second").to_hex().as_str());
}

#[tokio::test]
async fn a_form_that_breaks_off_or_is_none_is_refused() {
    let world = World::new();
    for cut in [40, 120, 190, FORM.len() - 12] {
        let part = FORM.as_bytes()[..cut].to_vec();
        let sent = world.post("/attachments").raw("multipart/form-data; boundary=X", part);
        assert_eq!(sent.send().await.problem(), (408, "body-not-received"), "cut at {cut}");
    }
    let json = world.post("/attachments").json(&json!({})).send().await;
    assert_eq!(json.problem(), (415, "not-upload"));
}

#[tokio::test]
async fn a_file_that_is_longer_or_shorter_than_it_says_is_refused() {
    let world = World::new();
    for length in ["3", "5"] {
        let put = world.put("/attachments").header("content-length", length);
        let put = put.raw("application/octet-stream", "abcd").send().await;
        assert!(matches!(put.status, 409 | 413), "{length}: {}", put.body);
    }
    let uploads = world.request(axum::http::Method::GET, "/metrics").send().await;
    assert_eq!(uploads.status, 200);
}
