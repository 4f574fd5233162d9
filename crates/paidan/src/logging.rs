//! What the process says while it runs: lines on the error stream, for people or for programs, and,
//! with the cargo feature `otel`, spans to a collector. The fields stand in
//! `docs/observability.md`.

#[cfg(feature = "otel")]
mod otlp;

use std::fmt;
use std::io::{self, IsTerminal};
use std::str::FromStr;

use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Registry};

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object on each line, for programs.
    Json,
}

/// A text that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there are `text` and `json`")]
pub struct UnknownFormat;

impl FromStr for LogFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(UnknownFormat),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// What is said, how, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogConfig {
    /// How much: a level, or levels by module such as `info,paidan=debug`. Checked already.
    pub filter: Option<String>,
    /// How lines look.
    pub format: LogFormat,
    /// Where a collector takes spans by OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`.
    pub otlp_endpoint: Option<String>,
}

/// Why it cannot be said.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// This binary has no exporter.
    #[error(
        "otlp_endpoint is set, but this binary was built without the feature `otel`; build it \
         with `--features otel`, or take the setting out"
    )]
    WithoutOtel,
    /// The exporter cannot be made.
    #[error("the exporter to {endpoint} could not be made")]
    Exporter {
        /// Where it was to go.
        endpoint: String,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Saying, until it is dropped: then spans that still wait are sent.
#[derive(Debug)]
#[must_use = "spans are sent until it is dropped"]
pub struct Logging {
    #[cfg(feature = "otel")]
    _spans: Option<otlp::Spans>,
}

/// Begins to say things; `usually` is the filter where none is set. Not within a runtime.
///
/// # Errors
/// When spans are to be sent and cannot be.
pub fn begin(config: &LogConfig, usually: &str) -> Result<Logging, LoggingError> {
    let filter = EnvFilter::new(config.filter.as_deref().unwrap_or(usually));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match config.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
    };
    let mut layers = vec![lines];
    #[cfg(feature = "otel")]
    let spans = match &config.otlp_endpoint {
        Some(endpoint) => {
            let (layer, spans) = otlp::layer(endpoint)
                .map_err(|source| LoggingError::Exporter { endpoint: endpoint.clone(), source })?;
            layers.push(layer);
            Some(spans)
        }
        None => None,
    };
    #[cfg(not(feature = "otel"))]
    if config.otlp_endpoint.is_some() {
        return Err(LoggingError::WithoutOtel);
    }
    layers = vec![layers.boxed()];
    let begun: Result<(), TryInitError> =
        tracing_subscriber::registry().with(layers).with(filter).try_init();
    // Somebody who runs the command line inside their own program may have a subscriber already.
    if begun.is_err() {
        tracing::debug!("another subscriber is in use");
    }
    Ok(Logging {
        #[cfg(feature = "otel")]
        _spans: spans,
    })
}

/// Whether a text is a filter.
pub(crate) fn check_filter(text: &str) -> Result<(), tracing_subscriber::filter::ParseError> {
    EnvFilter::builder().parse(text).map(drop)
}

#[cfg(all(test, not(feature = "otel")))]
mod tests {
    use super::*;

    #[test]
    fn a_collector_without_the_feature_is_refused_with_what_to_do() {
        let endpoint = Some("http://127.0.0.1:1/v1/traces".to_owned());
        let config = LogConfig { otlp_endpoint: endpoint, ..LogConfig::default() };
        let refused = begin(&config, "info").expect_err("no exporter");
        assert!(refused.to_string().contains("--features otel"), "{refused}");
    }
}
