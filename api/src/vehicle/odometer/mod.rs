//! The odometer: adding readings to a car's ledger, and what follows from it.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::get_odometer)
        .service(handlers::list_odometer_readings)
        .service(handlers::get_odometer_reading)
        .service(handlers::record_odometer_reading);
}
