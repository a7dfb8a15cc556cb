//! The status of cars: in one word, with the reasons.

mod handlers;
pub mod operations;
mod texts;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::get_car_status);
}
