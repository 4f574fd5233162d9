//! HTTP as a client of the gateway sends it.

use std::time::Duration;

use serde_json::Value;

/// No answer takes longer, however busy the machine is.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// HTTP's status.
    pub(crate) status: u16,
    /// The body; `Null` where it is not JSON.
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) text: String,
    /// The media type.
    pub(crate) media_type: String,
}

impl Answer {
    /// The answer, which must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:#}", self.body);
        self
    }

    /// A text of the body.
    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no text at {pointer} in {:#}", self.body))
    }

    /// A number of the body.
    #[track_caller]
    pub(crate) fn number(&self, pointer: &str) -> u64 {
        self.body
            .pointer(pointer)
            .and_then(Value::as_u64)
            .unwrap_or_else(|| panic!("no number at {pointer} in {:#}", self.body))
    }
}

/// A client; each clone keeps connections of its own.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    base: String,
    agent: ureq::Agent,
    actor: Option<String>,
}

impl Client {
    /// A client of the gateway at this address.
    pub(crate) fn new(address: impl std::fmt::Display) -> Self {
        Self { base: format!("http://{address}"), agent: agent(), actor: None }
    }

    /// A client with a connection of its own.
    pub(crate) fn another(&self) -> Self {
        Self { agent: agent(), ..self.clone() }
    }

    /// A client that says who it is.
    pub(crate) fn acting_as(&self, actor: impl Into<String>) -> Self {
        Self { actor: Some(actor.into()), ..self.clone() }
    }

    /// Sends a request; `Err` when no answer came.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(actor) = &self.actor {
            request = request.header("Paidan-Actor", actor);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => {
                if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                    request = request.header("Content-Type", "application/json");
                }
                self.agent.run(request.body(body.to_vec())?)
            }
            None => self.agent.run(request.body(())?),
        }?;
        let (parts, mut body) = answer.into_parts();
        let media_type = parts
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let text = body.read_to_string()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status: parts.status.as_u16(), body, text, media_type })
    }

    /// Reads.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).expect("an answer")
    }

    /// Puts an entry.
    #[track_caller]
    pub(crate) fn put(&self, path: &str, body: Value) -> Answer {
        let body = body.to_string();
        self.send("PUT", path, &[], Some(body.as_bytes())).expect("an answer")
    }

    /// Commands.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: Value) -> Answer {
        let body = body.to_string();
        self.send("POST", path, &[], Some(body.as_bytes())).expect("an answer")
    }

    /// Asks again whenever the log has gone on, until the answer is as wanted.
    #[track_caller]
    pub(crate) fn get_until(&self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        const TRIES: usize = 200;
        for _ in 0..TRIES {
            let answer = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            // Answered when there is a further event, or after some seconds without one.
            let seen = answer.number("/position");
            self.get(&format!("/api/v1/events?after={seen}&limit=1&min_position={}", seen + 1));
        }
        panic!("never as wanted: {:#}", self.get(path).body)
    }

    /// Asks again until the status is this one: what a server is ready for comes soon after it
    /// began to answer.
    #[track_caller]
    pub(crate) fn get_until_status(&self, path: &str, status: u16) -> Answer {
        self.ask_until(path, |answer| answer.status == status)
    }

    /// Asks again until the answer is as wanted, where no event tells of it.
    #[track_caller]
    pub(crate) fn ask_until(&self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let until = std::time::Instant::now() + ANSWER_WITHIN;
        loop {
            let answer = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            assert!(std::time::Instant::now() < until, "never as wanted: {:#}", answer.body);
        }
    }

    /// A ticket, once it is in this state.
    #[track_caller]
    pub(crate) fn ticket_once(&self, id: &str, state: &str) -> Answer {
        self.get_until(&format!("/api/v1/tickets/{id}"), |answer| answer.body["state"] == state)
    }

    /// The types of a ticket's events, in order.
    #[track_caller]
    pub(crate) fn history(&self, id: &str) -> Vec<String> {
        let answer = self.get(&format!("/api/v1/tickets/{id}/events")).expect(200);
        let events = answer.body["events"].as_array().expect("a list of events");
        events.iter().map(|event| event["type"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(ANSWER_WITHIN))
        .build()
        .into()
}
