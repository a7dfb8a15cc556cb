//! The vehicle register, as it is asked for a person who types a plate or makes a passport.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::get_registered_vehicle);
    registry.service(handlers::look_up_vehicles);
}
