//! A demo that is played to a fixed simulated moment, and what its log says of it.

use std::path::PathBuf;

use domain::Timestamp;
use paidan::config::{Config, Flags};
use paidan::demo::{Demo, Pace, Simulated, Tally};
use serde_json::Value;
use tempfile::TempDir;

use crate::client::Client;

/// A demo that was played, and still serves.
pub(crate) struct Played {
    demo: Option<Demo>,
    runtime: tokio::runtime::Runtime,
    data: TempDir,
}

impl Played {
    /// Plays a seed until a moment, as fast as it goes.
    pub(crate) fn until(seed: u64, moment: Timestamp) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let flags = Flags {
            data: Some(data.path().join("demo")),
            listen: Some("127.0.0.1:0".into()),
            ..Flags::default()
        };
        let config = Config::resolve(flags, []).expect("a configuration");
        let demo = runtime.block_on(async {
            let simulated = Simulated { seed, speed: 60 };
            let mut demo = Demo::start(config, simulated).await.expect("it starts");
            demo.enter_firm().await.expect("the firm is entered");
            demo.play(Some(moment), Pace::Unpaced).await.expect("it plays");
            demo
        });
        Self { demo: Some(demo), runtime, data }
    }

    fn demo(&self) -> &Demo {
        self.demo.as_ref().expect("it runs")
    }

    /// A client of it.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.demo().address())
    }

    /// What its people were answered.
    pub(crate) fn tally(&self) -> &Tally {
        self.demo().tally()
    }

    /// How many cases and plans its people remember.
    pub(crate) fn remembered(&self) -> (usize, usize) {
        self.demo().remembered()
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.data.path().join("demo")
    }

    /// All events of its log.
    pub(crate) fn events(&self) -> Vec<Value> {
        let client = self.client();
        let (mut events, mut after) = (Vec::new(), "0".to_owned());
        loop {
            let page = client.get(&format!("/api/v1/events?after={after}&limit=1000")).expect(200);
            events.extend_from_slice(page.body["events"].as_array().expect("events"));
            if page.body["more"] == false {
                return events;
            }
            after = page.text("/next").to_owned();
        }
    }

    /// The story of its log: who, what, when and in which order, a line for each event. Ids of
    /// tickets and events are made anew in every run, so they are named by when they appeared.
    pub(crate) fn story(&self) -> Vec<String> {
        let mut names = Names::default();
        let mut line = |mut event: Value| {
            let fields = event.as_object_mut().expect("an event is an object");
            fields.remove("id");
            names.replace(&event.to_string())
        };
        // The first event is the log's own, with its identity.
        self.events().into_iter().skip(1).map(&mut line).collect()
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        if let Some(demo) = self.demo.take()
            && !std::thread::panicking()
        {
            self.runtime.block_on(demo.stop()).expect("it stops cleanly");
        }
    }
}

/// Names for ids, in the order in which they appear.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn replace(&mut self, text: &str) -> String {
        const LEN: usize = "tk_".len() + 26;
        let mut named = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("tk_") {
            let (before, from) = rest.split_at(start);
            let (id, after) = from.split_at(LEN);
            let index = match self.0.iter().position(|known| known == id) {
                Some(index) => index,
                None => {
                    self.0.push(id.to_owned());
                    self.0.len() - 1
                }
            };
            named.push_str(&format!("{before}ticket-{index}"));
            rest = after;
        }
        named.push_str(rest);
        named
    }
}
