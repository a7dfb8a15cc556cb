//! Service indicators: what cars themselves say about when a task is due.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::set_service_indicator).service(handlers::remove_service_indicator);
}
