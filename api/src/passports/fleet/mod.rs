//! Fleets: a business customer's cars under one account.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_fleets)
        .service(handlers::create_fleet)
        .service(handlers::get_fleet)
        .service(handlers::get_fleet_summary)
        .service(handlers::update_fleet)
        .service(handlers::set_driver_amounts)
        .service(handlers::set_fleet_reminders)
        .service(handlers::list_fleet_passports)
        .service(handlers::end_driver)
        .service(handlers::invite_fleet)
        .service(handlers::close_fleet);
}
