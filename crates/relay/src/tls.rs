//! Certificates and keys for TLS, looked at before the first connection: what is wrong with a file
//! is better said at the start than with each attempt.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_nats::rustls::crypto::ring;
use async_nats::rustls::pki_types::pem::{self, PemObject};
use async_nats::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use async_nats::rustls::{self, ClientConfig, RootCertStore};

/// Who we are, to a server that asks its clients for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, with those between it and its authority (PEM).
    pub certificate: PathBuf,
    /// Its key (PEM).
    pub key: PathBuf,
}

/// Why TLS cannot be spoken with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// There is no such file, or it is not ours to read, or something else than PEM.
    #[error("the file {path}, named by `nats.{named_by}`, cannot be used")]
    Read {
        /// The file.
        path: PathBuf,
        /// The key of the configuration.
        named_by: &'static str,
        /// What is wrong.
        #[source]
        source: pem::Error,
    },
    /// It has no certificate.
    #[error(
        "the file {path}, named by `nats.{named_by}`, has no certificate in it; write it in PEM, \
         beginning with -----BEGIN CERTIFICATE-----"
    )]
    Empty {
        /// The file.
        path: PathBuf,
        /// The key of the configuration.
        named_by: &'static str,
    },
    /// It has something that is no authority's certificate.
    #[error("a certificate in {path}, named by `nats.root_certificates`, cannot be used")]
    Root {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: rustls::Error,
    },
    /// Certificate and key are not of each other.
    #[error("the certificate in {certificate} and the key in {key} do not go together")]
    Client {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong.
        #[source]
        source: rustls::Error,
    },
}

/// Reads the files as every connection will.
pub(crate) fn check(
    root_certificates: Option<&Path>,
    client: Option<&ClientCertificate>,
) -> Result<(), TlsError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = root_certificates {
        for root in certificates(path, "root_certificates")? {
            let path = || path.to_path_buf();
            roots.add(root).map_err(|source| TlsError::Root { path: path(), source })?;
        }
    }
    let Some(ClientCertificate { certificate, key }) = client else { return Ok(()) };
    let chain = certificates(certificate, "client_certificate")?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|source| {
        let path = key.clone();
        TlsError::Read { path, named_by: "client_key", source }
    })?;
    let unusable = |source| {
        let (certificate, key) = (certificate.clone(), key.clone());
        TlsError::Client { certificate, key, source }
    };
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, secret)
        .map(drop)
        .map_err(unusable)
}

fn certificates(
    path: &Path,
    named_by: &'static str,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |source| TlsError::Read { path: path.to_path_buf(), named_by, source };
    let found = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    let found = found.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    if found.is_empty() {
        return Err(TlsError::Empty { path: path.to_path_buf(), named_by });
    }
    Ok(found)
}
