//! Recommendations: work that was advised, and what the owner decides about it.

mod handlers;
pub mod history;
pub mod operations;
pub mod wire;

use crate::registry::Registry;

/// The feature's operations.
pub fn services(registry: &mut impl Registry) {
    registry
        .service(handlers::list_garage_recommendations)
        .service(handlers::list_recommendations)
        .service(handlers::make_recommendation)
        .service(handlers::get_recommendation)
        .service(handlers::agree_to_recommendation)
        .service(handlers::decline_recommendation);
}
