//! The list of cars whose APK expires, which a garage calls, writes to and takes along into a spreadsheet (rule ML1).

mod csv;
mod handlers;
mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::list_apk_list).service(handlers::export_apk_list);
}
