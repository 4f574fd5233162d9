//! What lies in the store: how large it is, or what it hashes to.

use std::ops::ControlFlow;

use attachments::Store;
use attachments::store::{Error as StoreError, Listed, Verified};
use domain::ContentHash;
use futures_util::{StreamExt, TryStreamExt};

use crate::{Error, Found, Stray};

/// How bytes are that an event names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    There,
    Other(Found),
    Nothing,
}

/// The sizes of all that lay in the store, in the order of hashes: 40 bytes for each.
#[derive(Debug, Default)]
pub(crate) struct Sizes(Vec<(ContentHash, u64)>);

impl Sizes {
    /// Lists the store. What is not `named` is told as a stray, and not kept.
    pub(crate) async fn list(
        store: &Store,
        named: &dyn Fn(ContentHash) -> bool,
        tell: &mut dyn FnMut(Stray) -> ControlFlow<()>,
    ) -> Result<Self, Error> {
        let mut sizes = Vec::new();
        let mut listed = std::pin::pin!(store.list());
        while let Some(listed) = listed.try_next().await? {
            let stray = match listed {
                Listed::Bytes { hash, head } if named(hash) => {
                    sizes.push((hash, head.bytes));
                    continue;
                }
                Listed::Bytes { hash, head } => {
                    Stray::Orphan { hash, bytes: head.bytes, touched_at: head.touched_at }
                }
                Listed::Stranger { path, bytes } => Stray::Stranger { path, bytes },
            };
            if tell(stray).is_break() {
                return Err(Error::BrokenOff);
            }
        }
        sizes.sort_unstable();
        Ok(Self(sizes))
    }

    fn get(&self, hash: ContentHash) -> Option<u64> {
        let place = self.0.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
        Some(self.0[place].1)
    }
}

/// Compares sizes. What was not listed is asked for by itself: a listing may pass over what comes
/// and goes beside it, and nothing is called missing for that.
pub(crate) async fn by_size(
    store: &Store,
    sizes: Option<&Sizes>,
    hash: ContentHash,
    bytes: u64,
) -> Result<Look, Error> {
    let found = match sizes.and_then(|sizes| sizes.get(hash)) {
        Some(found) => Some(found),
        None => store.head(hash).await?.map(|head| head.bytes),
    };
    Ok(match found {
        None => Look::Nothing,
        Some(found) if found == bytes => Look::There,
        Some(found) => Look::Other(Found::Bytes(found)),
    })
}

/// Hashes every byte. One file that does not read is damaged; a store that does not answer is an
/// error.
pub(crate) async fn by_hash(store: &Store, hash: ContentHash, bytes: u64) -> Result<Look, Error> {
    Ok(match store.verify(hash).await {
        Ok(Verified::Intact { bytes: found }) if found == bytes => Look::There,
        Ok(Verified::Intact { bytes: found }) => Look::Other(Found::Bytes(found)),
        Ok(Verified::Damaged { bytes: found, .. }) if found != bytes => {
            Look::Other(Found::Bytes(found))
        }
        Ok(Verified::Damaged { found, .. }) => Look::Other(Found::Hash(found)),
        Ok(Verified::Missing) => Look::Nothing,
        Err(StoreError::File(error)) => Look::Other(Found::Unreadable(chain(&error))),
        Err(error) => return Err(error.into()),
    })
}

fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Looks at several at once, at most `threads`; answers in their order.
pub(crate) async fn look_at<T, F>(
    items: Vec<T>,
    threads: usize,
    look: impl Fn(T) -> F,
) -> Result<Vec<F::Output>, Error>
where
    F: Future,
{
    Ok(futures_util::stream::iter(items).map(look).buffered(threads.max(1)).collect().await)
}
