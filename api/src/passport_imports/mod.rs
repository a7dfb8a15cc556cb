//! Importing passports: many cars with their customers in one stream, as when a garage joins with all it has.

mod handlers;
mod lines;
mod operations;
pub mod wire;

use crate::server::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::import_passports);
}

/// How many imports one process runs at once: each holds its garage's lock for most of its time.
pub const AT_ONCE: usize = 4;
