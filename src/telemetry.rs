//! Logs: JSON lines to the error stream, with the id of the request that they are about.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Begins to log. `filter` is as in `RUST_LOG`: `info`, `forbear=debug,info`.
///
/// # Errors
/// The filter cannot be read, or logging has begun already.
pub fn begin(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)?;
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    tracing_subscriber::registry().with(filter).with(lines).try_init()?;
    Ok(())
}
