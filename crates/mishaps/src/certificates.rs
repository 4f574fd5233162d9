//! An authority of its own, a certificate for a server on this machine, and one for its clients.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;

/// PEM files in a directory that is removed at the end. Two of these do not trust each other.
#[derive(Debug)]
pub struct Certificates {
    directory: TempDir,
}

impl Certificates {
    /// Makes an authority and what it issues.
    ///
    /// # Panics
    /// When they cannot be made or written.
    #[must_use]
    pub fn make() -> Self {
        let (mut authority, authority_key) = (CertificateParams::default(), key());
        // Authorities are told apart by their names first.
        let name = format!("authority {:02x?}", &authority_key.public_key_raw()[1..9]);
        authority.distinguished_name.push(DnType::CommonName, name);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority =
            CertifiedIssuer::self_signed(authority, authority_key).expect("an authority");
        let made = Self { directory: tempfile::tempdir().expect("a directory") };
        made.write("ca.pem", &authority.pem());
        for (role, usage) in [
            ("server", ExtendedKeyUsagePurpose::ServerAuth),
            ("client", ExtendedKeyUsagePurpose::ClientAuth),
        ] {
            let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
            let mut params = CertificateParams::new(names).expect("names");
            params.extended_key_usages = vec![usage];
            let key = key();
            let issued = params.signed_by(&key, &authority).expect("a certificate");
            made.write(&format!("{role}.pem"), &issued.pem());
            made.write(&format!("{role}-key.pem"), &key.serialize_pem());
        }
        made
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.directory.path().join(name), text).expect("is written");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The authority's certificate.
    pub fn authority(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// The client's certificate.
    pub fn client(&self) -> PathBuf {
        self.file("client.pem")
    }

    /// The key of the client's certificate.
    pub fn client_key(&self) -> PathBuf {
        self.file("client-key.pem")
    }

    /// A configuration file of a nats-server that asks its clients for a certificate.
    pub(crate) fn server_configuration(&self) -> PathBuf {
        let quoted = |path: &Path| format!("{:?}", path.display().to_string());
        let text = format!(
            "jetstream {{ store_dir: $NATS_STORE_DIR }}\n\
             tls {{\n  cert_file: {}\n  key_file: {}\n  ca_file: {}\n  verify: true\n  \
             timeout: 10\n}}\n",
            quoted(&self.file("server.pem")),
            quoted(&self.file("server-key.pem")),
            quoted(&self.authority()),
        );
        self.write("nats-server.conf", &text);
        self.file("nats-server.conf")
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
