//! Uploads that go on where they were: tus 1.0.0 with creation, creation-with-upload,
//! creation-defer-length, checksum, expiration and termination.

use std::sync::Arc;

use ::attachments::uploads::{Appended, Checksum, Error, Status, Stored, UploadId};
use axum::Json;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use domain::attachment::UploadVia;
use serde::Serialize;
use utoipa::ToSchema;

use super::arriving::arriving;
use super::metadata::{declared_name, metadata};
use super::reference::ReferenceView;
use super::tus_headers::{
    ALGORITHMS, ATTACHMENT, DEFER, EXPIRES, EXTENSION, EXTENSIONS, LENGTH, MAX_SIZE, METADATA,
    METHOD_OVERRIDE, OFFSET, RESUMABLE, VERSION, VERSIONS, algorithms, bytes, checksum, has_octets,
    length_of_new, moment, not_octets,
};
use crate::Gateway;
use crate::answer::Answer;
use crate::headers::{CommandHeaders, single, wrong};
use crate::params::Segments;
use crate::problem::{Kind, Problem};

/// An upload, to look at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Upload)]
pub(crate) struct UploadView {
    #[schema(pattern = "^up_[0-9a-f]{32}$", example = "up_0190c1d2e3f405162738495a6b7c8d9e")]
    id: String,
    /// So many bytes have arrived and are durable.
    offset: u64,
    /// So many there are to be; null while that is not said.
    length: Option<u64>,
    /// From then on it may be removed; null once it is finished.
    expires_at: Option<Timestamp>,
    /// What commands take; null until the last byte is there.
    attachment: Option<ReferenceView>,
}

/// Says which version of tus is spoken, and refuses others. Nothing of it is for a cache.
pub(crate) async fn speak(request: Request, next: Next) -> Response {
    let asks_only = matches!(*request.method(), Method::GET | Method::OPTIONS);
    let spoken = request.headers().get(RESUMABLE);
    let mut response = if asks_only || spoken.is_some_and(|version| version == VERSION) {
        next.run(request).await
    } else {
        Problem::new(Kind::TusVersion, format!("send the header `Tus-Resumable: {VERSION}`"))
            .header(VERSIONS, HeaderValue::from_static(VERSION))
            .into_response()
    };
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, HeaderValue::from_static(VERSION));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `OPTIONS /uploads`: what this server can do.
pub(crate) async fn options(State(gateway): State<Arc<Gateway>>) -> Response {
    let mut said = Said::default();
    said.text(VERSIONS, VERSION);
    said.text(EXTENSION, EXTENSIONS);
    said.number(MAX_SIZE, gateway.config().attachments.file_bytes_max);
    said.text(ALGORITHMS, &algorithms());
    said.with(StatusCode::NO_CONTENT)
}

/// `POST /uploads`: begins one, with or without its first bytes.
pub(crate) async fn begin(
    State(gateway): State<Arc<Gateway>>,
    headers: CommandHeaders,
    request: Request,
) -> Answer {
    let uploads = &gateway.attachments()?.uploads;
    let (parts, body) = request.into_parts();
    let length = length_of_new(&parts.headers)?;
    let said = single(&parts.headers, &METADATA)?.unwrap_or_default();
    let name = declared_name(said).ok_or_else(|| {
        wrong(&METADATA, "write pairs of a key, a space and Base64, with commas between them")
    })?;
    let checksum = checksum(&parts.headers)?;
    let with_upload = has_octets(&parts.headers);
    if !with_upload && !body.is_end_stream() {
        return Err(not_octets());
    }
    let pieces = arriving(&gateway, if with_upload { body } else { Body::empty() })?;
    let new = gateway.new_upload(&headers, UploadVia::Tus, name, length);
    let expires_at = new.expires_at;
    let id = uploads.create(new).await?;
    // A problem has no `Location`.
    let untold = uploads.untold(id);
    let mut said = Said::default();
    said.text(LOCATION, &format!("/api/v1/uploads/{id}"));
    said.expires(expires_at);
    if with_upload || length == Some(0) {
        let appended = uploads.append(id, 0, checksum, pieces).await?;
        gateway.say_how_far(&mut said, id, appended).await?;
    }
    untold.told();
    Ok(said.with(StatusCode::CREATED))
}

/// `HEAD /uploads/{id}`: where it is.
pub(crate) async fn where_it_is(
    State(gateway): State<Arc<Gateway>>,
    Segments(id): Segments<String>,
) -> Answer {
    let id = upload_id(&id)?;
    let mut said = Said::default();
    match gateway.upload(id).await? {
        Status::Open { offset, length, expires_at } => {
            said.number(OFFSET, offset);
            match length {
                Some(length) => said.number(LENGTH, length),
                None => said.text(DEFER, "1"),
            }
            said.expires(expires_at);
            let name = gateway.attachments()?.uploads.declared_name(id).await?;
            if let Some(name) = name.filter(|name| !name.is_empty()) {
                said.text(METADATA, &metadata(&name));
            }
        }
        Status::Finished(stored) => {
            said.number(LENGTH, stored.attachment.bytes);
            said.finished(&stored);
        }
    }
    Ok(said.with(StatusCode::OK))
}

/// `GET /uploads/{id}`: the same for people and programs that speak no tus.
pub(crate) async fn one(
    State(gateway): State<Arc<Gateway>>,
    Segments(id): Segments<String>,
) -> Answer {
    let id = upload_id(&id)?;
    let view = match gateway.upload(id).await? {
        Status::Open { offset, length, expires_at } => UploadView {
            id: id.to_string(),
            offset,
            length,
            expires_at: Some(expires_at),
            attachment: None,
        },
        Status::Finished(stored) => UploadView {
            id: id.to_string(),
            offset: stored.attachment.bytes,
            length: Some(stored.attachment.bytes),
            expires_at: None,
            attachment: Some(ReferenceView::from(&*stored)),
        },
    };
    Ok(Json(view).into_response())
}

/// `PATCH /uploads/{id}`: more of it.
pub(crate) async fn go_on(
    State(gateway): State<Arc<Gateway>>,
    Segments(id): Segments<String>,
    request: Request,
) -> Answer {
    let uploads = &gateway.attachments()?.uploads;
    let id = upload_id(&id)?;
    let (parts, body) = request.into_parts();
    let More { offset, length, checksum } = More::read(&parts.headers)?;
    let mut said = Said::default();
    match gateway.upload(id).await? {
        // The answer to the last request was lost.
        Status::Finished(stored) if stored.attachment.bytes == offset => said.finished(&stored),
        Status::Finished(stored) => {
            let offset_there = stored.attachment.bytes;
            return Err(Error::OffsetMismatch { given: offset, offset: offset_there }.into());
        }
        Status::Open { expires_at, .. } => {
            if let Some(length) = length {
                uploads.declare_length(id, length).await?;
            }
            let body = arriving(&gateway, body)?;
            let appended = uploads.append(id, offset, checksum, body).await?;
            said.expires(expires_at);
            gateway.say_how_far(&mut said, id, appended).await?;
        }
    }
    Ok(said.with(StatusCode::NO_CONTENT))
}

/// `POST /uploads/{id}`: another method, for clients and networks that do not have it.
pub(crate) async fn instead(
    gateway: State<Arc<Gateway>>,
    id: Segments<String>,
    request: Request,
) -> Answer {
    match single(request.headers(), &METHOD_OVERRIDE)? {
        Some("PATCH") => go_on(gateway, id, request).await,
        Some("HEAD") => where_it_is(gateway, id).await,
        Some("DELETE") => give_up(gateway, id).await,
        _ => Err(wrong(&METHOD_OVERRIDE, "say which method is meant: PATCH, HEAD or DELETE")),
    }
}

/// `DELETE /uploads/{id}`: gives it up. Bytes that are in the store already stay there.
pub(crate) async fn give_up(
    State(gateway): State<Arc<Gateway>>,
    Segments(id): Segments<String>,
) -> Answer {
    gateway.attachments()?.uploads.terminate(upload_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn upload_id(text: &str) -> Result<UploadId, Problem> {
    text.parse().map_err(|error: ::attachments::uploads::ParseUploadIdError| {
        Problem::new(Kind::BadPath, error.to_string())
    })
}

/// What a request that brings more says of it.
struct More {
    offset: u64,
    length: Option<u64>,
    checksum: Option<Checksum>,
}

impl More {
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        if !has_octets(headers) {
            return Err(not_octets());
        }
        let offset = bytes(headers, &OFFSET)?
            .ok_or_else(|| wrong(&OFFSET, "say at which byte these begin"))?;
        Ok(Self { offset, length: bytes(headers, &LENGTH)?, checksum: checksum(headers)? })
    }
}

impl Gateway {
    /// Where an upload is, unless its time is over.
    async fn upload(&self, id: UploadId) -> Result<Status, Problem> {
        let status = self.attachments()?.uploads.status(id).await?;
        match status {
            Status::Open { expires_at, .. } if expires_at <= self.ports().clock.now() => {
                Err(Problem::new(Kind::UploadGone, "the upload ran out of time; begin a new one"))
            }
            status => Ok(status),
        }
    }

    /// Finishes an upload that is whole; says how far it is.
    async fn say_how_far(
        &self,
        said: &mut Said,
        id: UploadId,
        appended: Appended,
    ) -> Result<(), Problem> {
        match appended {
            Appended::Partly { offset } => said.number(OFFSET, offset),
            Appended::Whole { .. } => {
                let now = self.ports().clock.now();
                let stored = self.attachments()?.uploads.finish(id, now).await?;
                self.uploaded.count(&stored);
                said.finished(&stored);
            }
        }
        Ok(())
    }
}

/// The headers of an answer.
#[derive(Default)]
struct Said(HeaderMap);

impl Said {
    fn text(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::try_from(value) {
            self.0.insert(name, value);
        }
    }

    fn number(&mut self, name: HeaderName, value: u64) {
        self.0.insert(name, value.into());
    }

    fn expires(&mut self, at: Timestamp) {
        if let Some(at) = moment(at) {
            self.0.insert(EXPIRES, at);
        }
    }

    fn finished(&mut self, stored: &Stored) {
        self.0.remove(EXPIRES);
        self.number(OFFSET, stored.attachment.bytes);
        if let Some(reference) = ReferenceView::from(stored).header() {
            self.0.insert(ATTACHMENT, reference);
        }
    }

    fn with(self, status: StatusCode) -> Response {
        (status, self.0).into_response()
    }
}
