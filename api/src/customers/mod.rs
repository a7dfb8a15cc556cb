//! Customers: the garage's own records.

mod handlers;
pub mod operations;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// The feature's operations.
pub fn services(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_customers)
        .service(handlers::create_customer)
        .service(handlers::get_customer)
        .service(handlers::update_customer)
        .service(handlers::delete_customer);
}
