//! What happened with a passport, and whose act it was.

mod handlers;
mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::list_events);
}
