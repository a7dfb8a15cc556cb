//! Files: photos of the items of a check, what is attached to service records, and serving them.

mod handlers;
pub mod operations;
mod serve;
mod upload;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::get_file)
        .service(handlers::list_photos)
        .service(handlers::add_photo)
        .service(handlers::list_attachments)
        .service(handlers::add_attachment)
        .service(handlers::delete_file);
}
