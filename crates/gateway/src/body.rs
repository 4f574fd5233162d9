//! Bodies: JSON, bounded in size and time, with errors that name the field and the place.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeSeed;
use serde_json::error::Category;
use tokio::sync::Semaphore;

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
    /// What it says.
    pub(crate) fn text(&self) -> JsonText<'_> {
        JsonText::new(&self.0)
    }

    /// Reads a body that must be the whole of it.
    pub(crate) fn read<T: for<'de> Deserialize<'de>>(&self) -> Result<T, Problem> {
        self.text().read()
    }
}

/// The text of a body; without any it is an empty object, as most verbs need nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonText<'a>(&'a [u8]);

impl<'a> JsonText<'a> {
    pub(crate) const fn new(text: &'a [u8]) -> Self {
        Self(if text.is_empty() { b"{}" } else { text })
    }

    /// Reads a body that must be the whole of it.
    pub(crate) fn read<T: Deserialize<'a>>(self) -> Result<T, Problem> {
        read_json(self.0, PhantomData)
    }

    /// Reads a body whose type is chosen when it is read.
    pub(crate) fn read_as<S: DeserializeSeed<'a> + Clone>(
        self,
        seed: S,
    ) -> Result<S::Value, Problem> {
        read_json(self.0, seed)
    }
}

/// Reads an object, and nothing after it.
pub(crate) fn read_json<'a, S: DeserializeSeed<'a> + Clone>(
    text: &'a [u8],
    seed: S,
) -> Result<S::Value, Problem> {
    if text.trim_ascii_start().first() != Some(&b'{') {
        return Err(no_object(text));
    }
    let mut json = serde_json::Deserializer::from_slice(text);
    if let Ok(value) = seed.clone().deserialize(&mut json)
        && json.end().is_ok()
    {
        return Ok(value);
    }
    // Once more, with an eye on where it is: only who is wrong pays for that.
    let mut json = serde_json::Deserializer::from_slice(text);
    let mut track = serde_path_to_error::Track::new();
    let value = seed
        .deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track))
        .map_err(|error| wrong(&error, Some(&track.path())))?;
    json.end().map_err(|error| wrong(&error, None))?;
    Ok(value)
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
        Self::said(body, says_json)
    }
}

impl JsonBody {
    fn said(body: Bytes, says_json: bool) -> Result<Self, Problem> {
        if !body.is_empty() && !says_json {
            return Err(Problem::new(
                Kind::NotJson,
                "send the body as JSON, with `Content-Type: application/json`",
            ));
        }
        Ok(Self(body))
    }
}

/// A body of JSON that may hold a long text. Few are larger than others at once.
#[derive(Debug)]
pub(crate) struct TextBody(pub(crate) JsonBody);

impl FromRequest<Arc<Gateway>> for TextBody {
    type Rejection = Problem;

    async fn from_request(request: Request, gateway: &Arc<Gateway>) -> Result<Self, Problem> {
        let says_json = is_json(request.headers());
        let config = gateway.config();
        let large = Large {
            above: config.body_bytes_max,
            places: &gateway.large_bodies,
            bytes_max: config.attachments.text_body_bytes_max(config.body_bytes_max),
        };
        let body = collect_large(request, config, large).await?;
        JsonBody::said(body, says_json).map(Self)
    }
}

/// What goes for bodies that may be large.
struct Large<'a> {
    /// Above so many bytes a body needs a place.
    above: usize,
    places: &'a Semaphore,
    bytes_max: usize,
}

/// The whole of a body of at most so many bytes.
pub(crate) async fn collect_within(
    request: Request,
    config: &Config,
    bytes_max: usize,
) -> Result<Bytes, Problem> {
    let large = Large { above: bytes_max, places: &Semaphore::const_new(0), bytes_max };
    collect_large(request, config, large).await
}

async fn collect_large(
    request: Request,
    config: &Config,
    large: Large<'_>,
) -> Result<Bytes, Problem> {
    let whole = collect(request, large);
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

async fn collect(request: Request, large: Large<'_>) -> Result<Bytes, Problem> {
    let Large { above, places, bytes_max: max } = large;
    let mut place = None;
    let mut whole = Vec::new();
    let mut seen: usize = 0;
    let mut pieces = request.into_body().into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| {
            Problem::new(Kind::BodyNotReceived, "the body broke off; send it again")
        })?;
        seen = seen.saturating_add(piece.len());
        if seen > above && seen <= max && place.is_none() {
            place = Some(places.try_acquire().map_err(|_| {
                Problem::new(
                    Kind::Busy,
                    "as many long texts as allowed are being read; send it again in a moment, or \
                     upload it as a file",
                )
            })?);
        }
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
