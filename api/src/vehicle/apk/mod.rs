//! The APK: how a car stands with it, and the dates that a garage enters ahead of the register.

mod handlers;
pub mod operations;
mod texts;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::get_apk)
        .service(handlers::list_apk_entries)
        .service(handlers::get_apk_entry)
        .service(handlers::enter_apk_date)
        .service(handlers::set_apk_lift);
}
