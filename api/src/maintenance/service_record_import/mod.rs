//! Importing service records: what a garage did to its cars in the years before, in one stream.

mod handlers;
mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::import_service_records);
}
