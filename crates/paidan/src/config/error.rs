//! What is wrong with a configuration, and where it was found.

use std::fmt;
use std::path::PathBuf;

use super::LISTEN_DEFAULT;
use crate::logging::UnknownFormat;

/// Where a setting was found, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(&'static str),
    /// A variable.
    Variable(&'static str),
    /// A key of the file.
    Key(&'static str, PathBuf),
    /// Nowhere.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => f.write_str(name),
            Self::Variable(name) => f.write_str(name),
            Self::Key(name, file) => write!(f, "`{name}` in {}", file.display()),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("could not read the configuration file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, or has an unknown key or a value of a wrong kind.
    #[error("the configuration file {path} is not written right")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and on which line.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A variable is not text.
    #[error("the variable {name} is not UTF-8")]
    NotUtf8 {
        /// Which.
        name: &'static str,
    },
    /// The number is none.
    #[error("{name} is `{given}`, which is no number of bytes; write one such as 268435456")]
    Bytes {
        /// Which variable.
        name: &'static str,
        /// What it is.
        given: String,
    },
    /// This build knows no buckets.
    #[error(
        "[attachments.s3] is configured, and this build keeps attachments in a directory only; \
         build it with `--features s3`, or take that part out of the file"
    )]
    NoS3,
    /// A key of the bucket is missing.
    #[error("[attachments.s3] is configured, and the variable {name} is missing")]
    S3Key {
        /// Which variable.
        name: &'static str,
    },
    /// The prefix of NATS subjects is none.
    #[error(
        "`nats.prefix` is `{given}`; write 1 to 32 letters, digits, `-` or `_`, such as `paidan`"
    )]
    NatsPrefix {
        /// What it is.
        given: String,
    },
    /// The lease of dispatchers is too short or too long.
    #[error("`nats.lease_ms` is {given}; write 1000 to 60000, 3000 where nothing is said")]
    NatsLease {
        /// What it is.
        given: u64,
    },
    /// A certificate without its key, or a key without its certificate.
    #[error(
        "`nats.{missing}` is missing; `nats.client_certificate` and `nats.client_key` each name a \
         PEM file, and go together"
    )]
    NatsCertificate {
        /// Which.
        missing: &'static str,
    },
    /// The seed of our key on the NATS server cannot be read.
    #[error("could not read the key for NATS in {path}")]
    NKey {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The levels are none.
    #[error("{origin} is `{given}`, which says no levels; write one such as `info,gateway=debug`")]
    LogFilter {
        /// Where it was found.
        origin: Origin,
        /// What it is.
        given: String,
        /// What is wrong.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// The format is none.
    #[error("{origin} is `{given}`, which is no format")]
    LogFormat {
        /// Where it was found.
        origin: Origin,
        /// What it is.
        given: String,
        /// Which there are.
        #[source]
        source: UnknownFormat,
    },
    /// The address is none.
    #[error("{origin} is `{given}`, which is no address; write one such as {LISTEN_DEFAULT}")]
    Address {
        /// Where it was found.
        origin: Origin,
        /// What it is.
        given: String,
    },
    /// The address can be reached from other machines.
    #[error(
        "{origin} is `{given}`, which other machines can reach; there are no accounts yet, so \
         anybody there could do anything. Write a loopback address such as {LISTEN_DEFAULT}, and \
         put a proxy that checks who comes in front of it where others need it"
    )]
    NotLoopback {
        /// Where it was found.
        origin: Origin,
        /// What it is.
        given: String,
    },
}
