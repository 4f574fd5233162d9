//! Files that come in one request.

use bytes::Bytes;
use domain::Timestamp;
use futures_util::Stream;

use super::{Appended, Error, NewUpload, Stored, UploadId, Uploads};

impl Uploads {
    /// Gives an upload up unless its client is told of it.
    pub fn untold(&self, id: UploadId) -> Untold {
        Untold(Some((self.clone(), id)))
    }

    /// Takes in a file that comes in one piece, in the same way. There is nothing to go on with
    /// when it breaks off.
    ///
    /// # Errors
    /// As those of [`Uploads::create`], [`Uploads::append`] and [`Uploads::finish`];
    /// [`Error::NotWhole`] when the stream ends before the declared length.
    pub async fn put_stream<S, E>(
        &self,
        new: NewUpload,
        now: impl FnOnce() -> Timestamp,
        stream: S,
    ) -> Result<Stored, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let length = new.length;
        let id = self.create(new).await?;
        let _untold = self.untold(id);
        let (Appended::Partly { offset } | Appended::Whole { offset }) =
            self.append(id, 0, None, stream).await?;
        if length.is_none() {
            self.declare_length(id, offset).await?;
        }
        self.finish(id, now()).await
    }
}

/// An upload of which its client was not told, so that nobody can go on with it. It is given up when
/// this is dropped.
#[must_use = "dropping it gives the upload up"]
pub struct Untold(Option<(Uploads, UploadId)>);

impl Untold {
    /// The client learns of it; it stays.
    pub fn told(mut self) {
        self.0 = None;
    }
}

impl Drop for Untold {
    fn drop(&mut self) {
        let Some((uploads, id)) = self.0.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if let Err(error) = uploads.terminate(id).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, upload.id = %id, "an upload stays until its time is over");
            }
        });
    }
}
