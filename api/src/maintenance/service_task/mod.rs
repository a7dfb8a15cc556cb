//! Service tasks: the catalogue of the kinds of work that a car can need.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::list_service_tasks);
}
