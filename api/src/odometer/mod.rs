//! The odometer: adding readings to a car's ledger, and what follows from it.

mod handlers;
pub mod operations;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// The feature's operations.
pub fn services(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::get_odometer)
        .service(handlers::list_odometer_readings)
        .service(handlers::record_odometer_reading);
}
