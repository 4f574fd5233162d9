//! Bodies: JSON, bounded in size and time, with errors that name the field and the place.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::error::Category;

use crate::Gateway;
use crate::config::Config;
use crate::problem::{Kind, Problem};

/// So much more than allowed is read and thrown away, so that the client reads the answer instead
/// of a broken connection.
const DRAINED_BYTES_MAX: usize = 1 << 20;

/// A body that says it is JSON, or none.
#[derive(Debug)]
pub(crate) struct JsonBody(Bytes);

impl JsonBody {
    /// Reads a body that must be the whole of it.
    pub(crate) fn read<T: for<'de> Deserialize<'de>>(&self) -> Result<T, Problem> {
        self.read_with(|body| T::deserialize(body))
    }

    /// Reads a body by a function that chooses the type.
    pub(crate) fn read_with<T>(
        &self,
        read: impl for<'a, 'de> FnOnce(
            serde_path_to_error::Deserializer<
                'a,
                '_,
                &'a mut serde_json::Deserializer<serde_json::de::SliceRead<'de>>,
            >,
        ) -> Result<T, serde_json::Error>,
    ) -> Result<T, Problem> {
        // No body is an empty one: most verbs need none.
        let bytes: &[u8] = if self.0.is_empty() { b"{}" } else { &self.0 };
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(no_object(bytes));
        }
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let mut track = serde_path_to_error::Track::new();
        let value = read(serde_path_to_error::Deserializer::new(&mut json, &mut track))
            .map_err(|error| wrong(&error, Some(&track.path())))?;
        json.end().map_err(|error| wrong(&error, None))?;
        Ok(value)
    }
}

fn wrong(error: &serde_json::Error, path: Option<&serde_path_to_error::Path>) -> Problem {
    let kind = match error.classify() {
        Category::Data => Kind::WrongBody,
        Category::Syntax | Category::Eof | Category::Io => Kind::BrokenJson,
    };
    let problem = Problem::new(kind, format!("the body: {error}"))
        .with("line", error.line())
        .with("column", error.column());
    match path.map(ToString::to_string) {
        Some(field) if kind == Kind::WrongBody && field != "." => problem.with("field", field),
        _ => problem,
    }
}

/// Lists are understood by position, which is not meant here; anything else is no body either.
fn no_object(bytes: &[u8]) -> Problem {
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Ok(_) => Problem::new(Kind::WrongBody, "the body: write an object, `{…}`"),
        Err(error) => wrong(&error, None),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(text) = text else { return false };
    let essence = text.split(';').next().unwrap_or_default().trim();
    let Some((kind, subtype)) = essence.split_once('/') else { return false };
    let subtype = subtype.to_ascii_lowercase();
    kind.eq_ignore_ascii_case("application") && (subtype == "json" || subtype.ends_with("+json"))
}

impl FromRequest<Arc<Gateway>> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, gateway: &Arc<Gateway>) -> Result<Self, Problem> {
        let says_json = is_json(request.headers());
        let config = gateway.config();
        let body = collect_within(request, config, config.body_bytes_max).await?;
        if !body.is_empty() && !says_json {
            return Err(Problem::new(
                Kind::NotJson,
                "send the body as JSON, with `Content-Type: application/json`",
            ));
        }
        Ok(Self(body))
    }
}

/// The whole of a body of at most so many bytes.
pub(crate) async fn collect_within(
    request: Request,
    config: &Config,
    bytes_max: usize,
) -> Result<Bytes, Problem> {
    let whole = collect(request, bytes_max);
    let Ok(body) = tokio::time::timeout(config.body_within, whole).await else {
        return Err(Problem::new(
            Kind::BodyNotReceived,
            format!(
                "the body did not arrive within {} s; send it again with the same Idempotency-Key",
                config.body_within.as_secs()
            ),
        ));
    };
    body
}

async fn collect(request: Request, max: usize) -> Result<Bytes, Problem> {
    let mut whole = Vec::new();
    let mut seen: usize = 0;
    let mut pieces = request.into_body().into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| {
            Problem::new(Kind::BodyNotReceived, "the body broke off; send it again")
        })?;
        seen = seen.saturating_add(piece.len());
        if seen <= max {
            whole.extend_from_slice(&piece);
        } else {
            whole = Vec::new();
            if seen > max.saturating_add(DRAINED_BYTES_MAX) {
                break;
            }
        }
    }
    if seen > max {
        return Err(Problem::new(
            Kind::BodyTooLarge,
            format!(
                "the body is larger than {max} bytes; send it in parts, long text as an attachment"
            ),
        )
        .with("max", max));
    }
    Ok(whole.into())
}
