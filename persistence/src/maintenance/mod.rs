//! Maintenance: what the car needs, what was done, what it will cost.

pub mod cost;
pub mod recommendation;
pub mod service_record;
pub mod vehicle_check;
