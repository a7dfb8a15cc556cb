//! Vehicle checks: what a mechanic finds, item by item, and what follows when the check is completed.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_garage_checks)
        .service(handlers::list_vehicle_checks)
        .service(handlers::start_vehicle_check)
        .service(handlers::get_vehicle_check)
        .service(handlers::discard_vehicle_check)
        .service(handlers::enter_finding)
        .service(handlers::remove_finding)
        .service(handlers::complete_vehicle_check);
}
