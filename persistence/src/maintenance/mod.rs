//! Maintenance: what the car needs, what was done, what it will cost.

pub mod recommendation;
pub mod vehicle_check;
