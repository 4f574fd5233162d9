//! Nothing is shown before the scanner has looked at it, and nothing vanishes while it is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use attachments::scan::{Address, Clamd, Options, Scanner, ToScan, Verdict};
use axum::http::Method;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{PNG, Pair};
use crate::world::World;

/// What every scanner finds, and nobody is harmed by.
const EICAR: &str = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/// A stand-in for clamd that knows one virus; answers where it listens.
async fn clamd() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let mut command = [0; 10];
            line.read_exact(&mut command).await.expect("a command");
            assert_eq!(&command, b"zINSTREAM\0");
            let mut all = Vec::new();
            loop {
                let length = line.read_u32().await.expect("a length");
                if length == 0 {
                    break;
                }
                let mut chunk = vec![0; usize::try_from(length).expect("a small one")];
                line.read_exact(&mut chunk).await.expect("a chunk");
                all.extend(chunk);
            }
            let infected = all.windows(5).any(|part| part == b"EICAR");
            let said = if infected { "Eicar-Test-Signature FOUND" } else { "OK" };
            line.write_all(format!("stream: {said}\0").as_bytes()).await.expect("said");
        }
    });
    address
}

/// A scanner that is down until it is switched on.
struct Switched(AtomicBool);

impl Scanner for Switched {
    fn scan<'a>(&'a self, mut bytes: ToScan<'a>) -> BoxFuture<'a, Verdict> {
        async move {
            if !self.0.load(Ordering::SeqCst) {
                return Verdict::Unavailable { why: "it is switched off".into() };
            }
            while bytes.next().await.is_some() {}
            Verdict::Clean
        }
        .boxed()
    }
}

/// Waits until the log has so many events of a type.
async fn until(world: &World, name: &str, count: usize) {
    let mut log = world.log_watch();
    let there = async {
        loop {
            log.borrow_and_update();
            if world.events(name).await.len() >= count {
                return;
            }
            log.changed().await.expect("the log lives");
        }
    };
    tokio::time::timeout(Duration::from_secs(10), there).await.expect("it is recorded");
}

#[tokio::test]
async fn what_is_clean_is_released_and_what_is_infected_stays_in_quarantine() {
    let options = Options::new(Address::Tcp(clamd().await));
    let world = World::scanned(Arc::new(Clamd::new(options)));
    let photo = world.ticket_with("a.png", PNG).await;
    let virus = world.ticket_with("b.com", EICAR).await;
    let waiting = world.content(&photo.hash).send().await;
    assert_eq!(waiting.problem(), (403, "attachment-quarantined"));
    assert!(waiting.text("detail").contains("not scanned yet"));
    let scanning = tokio::spawn(gateway::scan_attachments(world.gateway.clone()));
    until(&world, "AttachmentReleased", 1).await;
    until(&world, "AttachmentQuarantined", 3).await;
    world.settled().await;
    assert_eq!(world.content(&photo.hash).send().await.status, 200);
    let held = world.content(&virus.hash).send().await;
    assert_eq!(held.problem(), (403, "attachment-quarantined"));
    assert!(held.text("detail").contains("found: Eicar-Test-Signature"), "{}", held.body);
    // The same bytes in another ticket are what they were found to be.
    let again = world.ticket_with("c.com", EICAR).await;
    assert_eq!(world.content(&again.hash).send().await.problem().0, 403);
    world.ticket_with("d.png", PNG).await;
    assert_eq!(world.content(&photo.hash).send().await.status, 200);
    world.gateway.close();
    scanning.await.expect("it ends");
}

#[tokio::test]
async fn while_the_scanner_is_down_nothing_passes_and_nothing_vanishes() {
    let scanner = Arc::new(Switched(AtomicBool::new(false)));
    let world = World::scanned(scanner.clone());
    let Pair { ticket, hash } = world.ticket_with("a.png", PNG).await;
    let scanning = tokio::spawn(gateway::scan_attachments(world.gateway.clone()));
    for _ in 0..20 {
        world.pass(Duration::from_secs(600));
        tokio::task::yield_now().await;
        assert_eq!(world.content(&hash).send().await.problem(), (403, "attachment-quarantined"));
    }
    let told = world.get(&format!("/tickets/{ticket}/attachments")).send().await;
    assert_eq!(told.body["attachments"][0]["state"], json!("quarantined"));
    scanner.0.store(true, Ordering::SeqCst);
    let released = async {
        while world.events("AttachmentReleased").await.is_empty() {
            world.pass(Duration::from_secs(600));
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), released).await.expect("it is released");
    world.settled().await;
    assert_eq!(world.content(&hash).send().await.status, 200);
    world.gateway.close();
    scanning.await.expect("it ends");
}

#[tokio::test]
async fn a_page_hears_that_a_file_of_its_ticket_was_released() {
    let scanner = Arc::new(Switched(AtomicBool::new(true)));
    let world = World::scanned(scanner);
    let Pair { ticket, .. } = world.ticket_with("a.png", PNG).await;
    let page = world.request(Method::GET, &format!("/tickets/{ticket}")).send().await;
    let html = page.body.as_str().expect("a page");
    assert!(html.contains("data-shown=\"quarantined\""), "{html}");
    let (_, news) = html.split_once("data-news=\"").expect("news");
    let news = news.split_once('"').expect("an end").0.replace("&amp;", "&");
    let scanning = tokio::spawn(gateway::scan_attachments(world.gateway.clone()));
    let heard = world.request(Method::GET, &news).send();
    let heard = tokio::time::timeout(Duration::from_secs(10), heard).await.expect("it is heard");
    assert_eq!(heard.body, json!("event: version\ndata: 1\n\n"));
    world.gateway.close();
    scanning.await.expect("it ends");
}
