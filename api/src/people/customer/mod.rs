//! Customers: the garage's own records.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_customers)
        .service(handlers::create_customer)
        .service(handlers::get_customer)
        .service(handlers::update_customer)
        .service(handlers::delete_customer);
}
