//! A firm's directory as CSV: one sheet in a request.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use domain::{CommandId, StreamId};
use serde::Deserialize;
use sheets::{BYTES_MAX, How, LoadError, Report, Sender, Sheet, SheetText};
use utoipa::ToSchema;

use crate::Gateway;
use crate::answer::Answer;
use crate::body::collect_within;
use crate::headers::CommandHeaders;
use crate::params::{Asked, Segments};
use crate::problem::{Kind, Problem};

/// What can be asked beside the sheet.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Loading {
    /// Say what would change, record nothing.
    dry_run: bool,
    /// Record what has no errors.
    skip_bad_lines: bool,
}

/// A body that says it is CSV.
#[derive(Debug)]
pub(crate) struct CsvBody(Bytes);

impl FromRequest<Arc<Gateway>> for CsvBody {
    type Rejection = Problem;

    async fn from_request(request: Request, gateway: &Arc<Gateway>) -> Result<Self, Problem> {
        let says_csv = is_csv(request.headers());
        let body = collect_within(request, gateway.config(), BYTES_MAX).await?;
        if !says_csv {
            let detail = "send the sheet as CSV, with `Content-Type: text/csv`";
            return Err(Problem::new(Kind::NotCsv, detail));
        }
        Ok(Self(body))
    }
}

fn is_csv(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = text.and_then(|text| text.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("text/csv")
}

/// `POST /directory/{sheet}`.
pub(crate) async fn load(
    State(gateway): State<Arc<Gateway>>,
    Segments(named): Segments<String>,
    Asked(Loading { dry_run, skip_bad_lines }): Asked<Loading>,
    headers: CommandHeaders,
    request: Request,
) -> Answer {
    let sheet: Sheet = named.parse().map_err(|error: sheets::UnknownSheet| {
        Problem::new(Kind::NoRoute, error.to_string()).with("sheets", Sheet::ALL)
    })?;
    let how = How { dry_run, skip_bad_lines };
    // Before the body is read: a sheet in memory is much larger than a command.
    let Ok(turn) = Arc::clone(&gateway.loads).try_acquire_owned() else {
        return Err(Problem::new(
            Kind::Busy,
            "other sheets are being loaded; send it again in a moment",
        ));
    };
    let CsvBody(body) = CsvBody::from_request(request, &gateway).await?;
    let text = match SheetText::decode(sheet.name(), Some(sheet), &body) {
        Ok(text) => text,
        Err(fault) => return answer(Report::of_faults(dry_run, vec![fault]), how),
    };
    let engine = Arc::clone(&gateway.ports().engine);
    let loaded = gateway
        .on_own_thread(move || {
            // Held to the end, also where whoever asked went away.
            let _turn = turn;
            let hash = blake3::hash(&body);
            let command_id = |entry| id_of(&headers.id, &hash, entry);
            let sender = Sender { actor: headers.actor, command_id: &command_id };
            sheets::load(&engine, &[text], how, sender, &mut |_, _| {})
        })
        .await?;
    match loaded {
        Ok(report) => answer(report, how),
        Err(LoadError::Directory(error)) => Err(error.into()),
        Err(LoadError::Stopped { report, source }) => {
            let problem = Problem::from(source);
            Err(problem.with("recorded", report.recorded))
        }
    }
}

/// The name of the command that puts an entry. It follows from the request's key and the sheet, so
/// that a request that is repeated after a lost answer undoes nothing that was changed since.
fn id_of(request: &CommandId, body: &blake3::Hash, entry: StreamId) -> CommandId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(body.as_bytes()).update(request.key.as_bytes());
    let key = hasher.finalize().to_hex();
    CommandId { issuer: request.issuer.clone(), key: format!("sheet:{key}:{entry}") }
}

fn answer(report: Report, how: How) -> Answer {
    if report.errors_total == 0 || how.skip_bad_lines {
        return Ok((StatusCode::OK, Json(report)).into_response());
    }
    let detail = format!(
        "the sheet has errors ({}); nothing was recorded; mend what `errors` says, or load the \
         rest with ?skip_bad_lines=true",
        report.errors_total
    );
    let problem = Problem::new(Kind::SheetErrors, detail)
        .with("errors_total", report.errors_total)
        .with("errors", &report.errors)
        .with("sheets", &report.sheets);
    Err(problem)
}
