//! Passports: making, keeping, activating, linking to a fleet, archiving and taking back, and the history of hands.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_passports)
        .service(handlers::create_passport)
        .service(handlers::get_passport)
        .service(handlers::update_passport)
        .service(handlers::invite_passport)
        .service(handlers::archive_passport)
        .service(handlers::revoke_activation)
        .service(handlers::unarchive_passport)
        .service(handlers::link_passport)
        .service(handlers::unlink_passport);
}
