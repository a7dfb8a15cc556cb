//! Changes of link: what the side that lost a car by a link or unlink says of it.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_link_changes)
        .service(handlers::get_link_change)
        .service(handlers::agree_to_link_change)
        .service(handlers::object_to_link_change);
}
