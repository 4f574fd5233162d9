//! Bytes that arrive, put behind those that did.

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt};

use super::checksum::Checksum;
use super::limits::WRITE_BYTES;
use super::part::Part;
use super::{Error, Shared, UploadId};
use crate::files::blocking;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why no more is taken.
enum End {
    /// All that the request had was taken.
    Whole,
    /// Somebody else goes on with the upload.
    TakenOver,
    /// The line broke.
    Broken(BoxError),
    /// There is more than there may be.
    TooLong,
}

/// Adds what a stream brings; answers the offset.
pub(super) async fn append<S, E>(
    shared: &Arc<Shared>,
    id: UploadId,
    offset: u64,
    checksum: Option<Checksum>,
    stream: S,
) -> Result<u64, Error>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Into<BoxError>,
{
    let hold = shared.desk.hold(id, shared.limits.take_over_within).await?;
    let mut wanted = hold.wanted();
    let known = shared.desk.with(id, |entry| (entry.length, entry.offset));
    let (length, at) = known.ok_or(Error::NotFound { id })?;
    if length == Some(at) && offset == at {
        // Its part may be in the store already, where a process died before it said so.
        return nothing_more(at, stream).await;
    }
    let end_max = length.unwrap_or(shared.limits.file_bytes_max);
    let opened = Arc::clone(shared);
    let part = blocking(move || Part::open(opened, id, hold, offset, checksum)).await?;
    let mut part = Writing(Some(part));
    let mut stream = pin!(stream);
    let mut batch = Vec::new();
    let end = loop {
        let first = tokio::select! {
            biased;
            // Sent only by one who wants the upload; the sender lives as long as our hold.
            _ = wanted.changed() => break End::TakenOver,
            first = stream.next() => first,
        };
        let end =
            gather(first, stream.as_mut(), &mut batch, end_max.saturating_sub(part.written()))
                .await;
        if !batch.is_empty() {
            batch = part.write(batch).await?;
        }
        if let Some(end) = end {
            break end;
        }
    };
    match end {
        End::Whole => part.finish(Part::end).await,
        end => {
            let offset = part.finish(Part::end_early).await?;
            Err(match end {
                End::TakenOver => Error::TakenOver { offset },
                End::Broken(source) => Error::LineBroke { offset, source },
                End::TooLong | End::Whole => match length {
                    Some(length) => Error::LongerThanDeclared { length, offset },
                    None => Error::TooLarge { bytes_max: end_max },
                },
            })
        }
    }
}

/// A request to an upload that is whole.
async fn nothing_more<S, E>(offset: u64, stream: S) -> Result<u64, Error>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Into<BoxError>,
{
    let mut stream = pin!(stream);
    match stream.next().await {
        None => Ok(offset),
        Some(Ok(bytes)) if bytes.is_empty() => Ok(offset),
        Some(Ok(_)) => Err(Error::LongerThanDeclared { length: offset, offset }),
        Some(Err(error)) => Err(Error::LineBroke { offset, source: error.into() }),
    }
}

/// Copies what is there already, up to what is written at once: slow clients, of whom there are
/// many, hold next to no memory, and fast ones are written in large pieces.
async fn gather<E: Into<BoxError>>(
    first: Option<Result<Bytes, E>>,
    mut stream: std::pin::Pin<&mut (impl Stream<Item = Result<Bytes, E>> + Send)>,
    batch: &mut Vec<u8>,
    room: u64,
) -> Option<End> {
    let mut next = first;
    loop {
        match next {
            None => return Some(End::Whole),
            Some(Err(error)) => return Some(End::Broken(error.into())),
            Some(Ok(bytes)) => {
                let left = room - batch.len() as u64;
                let fits = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                batch.extend_from_slice(&bytes[..fits]);
                if fits < bytes.len() {
                    return Some(End::TooLong);
                }
            }
        }
        if batch.len() >= WRITE_BYTES {
            return None;
        }
        next = stream.next().now_or_never()?;
    }
}

/// A part whose work is done where it holds nobody up, also when the request is dropped.
struct Writing(Option<Part>);

impl Writing {
    fn written(&self) -> u64 {
        self.0.as_ref().map_or(0, Part::written)
    }

    /// Writes and hands the batch back, empty.
    async fn write(&mut self, mut batch: Vec<u8>) -> Result<Vec<u8>, Error> {
        let Some(mut part) = self.0.take() else { return Ok(batch) };
        let (part, batch) = blocking(move || -> Result<_, Error> {
            part.write(&batch)?;
            batch.clear();
            Ok((part, batch))
        })
        .await?;
        self.0 = Some(part);
        Ok(batch)
    }

    async fn finish(
        mut self,
        how: impl FnOnce(Part) -> Result<u64, Error> + Send + 'static,
    ) -> Result<u64, Error> {
        let part = self.0.take().expect("`write` puts it back, or fails and ends the request");
        blocking(move || how(part)).await
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Some(part) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn_blocking(move || drop(part));
        }
    }
}
