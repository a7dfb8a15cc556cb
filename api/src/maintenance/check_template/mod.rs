//! Check templates: what a mechanic looks at.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::list_check_templates);
}
