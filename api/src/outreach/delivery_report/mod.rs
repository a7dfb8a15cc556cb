//! Delivery reports: mail that came back, and complaints about it.
//!
//! A report comes from outside, and anyone can write one. It counts only for an address that this server wrote to: each mail's
//! id proves to whom it went, and a report has to name both. Nothing is ever sent in answer to a report, so no loop can begin.

mod handlers;
pub mod operations;
mod parts;
mod report;
pub mod wire;

pub use report::{MAX_BYTES, Report};

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry.service(handlers::report_delivery);
}
