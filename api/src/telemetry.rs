//! Logs and metrics.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{io::IsTerminal, sync::OnceLock};
use tracing_subscriber::EnvFilter;

/// What is logged unless the operator says otherwise. `actix_http` logs each request that is not HTTP as an error; anyone can
/// send those, as many as they like, and nothing is wrong with the server then.
pub const DEFAULT_FILTER: &str = "info,actix_server=warn,actix_http=off";

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
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let installed = if std::io::stderr().is_terminal() {
        logs.with_target(false).try_init()
    } else {
        logs.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    };
    drop(installed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_anyone_can_cause_does_not_fill_the_log() {
        let lines = Lines::default();
        let writer = lines.clone();
        let filter = EnvFilter::try_new(DEFAULT_FILTER).unwrap();
        let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(logs, || {
            tracing::error!(target: "actix_http::h1::dispatcher", "stream error: not HTTP");
            tracing::error!(target: "api::server::around", "failed");
            tracing::info!(target: "api::server::around", "answered");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(!text.contains("not HTTP"), "{text}");
        assert!(text.contains("failed") && text.contains("answered"), "{text}");
    }
}
