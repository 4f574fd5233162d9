//! Files in a form (`multipart/form-data`), as a page without scripts sends them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use domain::attachment::UploadVia;
use multer::Multipart;
use serde::Serialize;
use utoipa::ToSchema;

use super::arriving::arriving;
use super::reference::ReferenceView;
use crate::Gateway;
use crate::answer::Answer;
use crate::headers::{CommandHeaders, single};
use crate::problem::{Kind, Problem};

/// The files of a form, in its order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormAnswer {
    attachments: Vec<ReferenceView>,
}

/// `POST /attachments`. Where it ends with a problem, the files before are kept all the same; the
/// form can be sent again.
pub(crate) async fn form(
    State(gateway): State<Arc<Gateway>>,
    headers: CommandHeaders,
    request: Request,
) -> Answer {
    let uploads = &gateway.attachments()?.uploads;
    let (parts, body) = request.into_parts();
    let content_type = single(&parts.headers, &CONTENT_TYPE)?.unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(|_| {
        Problem::new(Kind::NotUpload, "send a form, with `Content-Type: multipart/form-data`")
    })?;
    let mut fields = Multipart::new(arriving(&gateway, body)?, boundary);
    let files_max = gateway.config().attachments.form_files_max;
    let mut attachments = Vec::new();
    while let Some(mut field) = fields.next_field().await.map_err(|error| broken(&error))? {
        let Some(name) = field.file_name().map(str::to_owned) else {
            // What else a page sends along is not kept, and has to be short.
            skip(&mut field, gateway.config().body_bytes_max).await?;
            continue;
        };
        if attachments.len() == files_max {
            let detail = format!("more than {files_max} files in one form; send another");
            return Err(Problem::new(Kind::BodyTooLarge, detail).with("max", files_max));
        }
        let new = gateway.new_upload(&headers, UploadVia::Form, name, None);
        let stored = uploads.put_stream(new, || gateway.ports().clock.now(), field).await?;
        gateway.uploaded.count(&stored);
        attachments.push(ReferenceView::from(&stored));
    }
    Ok((StatusCode::CREATED, Json(FormAnswer { attachments })).into_response())
}

async fn skip(field: &mut multer::Field<'_>, bytes_max: usize) -> Result<(), Problem> {
    let mut seen = 0;
    while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
        seen += piece.len();
        if seen > bytes_max {
            let detail = format!("a field that is no file has more than {bytes_max} bytes");
            return Err(Problem::new(Kind::BodyTooLarge, detail).with("max", bytes_max));
        }
    }
    Ok(())
}

fn broken(error: &multer::Error) -> Problem {
    Problem::new(
        Kind::BodyNotReceived,
        format!("the form broke off or is not written right ({error}); send it again"),
    )
}
