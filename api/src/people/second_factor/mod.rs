//! The second factor of the account that is signed in: setting it up, its recovery codes, removing it (rules A16 to A19).
//! Signing in with it is the session's; resetting a colleague's is the staff's.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::get_second_factor)
        .service(handlers::begin_second_factor)
        .service(handlers::confirm_second_factor)
        .service(handlers::replace_recovery_codes)
        .service(handlers::remove_second_factor);
}
