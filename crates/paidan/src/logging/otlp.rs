//! Spans to a collector, by OTLP over HTTP.

use std::error::Error;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Layer;

/// Only our own: the exporter's client has spans too, and would export itself for ever.
const TARGETS: [&str; 7] =
    ["paidan", "gateway", "engine", "eventlog", "projector", "dispatcher", "demo"];

/// What sends. It has a thread and a bounded queue of its own; what does not fit is dropped.
#[derive(Debug)]
pub(super) struct Spans(SdkTracerProvider);

impl Drop for Spans {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(
                error = &error as &dyn Error,
                "the last spans could not be sent to the collector"
            );
        }
    }
}

pub(super) fn layer(
    endpoint: &str,
) -> Result<(Box<dyn Layer<Registry> + Send + Sync>, Spans), Box<dyn Error + Send + Sync>> {
    let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("paidan").build())
        .build();
    let tracer = provider.tracer("paidan");
    let ours = Targets::new().with_targets(TARGETS.map(|target| (target, LevelFilter::TRACE)));
    let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_filter(ours);
    Ok((layer.boxed(), Spans(provider)))
}
