//! Signing in and out: one door for everyone.

mod handlers;
pub mod operations;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// The feature's operations.
pub fn services(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::login)
        .service(handlers::refresh)
        .service(handlers::logout)
        .service(handlers::list_sessions)
        .service(handlers::end_session)
        .service(handlers::request_password_reset)
        .service(handlers::confirm_password_reset);
}
