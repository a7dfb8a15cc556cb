//! Reminders: when people are reminded, as garages, chains and the platform set it.

pub mod command;
mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::get_reminder_offsets)
        .service(handlers::set_reminder_offsets)
        .service(handlers::reset_reminder_offsets);
}
