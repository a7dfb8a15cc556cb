//! Transfers: handing a passport over.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::offer_transfer)
        .service(handlers::list_transfers)
        .service(handlers::get_transfer)
        .service(handlers::accept_transfer)
        .service(handlers::decline_transfer)
        .service(handlers::withdraw_transfer)
        .service(handlers::resend_transfer);
}
