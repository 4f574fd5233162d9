//! clamd, by a small stand-in that speaks its protocol and knows one virus.

mod support;

use std::time::Duration;

use attachments::scan::{Address, Clamd, Options, Scanner, Verdict};
use attachments::store;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};

/// The test file of the anti-virus industry, in two halves so that no scanner takes this file.
const EICAR: [&[u8]; 2] =
    [br"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!$H+H*"];

/// How the stand-in behaves.
#[derive(Debug, Clone, Copy)]
enum Does {
    Scan,
    /// Refuses what has more bytes, as clamd does: in the midst of it, and hangs up.
    Limit(usize),
    HangUp,
    NeverAnswer,
    Babble,
}

async fn serve(mut line: impl AsyncRead + AsyncWrite + Unpin, does: Does) -> Option<()> {
    let mut command = [0; 10];
    line.read_exact(&mut command).await.ok()?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut all = Vec::new();
    loop {
        let mut length = [0; 4];
        line.read_exact(&mut length).await.ok()?;
        let length = u32::from_be_bytes(length) as usize;
        match does {
            Does::HangUp => return None,
            Does::NeverAnswer if length == 0 => std::future::pending().await,
            Does::Limit(most) if all.len() + length > most => {
                line.write_all(b"INSTREAM size limit exceeded. ERROR\0").await.ok()?;
                return None;
            }
            _ => {}
        }
        if length == 0 {
            break;
        }
        let start = all.len();
        all.resize(start + length, 0);
        line.read_exact(&mut all[start..]).await.ok()?;
    }
    let eicar = EICAR.concat();
    let reply = match does {
        Does::Babble => vec![b'x'; 1_000_000],
        _ if all.windows(eicar.len()).any(|here| here == eicar) => {
            b"stream: Win.Test.EICAR_HDB-1 FOUND\0".to_vec()
        }
        _ => b"stream: OK\0".to_vec(),
    };
    line.write_all(&reply).await.ok()
}

async fn tcp(does: Does) -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("has one").to_string();
    tokio::spawn(async move {
        while let Ok((line, _)) = listener.accept().await {
            tokio::spawn(serve(line, does));
        }
    });
    Address::Tcp(address)
}

async fn scan(address: Address, bytes: &[u8]) -> Verdict {
    let options = Options {
        silent_at_most: Duration::from_millis(500),
        answer_within: Duration::from_secs(20),
        ..Options::new(address)
    };
    let chunks: Vec<_> =
        bytes.chunks(70_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    Clamd::new(options).scan(stream::iter(chunks).boxed()).await
}

#[tokio::test]
async fn eicar_is_found_wherever_it_is_cut_and_other_bytes_are_clean() {
    let address = tcp(Does::Scan).await;
    assert_eq!(scan(address.clone(), b"").await, Verdict::Clean);
    assert_eq!(scan(address.clone(), &support::content(1_000_000, 1)).await, Verdict::Clean);
    let infected = Verdict::Infected { signature: "Win.Test.EICAR_HDB-1".into() };
    assert_eq!(scan(address.clone(), &EICAR.concat()).await, infected);
    let hidden = [support::content(69_990, 2), EICAR.concat()].concat();
    assert_eq!(scan(address, &hidden).await, infected);
}

#[tokio::test]
async fn a_socket_in_the_file_system_is_asked_in_the_same_way() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("clamd.sock");
    let listener = UnixListener::bind(&path).expect("a socket");
    tokio::spawn(async move {
        while let Ok((line, _)) = listener.accept().await {
            tokio::spawn(serve(line, Does::Scan));
        }
    });
    assert_eq!(scan(Address::Unix(path), b"harmless").await, Verdict::Clean);
}

async fn why_not(address: Address, bytes: &[u8]) -> String {
    match scan(address, bytes).await {
        Verdict::Unavailable { why } => why,
        verdict => panic!("{verdict:?}"),
    }
}

#[tokio::test]
async fn whatever_goes_wrong_is_unavailable_and_never_clean() {
    let why = why_not(tcp(Does::Limit(100_000)).await, &support::content(30_000_000, 3)).await;
    // The reset of the line may overtake the word on why.
    assert!(why.contains("size limit exceeded") || why.contains("no line"), "{why}");
    let why = why_not(tcp(Does::HangUp).await, b"bytes").await;
    assert!(why.contains("nothing") || why.contains("no line"), "{why}");
    let why = why_not(tcp(Does::NeverAnswer).await, b"bytes").await;
    assert!(why.contains("too long"), "{why}");
    let why = why_not(tcp(Does::Babble).await, b"bytes").await;
    assert!(why.len() < 400, "{why}");
    let why = why_not(Address::Unix("/nowhere/clamd.sock".into()), b"bytes").await;
    assert!(why.contains("no line"), "{why}");
    let broken = Err(store::Error::NotThere { hash: support::hash(b"") });
    let Address::Tcp(address) = tcp(Does::Scan).await else { unreachable!("it is one") };
    let clamd = Clamd::new(Options::new(Address::Tcp(address)));
    let verdict = clamd.scan(stream::iter([broken]).boxed()).await;
    assert!(matches!(verdict, Verdict::Unavailable { .. }), "{verdict:?}");
}
