//! A body that may take hours, as long as something comes.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::{Stream, StreamExt, stream};

use crate::Gateway;
use crate::problem::{Kind, Problem};

/// Why no more comes.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("nothing came for {0} s")]
    Silent(u64),
    #[error("the server stops")]
    Stopping,
    #[error("the request broke off")]
    Line(#[source] axum::Error),
}

/// The pieces of a body. It ends with an error where nothing comes for too long, and where the
/// server stops, so that what has come is kept before the process ends.
///
/// # Errors
/// When too many arrive already.
pub(super) fn arriving(
    gateway: &Arc<Gateway>,
    body: Body,
) -> Result<impl Stream<Item = Result<Bytes, Broken>> + Send + 'static, Problem> {
    let place = Arc::clone(&gateway.arriving).try_acquire_owned().map_err(|_| {
        let max = gateway.config().attachments.arriving_max;
        let detail = format!("{max} uploads arrive already; go on with this one in a moment");
        Problem::new(Kind::Busy, detail)
    })?;
    let silent_at_most = gateway.config().attachments.silent_at_most;
    let closed = Box::pin(gateway.closed());
    let begun = Some((body.into_data_stream(), closed, place));
    Ok(stream::unfold(begun, move |state| async move {
        let (mut pieces, mut closed, place) = state?;
        let piece = tokio::select! {
            () = &mut closed => return Some((Err(Broken::Stopping), None)),
            piece = tokio::time::timeout(silent_at_most, pieces.next()) => piece,
        };
        match piece {
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some((pieces, closed, place)))),
            Ok(Some(Err(error))) => Some((Err(Broken::Line(error)), None)),
            Ok(None) => None,
            Err(_) => Some((Err(Broken::Silent(silent_at_most.as_secs())), None)),
        }
    }))
}
