//! Expected maintenance: what a car will need, when, and what it will cost.

pub mod costs;
mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::get_expected_maintenance);
}
