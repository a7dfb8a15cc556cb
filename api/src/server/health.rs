//! The state of the server: whether it is alive and ready, and its metrics.

use crate::{
    problem::{Code, Problem},
    state::App,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use domain::{Instant, job::TaskKind};
use persistence::{self as store, jobs::JobCounts};

pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

/// Ready: the database can be reached, all migrations have run, and the worker is running. A mail server that fails is named,
/// but does not make this server unready: requests are answered and mails wait.
pub(super) async fn ready(app: web::Data<App>) -> HttpResponse {
    let pending = app.database.read(|tx| Ok(store::health::has_pending_migrations(tx)?)).await;
    let now = app.clock.now();
    let worker = app.worker_seen.is_recent(now);
    let (database, migrations) = (pending.is_ok(), matches!(pending, Ok(false)));
    let word = |good: bool| if good { "ok" } else { "failing" };
    let body = serde_json::json!({
        "status": if database && migrations && worker { "ready" } else { "not_ready" },
        "database": word(database), "migrations": word(migrations), "worker": word(worker),
        "mail": word(app.mail_server.failing_for(now).is_none()),
    });
    let status = if database && migrations && worker { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(body)
}

pub(super) async fn metrics(request: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Problem> {
    // The operator's proxy closes this path, and not another spelling of it, such as `/%6detrics`.
    if request.path() != "/metrics" {
        return Err(Code::NotFound.into());
    }
    let pool = app.database.store().pool_state();
    metrics::gauge!("database_connections_open").set(f64::from(pool.open));
    metrics::gauge!("database_connections_idle").set(f64::from(pool.idle));
    metrics::counter!("database_statements_total").absolute(app.database.store().statements());
    metrics::gauge!("database_requests_waiting")
        .set(u32::try_from(app.database.waiting()).map_or(f64::INFINITY, f64::from));
    metrics::gauge!("event_streams_open").set(u32::try_from(app.streams.count()).map_or(f64::INFINITY, f64::from));
    let now = app.clock.now();
    let failing = app.mail_server.failing_for(now).map_or(0.0, |failing| failing.as_secs_f64());
    metrics::gauge!("mail_server_failing_seconds").set(failing);
    if let Ok(counts) = app.database.read(move |tx| Ok(store::jobs::counts(tx, now)?)).await {
        count_jobs(&counts, now);
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(crate::telemetry::render_metrics()))
}

/// How many jobs of each kind wait, are tried again, run and were given up, and for how long the oldest has waited.
fn count_jobs(counts: &[(Option<TaskKind>, JobCounts)], now: Instant) {
    for (kind, jobs) in counts {
        let kind = kind.map_or("unknown", TaskKind::code);
        let states =
            [("queued", jobs.queued), ("retrying", jobs.retrying), ("running", jobs.running), ("dead", jobs.dead)];
        for (state, count) in states {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            metrics::gauge!("jobs", "kind" => kind, "state" => state).set(f64::from(count));
        }
        let waits = jobs.due_since.map_or(0.0, |since| now.duration_since(since).as_secs_f64());
        metrics::gauge!("jobs_oldest_due_seconds", "kind" => kind).set(waits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics_exporter_prometheus::PrometheusBuilder;

    #[test]
    fn an_operator_sees_the_jobs_of_each_kind_in_the_metrics() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let now = Instant::from_second(1_792_890_000).unwrap();
        let due_since = Some(now - jiff::SignedDuration::from_secs(90));
        let mails = JobCounts { queued: 5, retrying: 2, running: 4, dead: 1, due_since };
        let counts = [(Some(TaskKind::Mail), mails), (None, JobCounts { dead: 3, ..JobCounts::default() })];
        metrics::with_local_recorder(&recorder, || count_jobs(&counts, now));
        let shown = recorder.handle().render();
        for (kind, state, count) in [
            ("mail", "queued", 5),
            ("mail", "retrying", 2),
            ("mail", "running", 4),
            ("mail", "dead", 1),
            ("unknown", "dead", 3),
            ("unknown", "queued", 0),
        ] {
            let line = format!("jobs{{kind=\"{kind}\",state=\"{state}\"}} {count}");
            assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
        }
        for line in ["jobs_oldest_due_seconds{kind=\"mail\"} 90", "jobs_oldest_due_seconds{kind=\"unknown\"} 0"] {
            assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
        }
    }
}
