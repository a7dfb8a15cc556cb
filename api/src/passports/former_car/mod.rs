//! Cars that an account had and has no longer, and what it entered about them itself.

mod handlers;
mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_former_cars)
        .service(handlers::list_former_car_readings)
        .service(handlers::list_former_car_records);
}
