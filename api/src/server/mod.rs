//! The HTTP server: what it serves, and what stands around it.

mod around;
mod health;
mod pages;
pub mod routes;

use crate::state::App;
use actix_cors::Cors;
use actix_web::{HttpServer, dev::Server, middleware::from_fn, web};
use around::{Refused, surround, turn_away};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, middleware::StateInformationMiddleware};
use pages::Published;
use std::{
    net::TcpListener,
    num::NonZeroU32,
    sync::{Arc, OnceLock, atomic::AtomicU32},
    time::Duration,
};

type Limiter = DefaultKeyedRateLimiter<String, StateInformationMiddleware>;

/// What the layer around requests needs.
struct Frame {
    app: web::Data<App>,
    limiter: Option<(u32, Limiter)>,
    seen: AtomicU32,
    refused: Refused,
    published: OnceLock<Published>,
}

/// Serves on a socket until the returned server is stopped; requests under way are finished first.
pub fn serve(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let limiter = app.settings.requests_per_minute.and_then(NonZeroU32::new).map(|rate| {
        let limiter = RateLimiter::keyed(Quota::per_minute(rate)).with_middleware::<StateInformationMiddleware>();
        (rate.get(), limiter)
    });
    let frame = Arc::new(Frame {
        app,
        limiter,
        seen: AtomicU32::new(0),
        refused: Refused::default(),
        published: OnceLock::new(),
    });
    let workers = frame.app.settings.workers;
    let server = HttpServer::new(move || {
        let frame = Arc::clone(&frame);
        let around = Arc::clone(&frame);
        actix_web::App::new()
            .app_data(frame.app.clone())
            .app_data(web::Data::from(Arc::clone(&frame)))
            .wrap(from_fn(turn_away))
            .wrap(cors(&frame.app.settings.cors_origins))
            .wrap(from_fn(move |request, next| surround(Arc::clone(&around), request, next)))
            .service(
                web::scope("/v1")
                    .route("/openapi.json", web::get().to(pages::openapi_json))
                    .route("/openapi.yaml", web::get().to(pages::openapi_yaml))
                    .configure(routes::services)
                    .default_service(web::to(pages::nothing_here)),
            )
            .route("/.well-known/jwks.json", web::get().to(pages::jwks))
            .route("/health/live", web::get().to(health::live))
            .route("/health/ready", web::get().to(health::ready))
            .route("/metrics", web::get().to(health::metrics))
            .route("/problems/{code}", web::get().to(pages::problem_page))
            .route("/docs", web::get().to(pages::docs))
            .service(
                utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}")
                    .config(utoipa_swagger_ui::Config::from("/v1/openapi.json").persist_authorization(true)),
            )
            .default_service(web::to(pages::nothing_here))
    });
    let server = server
        .workers(workers)
        .client_request_timeout(Duration::from_secs(15))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(30)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "Authorization",
            "Content-Type",
            "If-Match",
            "Idempotency-Key",
            "Accept-Language",
            "traceparent",
        ])
        .expose_headers([
            "ETag",
            "Location",
            "API-Version",
            "X-Request-Id",
            "Retry-After",
            "RateLimit",
            "RateLimit-Policy",
        ])
        .max_age(3600);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin().send_wildcard();
    }
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
