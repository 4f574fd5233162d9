//! Answers that are no: `application/problem+json` (RFC 9457), each with a stable type and a
//! detail that says what to do.
//!
//! `kind` is the table of types. `write_side`, `reading` and `bytes` turn the errors of engine, log
//! and attachments into problems, one exhaustive `match` each.

mod bytes;
mod kind;
mod reading;
#[cfg(test)]
mod tests;
mod write_side;

use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

pub use kind::Kind;
pub(crate) use write_side::describe;

use domain::StreamVersion;

/// Seconds after which whoever was refused for too much may come again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// The same where a person has to make room on a disk first.
const ROOM_AFTER_SECONDS: u64 = 60;

/// An answer that is no.
#[derive(Debug)]
pub struct Problem(Box<Content>);

#[derive(Debug)]
struct Content {
    kind: Kind,
    detail: String,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of this kind; the detail says what was wrong and what to do.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let problem = Self(Box::new(Content {
            kind,
            detail: detail.into(),
            members: Map::new(),
            headers: Vec::new(),
        }));
        match kind {
            Kind::Busy
            | Kind::Contended
            | Kind::ReadModelLags
            | Kind::TooManyStreams
            | Kind::TooManyUploads
            | Kind::UploadLocked => problem.header(RETRY_AFTER, RETRY_AFTER_SECONDS.into()),
            Kind::DiskReserve | Kind::DiskFull | Kind::NoRoom => {
                problem.header(RETRY_AFTER, ROOM_AFTER_SECONDS.into())
            }
            _ => problem,
        }
    }

    /// A failure of ours: told to whoever asked without its innards, and logged with them.
    pub(crate) fn failure(kind: Kind, detail: &str, error: &dyn std::error::Error) -> Self {
        tracing::error!(problem = kind.urn(), error = %chain(error), "{detail}");
        Self::new(kind, detail)
    }

    /// Adds a member to the body.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Serialize) -> Self {
        // What cannot be written as JSON is left out: a problem must not fail.
        if let Ok(value) = serde_json::to_value(value) {
            self.0.members.insert(name.to_owned(), value);
        }
        self
    }

    /// Adds a header.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Says which version there is, in body and header.
    #[must_use]
    pub(crate) fn at_version(self, version: StreamVersion) -> Self {
        let problem = self.with("version", version);
        match etag(version) {
            Some(tag) => problem.header(ETAG, tag),
            None => problem,
        }
    }

    /// Of which kind it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What was wrong, and what to do.
    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What its body says.
    pub(crate) fn body(&self) -> Value {
        let Content { kind, detail, members, .. } = &*self.0;
        let mut body = Map::new();
        body.insert("type".into(), kind.urn().into());
        body.insert("title".into(), kind.title().into());
        body.insert("title_zh".into(), kind.title_zh().into());
        body.insert("status".into(), kind.status().as_u16().into());
        body.insert("detail".into(), detail.as_str().into());
        body.extend(members.clone());
        Value::Object(body)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.body().to_string();
        let mut response = (self.0.kind.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.0.headers);
        response
    }
}

/// An error and everything that it came from.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// A version as a strong entity tag.
pub(crate) fn etag(version: StreamVersion) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{version}\"")).ok()
}
