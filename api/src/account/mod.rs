//! The account that is signed in: its settings, password and e-mail.

mod handlers;
pub mod operations;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// The feature's operations.
pub fn services(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::get_account)
        .service(handlers::update_account)
        .service(handlers::change_password)
        .service(handlers::change_email)
        .service(handlers::confirm_email);
}
