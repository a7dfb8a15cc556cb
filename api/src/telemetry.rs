//! Logs and metrics.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{io::IsTerminal, sync::OnceLock};
use tracing_subscriber::EnvFilter;

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts the metrics, once in a process; later calls change nothing.
pub fn install_metrics() {
    METRICS.get_or_init(|| prometheus().install_recorder().ok());
}

/// Durations are counted in buckets: these take a fixed amount of memory, and can be added up over servers.
fn prometheus() -> PrometheusBuilder {
    let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    PrometheusBuilder::new().set_buckets(&buckets).unwrap_or_default()
}

/// The metrics in Prometheus' text format.
pub fn render_metrics() -> String {
    METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default()
}

/// Adds new measurements to their buckets. Without this call, a server whose metrics nobody reads would keep every
/// duration that it ever measured.
pub fn keep_metrics_small() {
    if let Some(Some(metrics)) = METRICS.get() {
        metrics.run_upkeep();
    }
}

/// Starts the log on standard error: readable lines on a terminal, JSON elsewhere. `filter` has the syntax of
/// `RUST_LOG`.
pub fn install_logs(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let installed = if std::io::stderr().is_terminal() {
        logs.with_target(false).try_init()
    } else {
        logs.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    };
    drop(installed);
}
