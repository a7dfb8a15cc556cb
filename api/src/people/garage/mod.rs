//! The garage's own data.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::get_garage).service(handlers::get_garage_summary).service(handlers::update_garage);
}
