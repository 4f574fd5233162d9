//! The NATS server between processes.

use std::path::PathBuf;
use std::time::Duration;

use relay::{ClientCertificate, Credentials, Names, NatsOptions};
use serde::Deserialize;

use super::{ConfigError, Environment, Secret};

pub(super) const NATS: &str = "PAIDAN_NATS";
pub(super) const NATS_TOKEN: &str = "PAIDAN_NATS_TOKEN";

/// Where nothing else is said.
const URL_DEFAULT: &str = "nats://127.0.0.1:4222";

/// A dispatcher that is not heard of for so long is followed by another: with the next look at the
/// lease, well below the five seconds that are promised.
const LEASE_MS_DEFAULT: u64 = 3_000;
const LEASE_MS: std::ops::RangeInclusive<u64> = 1_000..=60_000;

/// The part `[nats]` of the configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NatsToml {
    url: Option<String>,
    prefix: Option<String>,
    nkey_file: Option<PathBuf>,
    credentials_file: Option<PathBuf>,
    root_certificates: Option<PathBuf>,
    client_certificate: Option<PathBuf>,
    client_key: Option<PathBuf>,
    lease_ms: Option<u64>,
}

/// Where the NATS server is and who we are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsConfig {
    /// Its address.
    pub url: String,
    /// What our subjects begin with.
    pub names: Names,
    /// A shared word.
    pub token: Option<Secret>,
    /// The file with the seed of our own key.
    pub nkey_file: Option<PathBuf>,
    /// A file that a NATS operator made.
    pub credentials_file: Option<PathBuf>,
    /// Authorities whose certificates are trusted instead of the system's.
    pub root_certificates: Option<PathBuf>,
    /// For a server that asks its clients for a certificate.
    pub client_certificate: Option<ClientCertificate>,
    /// How long a dispatcher leads without being heard of.
    pub lease: Duration,
}

impl NatsConfig {
    pub(super) fn resolve(
        flag: Option<String>,
        file: NatsToml,
        beside: impl Fn(PathBuf) -> PathBuf,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let url = flag.map_or_else(|| environment.text(NATS), |url| Ok(Some(url)))?;
        let names = match file.prefix {
            None => Names::default(),
            Some(prefix) => Names::new(&prefix).ok_or(ConfigError::NatsPrefix { given: prefix })?,
        };
        let lease_ms = file.lease_ms.unwrap_or(LEASE_MS_DEFAULT);
        if !LEASE_MS.contains(&lease_ms) {
            return Err(ConfigError::NatsLease { given: lease_ms });
        }
        let client_certificate = match (file.client_certificate, file.client_key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => {
                Some(ClientCertificate { certificate: beside(certificate), key: beside(key) })
            }
            (Some(_), None) => return Err(ConfigError::NatsCertificate { missing: "client_key" }),
            (None, Some(_)) => {
                return Err(ConfigError::NatsCertificate { missing: "client_certificate" });
            }
        };
        Ok(Self {
            url: url.or(file.url).unwrap_or_else(|| URL_DEFAULT.to_owned()),
            names,
            token: environment.text(NATS_TOKEN)?.map(Secret),
            nkey_file: file.nkey_file.map(&beside),
            credentials_file: file.credentials_file.map(&beside),
            root_certificates: file.root_certificates.map(&beside),
            client_certificate,
            lease: Duration::from_millis(lease_ms),
        })
    }

    /// How to connect under this name.
    ///
    /// # Errors
    /// When the file with the key's seed cannot be read.
    pub fn options(&self, name: &str) -> Result<NatsOptions, ConfigError> {
        let credentials = match (&self.token, &self.nkey_file, &self.credentials_file) {
            (_, _, Some(path)) => Credentials::File(path.clone()),
            (_, Some(path), None) => {
                let seed = std::fs::read_to_string(path)
                    .map_err(|source| ConfigError::NKey { path: path.clone(), source })?;
                Credentials::NKey(seed.trim().to_owned())
            }
            (Some(token), None, None) => Credentials::Token(token.reveal().to_owned()),
            (None, None, None) => Credentials::None,
        };
        Ok(NatsOptions {
            url: self.url.clone(),
            credentials,
            root_certificates: self.root_certificates.clone(),
            client_certificate: self.client_certificate.clone(),
            name: name.to_owned(),
        })
    }
}
