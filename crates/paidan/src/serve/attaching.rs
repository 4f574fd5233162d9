//! Opens what keeps the bytes of attachments: `attachments`, `uploads` and `thumbnails` in the data
//! directory, or a bucket in place of the first.

use std::sync::Arc;

use attachments::scan::{Clamd, Options, Scanner};
use attachments::{Store, Thumbnails, Uploads, store, thumbnail, uploads};
use engine::Engine;
use gateway::AttachmentPorts;
use jiff::tz::TimeZone;

use crate::config::{AttachmentsConfig, Config};

/// Why attachments cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// What is on its way there.
    #[error(transparent)]
    Uploads(#[from] uploads::Error),
    /// Images made small.
    #[error(transparent)]
    Thumbnails(#[from] thumbnail::Error),
    /// The rules name the zone in which cameras count.
    #[error("the rules could not be read")]
    Rules(#[source] engine::Error),
    /// A thread ended unexpectedly.
    #[error("the rules could not be read")]
    Opening(#[from] tokio::task::JoinError),
}

pub(super) async fn open(
    config: &Config,
    engine: &Arc<Engine>,
) -> Result<AttachmentPorts, OpenError> {
    let data = &config.data;
    let store = store_of(config).await?;
    let limits = uploads::Limits {
        file_bytes_max: config.attachments.file_bytes_max,
        open_per_client_max: config.attachments.uploads_per_client_max,
        disk_reserve_bytes: config.disk_reserve.bytes,
        ..uploads::Limits::default()
    };
    let zone = zone(Arc::clone(engine)).await?;
    let uploads = Uploads::open(data.join("uploads"), store.clone(), limits, zone).await?;
    let limits = thumbnail::Limits::default();
    let thumbnails = Thumbnails::open(data.join("thumbnails"), store.clone(), limits).await?;
    let scanner = config.attachments.clamd.clone();
    let scanner = scanner.map(|address| Arc::new(Clamd::new(Options::new(address))) as _);
    let scanner: Option<Arc<dyn Scanner>> = scanner;
    Ok(AttachmentPorts { store, uploads, thumbnails, scanner })
}

/// The store that the configuration names.
pub(crate) async fn store_of(config: &Config) -> Result<Store, store::Error> {
    match &config.attachments {
        #[cfg(feature = "s3")]
        AttachmentsConfig { s3: Some(bucket), .. } => Store::s3(&store::S3Options {
            endpoint: bucket.endpoint.clone(),
            region: bucket.region.clone(),
            bucket: bucket.bucket.clone(),
            access_key_id: bucket.access_key_id.clone(),
            secret_access_key: bucket.secret_access_key.reveal().to_owned(),
        }),
        AttachmentsConfig { .. } => Store::local(config.data.join("attachments")).await,
    }
}

/// The firm's zone, in which the clocks of cameras run that do not say so. A change of it holds
/// from the next start.
async fn zone(engine: Arc<Engine>) -> Result<TimeZone, OpenError> {
    let asked = move || engine.look(|aggregates| aggregates.rules().rules.zone.clone());
    let zone = tokio::task::spawn_blocking(asked).await?.map_err(OpenError::Rules)?;
    Ok(TimeZone::get(&zone).unwrap_or(TimeZone::UTC))
}
