//! Check templates: what a mechanic looks at.

mod handlers;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_check_templates)
        .service(handlers::create_check_template)
        .service(handlers::get_check_template)
        .service(handlers::replace_check_template)
        .service(handlers::delete_check_template);
}
