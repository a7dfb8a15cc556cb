//! Mailed one-time links: activation of passports, fleets' and staff accounts, and driver accounts for offers.

mod handlers;
pub mod operations;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// The feature's operations.
pub fn services(config: &mut ServiceConfig<'_>) {
    config.service(handlers::preview_invitation).service(handlers::accept_invitation);
}
