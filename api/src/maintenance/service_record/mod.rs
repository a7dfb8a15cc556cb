//! Service records: the history of what was done to a car.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_service_records)
        .service(handlers::get_service_record)
        .service(handlers::add_service_record);
}
