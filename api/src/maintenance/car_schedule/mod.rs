//! The maintenance schedule of one car: which schedule decides about each task, and the rules that are its own.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::get_car_schedule)
        .service(handlers::get_car_rule)
        .service(handlers::set_car_rule)
        .service(handlers::remove_car_rule);
}
