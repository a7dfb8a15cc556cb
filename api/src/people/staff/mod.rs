//! The people who work at a garage.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_staff)
        .service(handlers::add_staff)
        .service(handlers::get_staff)
        .service(handlers::update_staff)
        .service(handlers::remove_staff)
        .service(handlers::invite_staff)
        .service(handlers::reset_staff_second_factor);
}
