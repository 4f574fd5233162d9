//! The board as a browser gets it: its figures are the API's, and what changes is sent to it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::{Method, Request};
use futures_util::StreamExt;
use gateway::{Config, NoDispatcher};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::World;

const BUSY_MACHINE: Duration = Duration::from_secs(20);

async fn page(world: &World, language: &str) -> String {
    let page = world.request(Method::GET, "/").header("accept-language", language).send().await;
    assert_eq!(page.status, 200);
    page.body.as_str().expect("a page is no JSON").to_owned()
}

/// What stands between a mark and the next `<`.
fn after<'h>(html: &'h str, mark: &str) -> &'h str {
    let rest = html.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {html}")).1;
    let rest = rest.split_once('>').map_or(rest, |(_, rest)| rest);
    rest.split('<').next().unwrap_or_default()
}

fn counter(html: &str, name: &str) -> u64 {
    let figure = after(html, &format!("data-counter=\"{name}\""));
    figure.parse().unwrap_or_else(|_| panic!("{name} is {figure}"))
}

/// The section with an id.
fn section<'h>(html: &'h str, id: &str) -> &'h str {
    let mark = format!("<section id=\"{id}\"");
    let rest = html.split_once(&mark).unwrap_or_else(|| panic!("no {id} in {html}")).1;
    rest.split_once("</section>").map_or(rest, |(section, _)| section)
}

/// The tickets of a section in their order, with state and attention.
fn rows(html: &str) -> Vec<(String, String, String)> {
    let attribute = |row: &str, name: &str| {
        let rest = row.split_once(&format!("{name}=\"")).expect("an attribute").1;
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    html.split("<li ")
        .skip(1)
        .map(|row| {
            let of = |name| attribute(row, name);
            (of("data-ticket"), of("data-state"), of("data-attention"))
        })
        .collect()
}

/// The same of the API's answer.
fn expected(tickets: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tickets = tickets.as_array().expect("a list");
    tickets
        .iter()
        .map(|ticket| {
            let marks = ["red", "flashing", "overdue"];
            let marks: Vec<_> = marks.into_iter().filter(|mark| ticket[*mark] == true).collect();
            (text(&ticket["id"]), text(&ticket["state"]), marks.join(" "))
        })
        .collect()
}

/// A board that is open.
struct Board {
    body: BodyDataStream,
    read: String,
}

impl Board {
    async fn open(world: &World, query: &str) -> Self {
        let request = Request::builder().uri(format!("/board/stream?{query}"));
        let request = request.body(axum::body::Body::empty()).expect("a request");
        let response = world.router.clone().oneshot(request).await.expect("never fails");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), read: String::new() }
    }

    /// The next message that says something.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((message, rest)) = self.read.split_once("\n\n") {
                let message = message.to_owned();
                self.read = rest.to_owned();
                if message.contains("data: ") {
                    return Some(message);
                }
                continue;
            }
            let bytes = self.body.next().await?.expect("never fails");
            self.read.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    /// Reads until a message has a text.
    async fn until(&mut self, text: &str) -> String {
        let found = async {
            while let Some(message) = self.next().await {
                if message.contains(text) {
                    return message;
                }
            }
            panic!("the stream ended without {text}")
        };
        tokio::time::timeout(BUSY_MACHINE, found).await.unwrap_or_else(|_| panic!("no {text}"))
    }
}

#[tokio::test]
async fn every_figure_and_row_of_the_board_is_the_apis() {
    let world = World::new();
    let (_, engineer) = world.firm().await;
    let mut tickets = Vec::new();
    for _ in 0..4 {
        tickets.push(world.ticket().await);
    }
    let assign = json!({"engineer": engineer});
    world.done(&format!("/tickets/{}/assign", tickets[0]), assign.clone()).await;
    world.done(&format!("/tickets/{}/accept", tickets[0]), assign.clone()).await;
    world.done(&format!("/tickets/{}/assign", tickets[1]), assign.clone()).await;
    world.done(&format!("/tickets/{}/cancel", tickets[2]), json!({})).await;
    for hours in [0, 1, 2, 22] {
        world.pass(Duration::from_secs(hours * 3_600));
        world.settled().await;
        let html = page(&world, "en").await;
        let top = world.get("/backlog/top").send().await;
        assert_eq!(rows(section(&html, "top")), expected(&top.body["tickets"]), "after {hours} h");
        let list = world.get("/tickets?sort=due").send().await;
        let mut waiting = expected(&list.body["tickets"]);
        waiting.retain(|(_, state, _)| state != "working");
        assert_eq!(rows(section(&html, "queue")), waiting, "after {hours} h");
        let all = expected(&list.body["tickets"]);
        let marked = |mark| all.iter().filter(|(.., marks)| marks.contains(mark)).count() as u64;
        assert_eq!(counter(&html, "open"), all.len() as u64);
        for mark in ["red", "flashing", "overdue"] {
            assert_eq!(counter(&html, mark), marked(mark), "{mark}");
        }
    }
}

#[tokio::test]
async fn a_ticket_is_red_after_two_hours_and_flashes_after_a_day_in_both_languages() {
    let world = World::new();
    let id = world.ticket().await;
    world.settled().await;
    let marks = async || {
        let html = page(&world, "en").await;
        rows(section(&html, "top")).into_iter().find(|row| row.0 == id).map(|row| row.2)
    };
    let is = async |mark: &str| marks().await.is_some_and(|marks| marks.contains(mark));
    world.pass(Duration::from_secs(2 * 3_600 - 1));
    assert!(!is("red").await);
    world.pass(Duration::from_secs(1));
    assert!(is("red").await && !is("flashing").await);
    world.pass(Duration::from_secs(22 * 3_600));
    assert!(is("red").await && is("flashing").await);
    let (chinese, english) = (page(&world, "zh").await, page(&world, "en").await);
    assert!(chinese.contains("2 小时未接单") && chinese.contains("24 小时未完工"));
    assert!(english.contains("not accepted for 2 h") && english.contains("not completed for 24 h"));
}

#[tokio::test]
async fn an_open_board_is_sent_what_a_command_and_the_clock_change() {
    let world = World::new();
    world.firm().await;
    world.settled().await;
    let mut chinese = Board::open(&world, "lang=zh").await;
    let mut english = Board::open(&world, "lang=en").await;
    // Everything first, because nothing was seen.
    let all = chinese.until("id=\"counters\"").await;
    for id in ["clock", "top", "queue", "engineers", "satisfaction", "lifecycle"] {
        assert!(all.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let id = world.ticket().await;
    let row = format!("data-ticket=\"{id}\"");
    assert!(chinese.until(&row).await.contains("待派单"));
    assert!(english.until(&row).await.contains("waiting"));
    world.pass(Duration::from_secs(2 * 3_600));
    assert!(chinese.until("data-attention=\"red").await.contains("2 小时未接单"));
}

#[tokio::test]
async fn a_board_that_was_just_loaded_is_not_sent_what_it_shows() {
    let world = World::new();
    world.firm().await;
    world.settled().await;
    let html = page(&world, "zh").await;
    let address = html.split("/board/stream?").nth(1).and_then(|rest| rest.split('"').next());
    let query = address.expect("the address of the stream").replace("&#38;", "&");
    let mut board = Board::open(&world, &query).await;
    let id = world.ticket().await;
    let message = board.until(&format!("data-ticket=\"{id}\"")).await;
    assert!(message.contains("id=\"queue\"") && !message.contains("id=\"satisfaction\""));
    // A page of another release has to load itself again.
    let mut old = Board::open(&world, "lang=zh&release=other").await;
    assert_eq!(old.next().await.as_deref(), Some("event: board:reload\ndata: {}"));
}

#[tokio::test]
async fn a_board_that_does_not_read_gets_the_newest_state_when_it_does() {
    let world = World::new();
    world.settled().await;
    let mut slow = Board::open(&world, "lang=zh").await;
    let mut quick = Board::open(&world, "lang=zh").await;
    for count in 1..=5 {
        world.ticket().await;
        let open = format!("data-counter=\"open\">{count}<");
        quick.until(&open).await;
    }
    // What lay between is skipped: nothing was kept for it.
    let first = slow.until("data-counter=\"open\"").await;
    assert_eq!(counter(&first, "open"), 5);
}

#[tokio::test]
async fn names_that_look_like_html_are_shown_as_text() {
    let world = World::new();
    let name = "<img src=x onerror=alert(1)>\"'</section>";
    let outlet = world.put("/outlets/X").json(&json!({"name": name})).send().await;
    let report = json!({"sentence": "停了", "outlet": outlet.text("id")});
    assert_eq!(world.post("/tickets").json(&report).send().await.status, 201);
    world.settled().await;
    let html = page(&world, "zh").await;
    assert!(!html.contains("<img"), "{html}");
    assert!(section(&html, "queue").contains("&#60;img src=x"), "{html}");
}

#[tokio::test]
async fn boards_have_their_share_of_the_streams_and_end_with_the_server() {
    let config = Config { streams_max: 1, ..Config::default() };
    let world = World::with(config, Arc::new(NoDispatcher));
    let mut board = Board::open(&world, "lang=en").await;
    let second = world.request(Method::GET, "/board/stream?lang=en").send().await;
    assert_eq!(second.problem(), (503, "too-many-streams"));
    let bad = world.request(Method::GET, "/board/stream?lang=fr").send().await;
    assert_eq!(bad.status, 400);
    world.gateway.close();
    let ended = async { while board.next().await.is_some() {} };
    tokio::time::timeout(BUSY_MACHINE, ended).await.expect("it ends");
}
