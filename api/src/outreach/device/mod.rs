//! The account's devices, to which push messages go.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::get_web_push_key)
        .service(handlers::list_devices)
        .service(handlers::register_device)
        .service(handlers::delete_device);
}
