//! The APK mailing: a garage writes to its customers whose APK expires (rules ML2 to ML5).

pub mod choice;
mod handlers;
pub mod letter;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_apk_mailings)
        .service(handlers::create_apk_mailing)
        .service(handlers::get_apk_mailing)
        .service(handlers::update_apk_mailing)
        .service(handlers::delete_apk_mailing)
        .service(handlers::preview_apk_mailing)
        .service(handlers::schedule_apk_mailing)
        .service(handlers::unschedule_apk_mailing)
        .service(handlers::stop_apk_mailing)
        .service(handlers::list_apk_mailing_recipients);
}
