//! Any bytes, cut anywhere, with restarts in between, arrive with the same hash.

mod support;

use attachments::uploads::{Algorithm, Checksum, Error, Limits, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use sha2::Digest;
use support::{at, body, broken, hash, limits, new_upload, open, read};

/// One request of a client that goes on where the server says.
#[derive(Debug, Clone)]
struct Request {
    bytes: usize,
    checksum: bool,
    breaks: bool,
    restart_after: bool,
}

fn requests() -> impl Strategy<Value = Vec<Request>> {
    let request = (1_usize..40_000, any::<bool>(), any::<bool>(), any::<bool>());
    vec(request, 1..12).prop_map(|all| {
        let request = |(bytes, checksum, breaks, restart_after)| Request {
            bytes,
            checksum,
            breaks,
            restart_after,
        };
        all.into_iter().map(request).collect()
    })
}

async fn upload(bytes: &[u8], requests: &[Request], declared: bool) {
    let dir = tempfile::tempdir().expect("a directory");
    // Few hashers and frequent syncs, so that both ways are gone.
    let limits = Limits { hashers_max: 1, sync_bytes: 7_000, ..limits() };
    let (_, mut uploads) = open(dir.path(), limits).await;
    let length = bytes.len() as u64;
    let id = uploads.create(new_upload(declared.then_some(length))).await.expect("begun");
    let rest = Request { bytes: usize::MAX, checksum: false, breaks: false, restart_after: true };
    for request in requests.iter().chain([&rest]) {
        let Status::Open { offset, .. } = uploads.status(id).await.expect("known") else {
            panic!("nobody finished it")
        };
        let from = offset as usize;
        let piece = &bytes[from..from.saturating_add(request.bytes).min(bytes.len())];
        let checksum = request.checksum.then(|| Checksum {
            algorithm: Algorithm::Sha256,
            digest: sha2::Sha256::digest(piece).to_vec(),
        });
        if request.breaks {
            let checked = checksum.is_some();
            let half = &piece[..piece.len() / 2];
            let error = uploads.append(id, offset, checksum, broken(half)).await;
            let Err(Error::LineBroke { offset: now, .. }) = error else { panic!("{error:?}") };
            assert_eq!(now, if checked { offset } else { offset + half.len() as u64 });
        } else {
            uploads.append(id, offset, checksum, body(piece)).await.expect("added");
        }
        if request.restart_after {
            drop(uploads);
            uploads = open(dir.path(), limits).await.1;
        }
    }
    if !declared {
        uploads.declare_length(id, length).await.expect("as many as there are");
    }
    let stored = uploads.finish(id, at(1)).await.expect("stored");
    assert_eq!(stored.attachment.hash, hash(bytes));
    let (store, _) = open(dir.path(), limits).await;
    assert!(read(&store, hash(bytes)).await == bytes);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn bytes_that_were_cut_anywhere_arrive_with_their_hash(
        bytes in vec(any::<u8>(), 0..120_000),
        requests in requests(),
        declared in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(upload(&bytes, &requests, declared));
    }
}
