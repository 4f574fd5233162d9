//! tus 1.0.0, as clients of it see it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Method;
use futures_util::{StreamExt, stream};
use gateway::{AttachmentConfig, Config, NoDispatcher};
use serde_json::{Value, json};

use super::{PNG, reference};
use crate::world::{Asking, Reply, World};

pub(super) const OCTETS: &str = "application/offset+octet-stream";

/// `filename 冲床.jpg`.
const METADATA: &str = "filename 5Yay5bqKLmpwZw==";

pub(super) fn tus<'a>(world: &'a World, method: Method, at: &str) -> Asking<'a> {
    world.request(method, at).header("tus-resumable", "1.0.0")
}

pub(super) async fn begin(world: &World, length: usize) -> String {
    let asked = tus(world, Method::POST, "/api/v1/uploads");
    let asked = asked.header("upload-length", &length.to_string());
    let begun = asked.header("upload-metadata", METADATA).send().await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    begun.header("location").to_owned()
}

pub(super) fn more<'a>(
    world: &'a World,
    at: &str,
    offset: usize,
    bytes: impl Into<Body>,
) -> Asking<'a> {
    let asked = tus(world, Method::PATCH, at).header("upload-offset", &offset.to_string());
    asked.raw(OCTETS, bytes)
}

pub(super) async fn offset(world: &World, at: &str) -> Reply {
    tus(world, Method::HEAD, at).send().await
}

#[tokio::test]
async fn an_upload_goes_on_where_it_was_and_ends_with_a_reference() {
    let world = World::new();
    let at = begin(&world, PNG.len()).await;
    let first = more(&world, &at, 0, &PNG[..20]).send().await;
    assert_eq!((first.status, first.header("upload-offset")), (204, "20"));
    assert_eq!(first.header("cache-control"), "no-store");
    assert_eq!(first.header("upload-expires"), "Tue, 03 Mar 2026 00:00:00 GMT");
    let there = offset(&world, &at).await;
    assert_eq!((there.status, there.header("upload-offset")), (200, "20"));
    assert_eq!(there.header("upload-length"), PNG.len().to_string());
    assert_eq!(there.header("upload-metadata"), METADATA);
    let last = more(&world, &at, 20, &PNG[20..]).send().await;
    assert_eq!((last.status, last.header("upload-offset")), (204, &*PNG.len().to_string()));
    let hash = blake3::hash(PNG).to_hex().to_string();
    let expected = json!({
        "hash": hash, "bytes": PNG.len(), "media_type": "image/png", "name": "冲床.jpg",
    });
    let reference = reference(&last);
    assert_eq!(reference["hash"], expected["hash"]);
    assert_eq!(reference["media_type"], expected["media_type"]);
    let look = world.request(Method::GET, &at).send().await;
    assert_eq!((look.status, &look.body["attachment"]), (200, &reference));
    assert_eq!(look.body["expires_at"], Value::Null);
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart() {
    let world = World::new();
    let at = begin(&world, PNG.len()).await;
    more(&world, &at, 0, &PNG[..33]).send().await;
    let world = world.restarted();
    assert_eq!(offset(&world, &at).await.header("upload-offset"), "33");
    let last = more(&world, &at, 33, &PNG[33..]).send().await;
    assert_eq!(reference(&last)["bytes"], PNG.len());
    let world = world.restarted();
    let there = offset(&world, &at).await;
    assert_eq!(reference(&there), reference(&last), "also for one whose answer was lost");
}

#[tokio::test]
async fn a_request_whose_answer_was_lost_can_be_repeated() {
    let world = World::new();
    let at = begin(&world, PNG.len()).await;
    let first = more(&world, &at, 0, PNG).send().await;
    let none = more(&world, &at, PNG.len(), "").send().await;
    assert_eq!((none.status, reference(&none)), (204, reference(&first)));
    let again = more(&world, &at, 0, PNG).send().await;
    assert_eq!(again.problem(), (409, "upload-offset"));
    assert_eq!(again.body["offset"], PNG.len());
}

#[tokio::test]
async fn bytes_that_begin_elsewhere_are_refused_and_told_where_to_go_on() {
    let world = World::new();
    let at = begin(&world, 10).await;
    more(&world, &at, 0, "abcd").send().await;
    let wrong = more(&world, &at, 3, "defg").send().await;
    assert_eq!(wrong.problem(), (409, "upload-offset"));
    assert_eq!(wrong.body["offset"], 4);
    assert_eq!(wrong.header("tus-resumable"), "1.0.0");
}

#[tokio::test]
async fn bytes_with_a_wrong_checksum_do_not_count() {
    let world = World::new();
    let at = begin(&world, 4).await;
    // Both of `abcd`.
    let right = "sha1 gf6L/odXbD7LIkJvjleEc4KRes8=";
    let wrong = "sha256 iNQmb9TmM40TuEX88olXnSCciXgjuSF9o+Fhk28DFYk=";
    for (checksum, bytes) in [(right, "abce"), (wrong, "abce")] {
        let refused = more(&world, &at, 0, bytes).header("upload-checksum", checksum).send().await;
        assert_eq!(refused.problem(), (460, "checksum-mismatch"), "{checksum}");
        assert_eq!(offset(&world, &at).await.header("upload-offset"), "0");
    }
    let unknown = more(&world, &at, 0, "abcd").header("upload-checksum", "md5 4vxxTEcn7pOV").send();
    assert_eq!(unknown.await.problem(), (400, "bad-header"));
    let taken = more(&world, &at, 0, "abcd").header("upload-checksum", right).send().await;
    assert_eq!(taken.status, 204, "{}", taken.body);
}

#[tokio::test]
async fn a_length_that_lies_is_found_out() {
    let world = World::new();
    let at = begin(&world, 4).await;
    let longer = more(&world, &at, 0, "abcdef").send().await;
    assert_eq!(longer.problem(), (413, "file-too-large"));
    let huge = tus(&world, Method::POST, "/api/v1/uploads");
    let huge = huge.header("upload-length", &(1_u64 << 40).to_string()).send().await;
    assert_eq!(huge.problem(), (413, "file-too-large"));
    for nonsense in ["-1", "+4", "4.0", ""] {
        let asked = tus(&world, Method::POST, "/api/v1/uploads").header("upload-length", nonsense);
        assert_eq!(asked.send().await.problem(), (400, "bad-header"), "{nonsense}");
    }
}

#[tokio::test]
async fn a_length_can_be_said_with_the_last_bytes() {
    let world = World::new();
    let asked = tus(&world, Method::POST, "/api/v1/uploads").header("upload-defer-length", "1");
    let begun = asked.raw(OCTETS, "ab").send().await;
    assert_eq!((begun.status, begun.header("upload-offset")), (201, "2"));
    let at = begun.header("location").to_owned();
    assert_eq!(offset(&world, &at).await.header("upload-defer-length"), "1");
    let last = more(&world, &at, 2, "cd").header("upload-length", "4").send().await;
    assert_eq!(reference(&last)["hash"], blake3::hash(b"abcd").to_hex().as_str());
}

#[tokio::test]
async fn a_file_can_come_whole_with_its_beginning_and_an_empty_one_has_no_other_way() {
    let world = World::new();
    let post = || tus(&world, Method::POST, "/api/v1/uploads");
    let whole = post().header("upload-length", "4").raw(OCTETS, "abcd").send().await;
    assert_eq!((whole.status, whole.header("upload-offset")), (201, "4"));
    assert_eq!(reference(&whole)["bytes"], 4);
    let empty = post().header("upload-length", "0").send().await;
    assert_eq!((empty.status, &reference(&empty)["bytes"]), (201, &json!(0)));
    let other = post().header("upload-length", "4").raw("text/plain", "abcd").send().await;
    assert_eq!(other.problem(), (415, "not-upload"));
}

#[tokio::test]
async fn another_version_of_tus_and_another_media_type_are_refused() {
    let world = World::new();
    let at = begin(&world, 4).await;
    let old = world.request(Method::HEAD, &at).header("tus-resumable", "0.2.2").send().await;
    assert_eq!((old.status, old.header("tus-version")), (412, "1.0.0"));
    let none = world.request(Method::DELETE, &at).send().await;
    assert_eq!(none.problem(), (412, "tus-version"));
    let plain = tus(&world, Method::PATCH, &at).header("upload-offset", "0");
    assert_eq!(plain.raw("text/plain", "abcd").send().await.problem(), (415, "not-upload"));
    let options = world.request(Method::OPTIONS, "/api/v1/uploads").send().await;
    assert_eq!((options.status, options.header("tus-version")), (204, "1.0.0"));
    assert_eq!(options.header("tus-max-size"), (2_u64 << 30).to_string());
    assert_eq!(options.header("tus-checksum-algorithm"), "sha256,sha1");
}

#[tokio::test]
async fn an_upload_can_be_given_up_and_ends_with_its_time() {
    let world = World::new();
    let at = begin(&world, 4).await;
    assert_eq!(tus(&world, Method::DELETE, &at).send().await.status, 204);
    assert_eq!(more(&world, &at, 0, "abcd").send().await.problem(), (404, "upload-not-found"));
    let at = begin(&world, 4).await;
    world.pass(Duration::from_secs(24 * 3_600));
    assert_eq!(more(&world, &at, 0, "abcd").send().await.problem(), (410, "upload-gone"));
}

#[tokio::test]
async fn a_client_that_can_only_post_says_which_method_it_means() {
    let world = World::new();
    let at = begin(&world, 4).await;
    let post =
        |method: &str| tus(&world, Method::POST, &at).header("x-http-method-override", method);
    let part = post("PATCH").header("upload-offset", "0").raw(OCTETS, "ab").send().await;
    assert_eq!((part.status, part.header("upload-offset")), (204, "2"), "{}", part.body);
    let there = post("HEAD").send().await;
    assert_eq!((there.status, there.header("upload-offset")), (200, "2"));
    for unknown in ["PUT", "patch", ""] {
        let refused = post(unknown).send().await;
        assert_eq!(refused.problem(), (400, "bad-header"), "{unknown}");
        assert_eq!(refused.text("header"), "x-http-method-override");
    }
    let plain = tus(&world, Method::POST, &at).send().await;
    assert_eq!(plain.problem(), (400, "bad-header"));
    let of_no_version = world.request(Method::POST, &at).header("x-http-method-override", "HEAD");
    assert_eq!(of_no_version.send().await.problem(), (412, "tus-version"));
    assert_eq!(post("DELETE").send().await.status, 204);
    assert_eq!(post("HEAD").send().await.problem(), (404, "upload-not-found"));
}

#[tokio::test]
async fn an_upload_that_nobody_finished_goes_by_itself_and_makes_room() {
    let world = World::new();
    begin(&world, 4).await;
    let uploads = world.attachments().uploads.clone();
    assert_eq!(uploads.open_count(), 1);
    let expiring = tokio::spawn(gateway::expire_uploads(world.gateway.clone()));
    // The task may not have looked at the clock yet, so time passes until it has.
    let gone = async {
        while uploads.open_count() > 0 {
            world.pass(Duration::from_secs(24 * 3_600));
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("gone");
    world.gateway.close();
    expiring.await.expect("it ends");
}

#[tokio::test]
async fn a_client_has_so_many_unfinished_uploads_and_others_are_not_concerned() {
    let world = World::new();
    for _ in 0..20 {
        begin(&world, 4).await;
    }
    let asked = || tus(&world, Method::POST, "/api/v1/uploads").header("upload-length", "4");
    let refused = asked().send().await;
    assert_eq!(refused.problem(), (429, "too-many-uploads"));
    assert_eq!(asked().header("paidan-client", "other").send().await.status, 201);
}

#[tokio::test]
async fn a_line_that_says_nothing_is_given_up_and_what_came_counts() {
    let silent_at_most = Duration::from_millis(50);
    let attachments = AttachmentConfig { silent_at_most, ..AttachmentConfig::default() };
    let config = Config { attachments, ..Config::default() };
    let world = World::with(config, Arc::new(NoDispatcher));
    let at = begin(&world, 10).await;
    let some = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"abcd")) });
    let silent = Body::from_stream(some.chain(stream::pending()));
    let ended = more(&world, &at, 0, silent).send().await;
    assert_eq!(ended.problem(), (408, "body-not-received"));
    assert_eq!(offset(&world, &at).await.header("upload-offset"), "4");
}

#[tokio::test]
async fn lines_that_bring_slowly_leave_room_for_everything_else() {
    let attachments = AttachmentConfig { arriving_max: 1, ..AttachmentConfig::default() };
    let world = World::with(Config { attachments, ..Config::default() }, Arc::new(NoDispatcher));
    let (at, other) = (begin(&world, 4).await, begin(&world, 4).await);
    let (bring, slow) = tokio::sync::mpsc::channel(1);
    let slow = stream::unfold(slow, async |mut slow| Some((slow.recv().await?, slow)));
    let slow = more(&world, &at, 0, Body::from_stream(slow.map(Ok::<Bytes, Infallible>))).send();
    let meanwhile = async {
        // The first bytes are taken once the line has its place.
        let bytes = Bytes::from_static(b"a");
        for _ in 0..2 {
            bring.send(bytes.clone()).await.expect("the line is open");
        }
        bring.reserve().await.expect("both were taken");
        let refused = more(&world, &other, 0, "abcd").send().await;
        assert_eq!(refused.problem(), (503, "busy"));
        assert_eq!(refused.header("retry-after"), "1");
        let put = world.put("/attachments").raw("application/octet-stream", "abcd");
        assert_eq!(put.send().await.problem(), (503, "busy"));
        assert_eq!(offset(&world, &other).await.header("upload-offset"), "0");
        world.ticket().await;
        for _ in 0..2 {
            bring.send(bytes.clone()).await.expect("the line is open");
        }
        drop(bring);
    };
    let (slow, ()) = tokio::join!(slow, meanwhile);
    assert_eq!(slow.status, 204, "{}", slow.body);
    assert_eq!(more(&world, &other, 0, "abcd").send().await.status, 204);
}

#[tokio::test]
async fn ids_of_others_shapes_are_told_from_uploads_that_are_not_there() {
    let world = World::new();
    let none = format!("/api/v1/uploads/up_{}", "0".repeat(32));
    assert_eq!(world.request(Method::GET, &none).send().await.problem(), (404, "upload-not-found"));
    let path = "/api/v1/uploads/..%2F..%2Fetc%2Fpasswd";
    assert_eq!(world.request(Method::GET, path).send().await.problem(), (400, "bad-path"));
}
