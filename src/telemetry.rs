//! Logs: JSON lines to the error stream, with the id of the request that they are about. Traces: the spans of requests and of the
//! work for them, to a collector that takes OTLP over HTTP, where one is set.

use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Traces that are sent until it is dropped: then what waits is sent, and no more.
#[must_use]
pub struct Traces(Option<SdkTracerProvider>);

impl Drop for Traces {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Begins to log, and to send traces where there is a collector. `filter` is as in `RUST_LOG`: `info`, `forbear=debug,info`.
///
/// # Errors
/// The filter or the collector's address cannot be read, or logging has begun already.
pub fn begin(filter: &str, collector: Option<&str>) -> anyhow::Result<Traces> {
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    let lines = lines.with_filter(EnvFilter::try_new(filter)?);
    let provider = collector.map(provider).transpose()?;
    // Spans alone, and our own: what is said on the way is for the log.
    let own = filter_fn(|about| about.is_span() && about.target().starts_with("forbear"));
    let traces = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("forbear"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_filter(own)
    });
    tracing_subscriber::registry().with(lines).with(traces).try_init()?;
    Ok(Traces(provider))
}

fn provider(collector: &str) -> anyhow::Result<SdkTracerProvider> {
    anyhow::ensure!(
        collector.starts_with("http://") || collector.starts_with("https://"),
        "traces: {collector} is no address of a collector, such as http://localhost:4318/v1/traces"
    );
    let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build();
    let exporter =
        SpanExporter::builder().with_http().with_http_client(Client(agent.into())).with_endpoint(collector).build()?;
    let resource = Resource::builder().with_service_name("forbear").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// What sends to the collector: the exporter has a thread of its own, which may wait.
#[derive(Debug)]
struct Client(ureq::Agent);

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let mut answer = self.0.run(Request::from_parts(head, body.to_vec()))?;
        let body = answer.body_mut().read_to_vec()?;
        let (head, _) = answer.into_parts();
        Ok(Response::from_parts(head, body.into()))
    }
}
