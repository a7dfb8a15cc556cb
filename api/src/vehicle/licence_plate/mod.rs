//! Licence plates: what a plate is, by its letters and digits alone.

mod handlers;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::get_licence_plate);
}
