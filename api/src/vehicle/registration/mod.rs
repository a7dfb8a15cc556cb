//! What the vehicle register told of a passport's car: its data, recalls and inspections, as they are kept.

mod handlers;
pub mod operations;
pub mod refresh;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::get_registration).service(handlers::list_recalls).service(handlers::list_inspections);
}
