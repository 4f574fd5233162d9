//! Where attachments lie, how large they may be, and who looks at them for viruses.

use std::path::PathBuf;
use std::time::Duration;

use attachments::scan;
use serde::Deserialize;

use super::{ConfigError, Environment, Secret};

pub(super) const CLAMD: &str = "PAIDAN_CLAMD";
pub(super) const S3_ACCESS_KEY_ID: &str = "PAIDAN_S3_ACCESS_KEY_ID";
pub(super) const S3_SECRET_ACCESS_KEY: &str = "PAIDAN_S3_SECRET_ACCESS_KEY";

/// The part `[attachments]` of the configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttachmentsToml {
    file_bytes_max: Option<u64>,
    uploads_per_client_max: Option<usize>,
    unfinished_hours: Option<u32>,
    clamd: Option<String>,
    s3: Option<S3Toml>,
}

/// The part `[attachments.s3]`. The keys are secrets and come from the environment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct S3Toml {
    endpoint: Option<String>,
    region: String,
    bucket: String,
}

/// How attachments are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentsConfig {
    /// The largest file, in bytes.
    pub file_bytes_max: u64,
    /// Unfinished uploads of one client.
    pub uploads_per_client_max: usize,
    /// An upload that is not finished after so long is removed.
    pub unfinished_for: Duration,
    /// Where clamd listens; nothing: bytes are not scanned.
    pub clamd: Option<scan::Address>,
    /// A bucket; nothing: a directory beside the log.
    pub s3: Option<S3Config>,
}

/// A bucket, and who we are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Config {
    /// The address of a store other than Amazon's.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// Who we are.
    pub access_key_id: String,
    /// How that is proven.
    pub secret_access_key: Secret,
}

impl Default for AttachmentsConfig {
    fn default() -> Self {
        let of_gateway = gateway::AttachmentConfig::default();
        Self {
            file_bytes_max: of_gateway.file_bytes_max,
            uploads_per_client_max: attachments::uploads::Limits::default().open_per_client_max,
            unfinished_for: of_gateway.unfinished_for,
            clamd: None,
            s3: None,
        }
    }
}

impl AttachmentsConfig {
    pub(super) fn resolve(
        file: AttachmentsToml,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let usual = Self::default();
        let hours = file.unfinished_hours.map(|hours| Duration::from_secs(u64::from(hours) * 3600));
        let clamd = environment.text(CLAMD)?.or(file.clamd);
        let s3 = file.s3.map(|bucket| bucket_of(bucket, environment)).transpose()?;
        Ok(Self {
            file_bytes_max: file.file_bytes_max.unwrap_or(usual.file_bytes_max),
            uploads_per_client_max: file
                .uploads_per_client_max
                .unwrap_or(usual.uploads_per_client_max),
            unfinished_for: hours.unwrap_or(usual.unfinished_for),
            clamd: clamd.map(address),
            s3,
        })
    }
}

fn bucket_of(bucket: S3Toml, environment: &Environment) -> Result<S3Config, ConfigError> {
    if !cfg!(feature = "s3") {
        return Err(ConfigError::NoS3);
    }
    let key = |name| environment.text(name)?.ok_or(ConfigError::S3Key { name });
    Ok(S3Config {
        endpoint: bucket.endpoint,
        region: bucket.region,
        bucket: bucket.bucket,
        access_key_id: key(S3_ACCESS_KEY_ID)?,
        secret_access_key: Secret(key(S3_SECRET_ACCESS_KEY)?),
    })
}

/// A path is a socket of this machine, anything else a host and port.
fn address(given: String) -> scan::Address {
    if given.starts_with('/') {
        scan::Address::Unix(PathBuf::from(given))
    } else {
        scan::Address::Tcp(given)
    }
}
