//! S3, and what speaks like it.

use std::fmt;
use std::sync::Arc;

use object_store::aws::AmazonS3Builder;

use super::{Error, Store, failed};

/// Where a bucket is, and who we are there.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Options {
    /// The address of a store other than Amazon's, such as `https://minio.example:9000`. With
    /// `http://` everything goes unencrypted.
    pub endpoint: Option<String>,
    /// The region; stores of one's own take any.
    pub region: String,
    /// The bucket, which must be there and belong to this store alone.
    pub bucket: String,
    /// Who we are.
    pub access_key_id: String,
    /// How that is proven. Never shown.
    pub secret_access_key: String,
}

impl fmt::Debug for S3Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Options")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Bytes in a bucket. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When the options make no sense.
    pub fn s3(options: &S3Options) -> Result<Self, Error> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Another part of the process may have been faster, which is fine.
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let mut builder = AmazonS3Builder::new()
            .with_region(&options.region)
            .with_bucket_name(&options.bucket)
            .with_access_key_id(&options.access_key_id)
            .with_secret_access_key(&options.secret_access_key);
        if let Some(endpoint) = &options.endpoint {
            let plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(plain);
        }
        let objects = builder.build().map_err(failed("set up the bucket"))?;
        Ok(Self::remote(Arc::new(objects)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_not_shown() {
        let options = S3Options {
            endpoint: None,
            region: "eu".into(),
            bucket: "photos".into(),
            access_key_id: "id".into(),
            secret_access_key: "hidden".into(),
        };
        assert!(!format!("{options:?}").contains("hidden"));
        Store::s3(&options).expect("makes sense");
    }
}
