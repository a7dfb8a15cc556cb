//! Maintenance schedules: when tasks come back, and for which cars.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_maintenance_schedules)
        .service(handlers::create_maintenance_schedule)
        .service(handlers::preview_maintenance_schedule)
        .service(handlers::get_maintenance_schedule)
        .service(handlers::update_maintenance_schedule)
        .service(handlers::delete_maintenance_schedule);
}
