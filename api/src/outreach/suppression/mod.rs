//! Addresses that must not be written to, which a garage corrects.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::list_suppressions).service(handlers::lift_suppression);
}
