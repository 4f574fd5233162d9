//! A file in one request, for scripts.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use domain::attachment::UploadVia;
use serde::Deserialize;
use utoipa::ToSchema;

use super::arriving::arriving;
use super::metadata::disposition_name;
use super::reference::ReferenceView;
use super::tus_headers::bytes;
use crate::Gateway;
use crate::answer::Answer;
use crate::headers::{CommandHeaders, single, wrong};
use crate::params::Asked;
use crate::problem::Problem;

/// What can be asked beside the bytes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NameAsked {
    /// What the file is called; goes before `Content-Disposition`.
    #[schema(max_length = 4096)]
    name: Option<String>,
}

/// `PUT /attachments`.
pub(crate) async fn put(
    State(gateway): State<Arc<Gateway>>,
    Asked(NameAsked { name }): Asked<NameAsked>,
    headers: CommandHeaders,
    request: Request,
) -> Answer {
    let uploads = &gateway.attachments()?.uploads;
    let (parts, body) = request.into_parts();
    let name = match name {
        Some(name) => name,
        None => name_of(&parts.headers)?,
    };
    let length = bytes(&parts.headers, &CONTENT_LENGTH)?;
    let pieces = arriving(&gateway, body)?;
    let new = gateway.new_upload(&headers, UploadVia::Put, name, length);
    let stored = uploads.put_stream(new, || gateway.ports().clock.now(), pieces).await?;
    gateway.uploaded.count(&stored);
    let location = format!("/api/v1/attachments/{}", stored.attachment.hash);
    let reference = Json(ReferenceView::from(&stored));
    Ok((StatusCode::CREATED, [(LOCATION, location)], reference).into_response())
}

fn name_of(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(said) = single(headers, &CONTENT_DISPOSITION)? else { return Ok(String::new()) };
    let named = said.to_ascii_lowercase().contains("filename");
    match disposition_name(said) {
        Some(name) => Ok(name),
        None if named => Err(wrong(
            &CONTENT_DISPOSITION,
            "write `attachment; filename*=UTF-8''…` with the name percent-encoded",
        )),
        None => Ok(String::new()),
    }
}
