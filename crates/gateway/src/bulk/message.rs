//! One command in a message of its own, as it comes over NATS: a line as in a request with many
//! commands, with headers as of a request.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::answer::{self, Taken};
use super::lines::Line;
use super::{begin, line_bytes_max};
use crate::Gateway;
use crate::headers::CommandHeaders;
use crate::problem::Problem;

/// Carries out the command in a message and answers once that is durable, with what
/// `POST /commands` answers to such a line. `Idempotency-Key`, `Paidan-Client`, `Paidan-Actor`,
/// `Paidan-On-Behalf-Of` and `Paidan-Occurred-At` mean what they mean there, so that a command
/// that was sent one way can be repeated the other.
pub async fn answer_message(
    gateway: &Arc<Gateway>,
    headers: &[(&str, &str)],
    message: &[u8],
) -> Bytes {
    let fits = message.len() <= line_bytes_max(gateway);
    let line = Line { number: 1, text: fits.then(|| message.trim_ascii()) };
    let taken = match command_headers(headers) {
        Ok(headers) => begin(gateway, &headers, || headers.id.key.clone(), line).await,
        Err(problem) => Taken { line: 1, key: None, made: false, begun: Err(problem) },
    };
    answer::written(&[answer::settle(Arc::clone(gateway), taken).await])
}

fn command_headers(sent: &[(&str, &str)]) -> Result<CommandHeaders, Problem> {
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        // Whatever cannot stand in a request's head is none of those that mean something here.
        if let (Ok(name), Ok(value)) =
            (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes()))
        {
            headers.append(name, value);
        }
    }
    CommandHeaders::read(&headers, None)
}
