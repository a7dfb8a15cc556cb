//! The people who work at a garage.

mod handlers;
pub mod operations;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// The feature's operations.
pub fn services(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_staff)
        .service(handlers::add_staff)
        .service(handlers::get_staff)
        .service(handlers::update_staff)
        .service(handlers::remove_staff)
        .service(handlers::invite_staff);
}
