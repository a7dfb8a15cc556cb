//! The private calendar of an account: its secret address, and what calendar programs find there.

pub mod feed;
mod handlers;
mod ical;
pub mod operations;
mod secret_address;
mod texts;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::get_calendar).service(handlers::renew_calendar).service(handlers::delete_calendar);
}
