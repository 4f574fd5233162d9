//! Files that come in one request.

use bytes::Bytes;
use domain::Timestamp;
use futures_util::Stream;

use super::{Appended, Error, NewUpload, Stored, UploadId, Uploads};

impl Uploads {
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
        let given_up_when_dropped = GivenUp(self.clone(), self.create(new).await?);
        let id = given_up_when_dropped.1;
        let (Appended::Partly { offset } | Appended::Whole { offset }) =
            self.append(id, 0, None, stream).await?;
        if length.is_none() {
            self.declare_length(id, offset).await?;
        }
        self.finish(id, now()).await
    }
}

/// Gives an upload up that nobody can go on with.
struct GivenUp(Uploads, UploadId);

impl Drop for GivenUp {
    fn drop(&mut self) {
        let (uploads, id) = (self.0.clone(), self.1);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if let Err(error) = uploads.terminate(id).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, upload.id = %id, "an upload stays until its time is over");
            }
        });
    }
}
