//! The HTTP server: the routes that it serves, and the layers around them.

mod admission;
mod app_page;
mod around;
mod docs;
mod health;
mod pages;
mod represent;
pub mod routes;
mod unread;
mod unsubscribe_page;

use crate::state::App;
use actix_cors::Cors;
use actix_web::{HttpServer, dev::Server, middleware::from_fn, web};
use admission::{Limiter, admit, turn_away};
use around::{Refused, surround};
use pages::Published;
use represent::represent;
use std::{
    net::TcpListener,
    num::NonZeroU32,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// The headers that the pages of other origins may send.
const SENT_BY_PAGES: [&str; 10] = [
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "Accept-Language",
    "traceparent",
    "Range",
    "If-Range",
    "Last-Event-ID",
];

/// What the layer around requests needs.
struct Frame {
    app: web::Data<App>,
    limiter: Option<Limiter>,
    refused: Refused,
    published: OnceLock<Published>,
}

/// Serves on a socket until the returned server is stopped. Requests that are being handled are finished first.
pub fn serve(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let limiter = app.settings.requests_per_minute.and_then(NonZeroU32::new).map(Limiter::new);
    let frame = Arc::new(Frame { app, limiter, refused: Refused::default(), published: OnceLock::new() });
    let workers = frame.app.settings.workers;
    let server = HttpServer::new(move || {
        let frame = Arc::clone(&frame);
        let (around, admitting) = (Arc::clone(&frame), Arc::clone(&frame));
        let app = actix_web::App::new()
            .app_data(frame.app.clone())
            .app_data(web::Data::from(Arc::clone(&frame)))
            // The last layer is the outermost.
            .wrap(from_fn(turn_away))
            .wrap(from_fn(represent))
            .wrap(from_fn(move |request, next| admit(Arc::clone(&admitting), request, next)))
            .wrap(cors(&frame.app.settings.cors_origins))
            .wrap(from_fn(move |request, next| surround(Arc::clone(&around), request, next)))
            .default_service(web::to(pages::nothing_here));
        pages::pages()
            .into_iter()
            .fold(app, |app, (path, _, route)| app.route(path, route))
            .service(web::scope("/v1").configure(routes::services).default_service(web::to(pages::nothing_here)))
    });
    let server = server
        .workers(workers)
        .client_request_timeout(Duration::from_secs(15))
        // Also how long an answer may take to leave, when the body of its request was not read.
        .client_disconnect_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(30)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers(SENT_BY_PAGES)
        .expose_headers([
            "ETag",
            "Location",
            "API-Version",
            "X-Request-Id",
            "Retry-After",
            "RateLimit",
            "RateLimit-Policy",
            "Content-Disposition",
            "Content-Range",
            "Accept-Ranges",
        ])
        .max_age(3600);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin().send_wildcard();
    }
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
