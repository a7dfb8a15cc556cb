//! Passports: making, keeping, activating, linking to a fleet, archiving, and the history of hands.

mod handlers;
pub mod operations;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// The feature's operations.
pub fn services(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_passports)
        .service(handlers::create_passport)
        .service(handlers::get_passport)
        .service(handlers::update_passport)
        .service(handlers::invite_passport)
        .service(handlers::archive_passport)
        .service(handlers::list_custody)
        .service(handlers::link_passport)
        .service(handlers::unlink_passport);
}
