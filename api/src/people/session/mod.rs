//! Signing in and out: one door for everyone.

pub mod brake;
mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::login)
        .service(handlers::refresh)
        .service(handlers::logout)
        .service(handlers::list_sessions)
        .service(handlers::end_session)
        .service(handlers::request_password_reset)
        .service(handlers::confirm_password_reset);
}
