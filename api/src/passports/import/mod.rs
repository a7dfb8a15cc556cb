//! Importing passports: many cars with their customers in one stream, as when a garage joins with all it has.

mod handlers;
mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::import_passports);
}
