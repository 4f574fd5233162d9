//! The headers of tus 1.0.0.

use std::time::{Duration, SystemTime};

use ::attachments::uploads::{Algorithm, Checksum};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;

use crate::headers::{single, wrong};
use crate::problem::{Kind, Problem};

pub(super) const VERSION: &str = "1.0.0";
pub(super) const EXTENSIONS: &str = "creation,creation-with-upload,creation-defer-length,checksum,\
                                     expiration,termination";
pub(super) const OCTETS: &str = "application/offset+octet-stream";

pub(super) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
pub(super) const EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub(super) const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub(super) const ALGORITHMS: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
pub(super) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const DEFER: HeaderName = HeaderName::from_static("upload-defer-length");
pub(super) const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub(super) const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
pub(super) const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// Which method is meant, where a network lets none but `POST` pass.
pub(super) const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
/// Ours: the reference that commands take.
pub(super) const ATTACHMENT: HeaderName = HeaderName::from_static("upload-attachment");

/// A number of bytes in a header.
pub(super) fn bytes(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, Problem> {
    let Some(text) = single(headers, name)? else { return Ok(None) };
    // Digits only: `parse` alone would take a plus sign.
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits => Ok(Some(number)),
        _ => Err(wrong(name, "write a number of bytes")),
    }
}

/// How long the file will be; nothing where that is said later.
pub(super) fn length_of_new(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    match (bytes(headers, &LENGTH)?, single(headers, &DEFER)?) {
        (Some(length), None) => Ok(Some(length)),
        (None, Some("1")) => Ok(None),
        _ => Err(wrong(&LENGTH, "write the file's length, or `Upload-Defer-Length: 1`")),
    }
}

/// What the bytes of this request hash to.
pub(super) fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Problem> {
    let Some(text) = single(headers, &CHECKSUM)? else { return Ok(None) };
    let (name, digest) = text.split_once(' ').unwrap_or((text, ""));
    let algorithm = Algorithm::named(name).ok_or_else(|| {
        wrong(&CHECKSUM, format_args!("write one of {}, a space and Base64", algorithms()))
    })?;
    let digest = STANDARD.decode(digest).ok();
    match digest.filter(|digest| digest.len() == algorithm.digest_bytes()) {
        Some(digest) => Ok(Some(Checksum { algorithm, digest })),
        None => Err(wrong(&CHECKSUM, format_args!("this is no {algorithm} in Base64"))),
    }
}

pub(super) fn algorithms() -> String {
    Algorithm::ALL.map(Algorithm::name).join(",")
}

/// Whether the body is bytes of a file.
pub(super) fn has_octets(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    text.is_some_and(|text| text.trim().eq_ignore_ascii_case(OCTETS))
}

pub(super) fn not_octets() -> Problem {
    Problem::new(Kind::NotUpload, format!("send bytes with `Content-Type: {OCTETS}`"))
}

/// When it expires, as HTTP writes moments.
pub(super) fn moment(at: Timestamp) -> Option<HeaderValue> {
    let micros = u64::try_from(at.as_micros()).ok()?;
    let at = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
    HeaderValue::try_from(httpdate::fmt_http_date(at)).ok()
}
