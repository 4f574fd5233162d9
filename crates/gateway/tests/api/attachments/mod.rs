//! Attachments: in over lines that break, named by commands, out to whoever may see them.

mod commands;
mod gallery;
mod half_open;
mod hostile;
mod no_room;
mod one_piece;
mod reads;
mod scanner;
mod served;
mod thumbnails;
mod uploads;

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Asking, Reply, World};

/// The smallest PNG: one pixel.
pub(crate) const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0xfc, 0xcf, 0xc0, 0xf0, 0x1f, 0, 5, 5, 2, 0, 0x62, 0x6a, 0x1f, 0xd1, 0, 0, 0,
    0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

impl World {
    /// Uploads a file in one piece; answers the reference that commands take.
    pub(crate) async fn file(&self, name: &str, bytes: impl Into<Vec<u8>>) -> Value {
        let disposition = format!("attachment; filename*=UTF-8''{}", percent(name));
        let put = self.put("/attachments").header("content-disposition", &disposition);
        let put = put.raw("application/octet-stream", bytes.into()).send().await;
        assert_eq!(put.status, 201, "{}", put.body);
        put.body
    }

    /// A ticket that names this file, once the read models know of it; both ids.
    pub(crate) async fn ticket_with(&self, name: &str, bytes: impl Into<Vec<u8>>) -> Pair {
        let reference = self.file(name, bytes).await;
        let hash = reference["hash"].as_str().expect("a hash").to_owned();
        let report = json!({"attachments": [reference]});
        let sent = self.post("/tickets").json(&report).send().await;
        assert_eq!(sent.status, 201, "{}", sent.body);
        self.settled().await;
        Pair { ticket: sent.text("id"), hash }
    }

    pub(crate) fn content(&self, hash: &str) -> Asking<'_> {
        self.request(Method::GET, &format!("/attachments/{hash}/content"))
    }

    /// The events of the log whose type is this.
    pub(crate) async fn events(&self, name: &str) -> Vec<Value> {
        let page = self.get("/events?after=0&limit=1000").send().await;
        let events = page.body["events"].as_array().expect("events").clone();
        events.into_iter().filter(|event| event["type"] == name).collect()
    }
}

/// A ticket and what it names.
pub(crate) struct Pair {
    pub(crate) ticket: String,
    pub(crate) hash: String,
}

fn percent(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The reference in the answer to the last bytes of an upload.
fn reference(reply: &Reply) -> Value {
    serde_json::from_str(reply.header("upload-attachment")).expect("a reference")
}
