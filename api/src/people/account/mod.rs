//! The account that is signed in: its settings, password and e-mail.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::get_account)
        .service(handlers::update_account)
        .service(handlers::change_password)
        .service(handlers::change_email)
        .service(handlers::confirm_email);
}
