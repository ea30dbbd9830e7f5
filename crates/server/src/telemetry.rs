//! Logs and traces.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::arguments::{LogFormat, ServeArguments};

/// Traces that are being sent; dropping it sends what is left.
pub struct Telemetry {
    tracing: SdkTracerProvider,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Err(error) = self.tracing.shutdown() {
            eprintln!("entente: the last traces were not sent: {error}");
        }
    }
}

/// Starts logs to standard output, and traces to the collector if one is named. A caller's `traceparent` is taken
/// over either way, so that log lines carry its trace.
pub fn start(arguments: &ServeArguments) -> Result<Telemetry, String> {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let mut provider =
        SdkTracerProvider::builder().with_resource(Resource::builder().with_service_name("entente").build());
    if let Some(endpoint) = &arguments.otlp_endpoint {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .build()
            .map_err(|error| format!("cannot send traces to {endpoint}: {error}"))?;
        provider = provider.with_batch_exporter(exporter);
    }
    let tracing = provider.build();
    let filter = EnvFilter::try_new(&arguments.log).map_err(|error| format!("--log {}: {error}", arguments.log))?;
    let format: Box<dyn Layer<Registry> + Send + Sync> = match arguments.log_format {
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
        LogFormat::Text => tracing_subscriber::fmt::layer().boxed(),
    };
    tracing_subscriber::registry()
        .with(format.with_filter(filter))
        .with(tracing_opentelemetry::layer().with_tracer(tracing.tracer("entente")))
        .try_init()
        .map_err(|error| error.to_string())?;
    Ok(Telemetry { tracing })
}
