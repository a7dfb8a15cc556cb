//! Notifications: what an account is told in the app, live, and what it wants to hear.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::count_unread_notifications)
        .service(handlers::stream_notifications)
        .service(handlers::list_notifications)
        .service(handlers::read_notifications)
        .service(handlers::read_notification)
        .service(handlers::get_notification_settings)
        .service(handlers::set_notification_setting);
}
