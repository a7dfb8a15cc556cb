//! Mailed one-time links: activation of passports, fleets' and staff accounts, and driver accounts for offers.

mod guess;
mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::preview_invitation)
        .service(handlers::accept_invitation)
        .service(handlers::send_invitation_elsewhere);
}
