//! Licence plates: what a plate is, by its letters and digits alone.

mod handlers;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// The feature's operations.
pub fn services(config: &mut ServiceConfig<'_>) {
    config.service(handlers::get_licence_plate);
}
