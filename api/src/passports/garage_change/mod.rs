//! Changes of garage: another garage asks to keep a car's passport, and the owner decides.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::invite_garage)
        .service(handlers::request_garage_change)
        .service(handlers::list_garage_changes)
        .service(handlers::get_garage_change)
        .service(handlers::agree_to_garage_change)
        .service(handlers::decline_garage_change)
        .service(handlers::withdraw_garage_change);
}
