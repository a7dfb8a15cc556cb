//! Maintenance: what the car needs, what was done, what it will cost.

pub mod check_template;
pub mod maintenance_schedule;
pub mod recommendation;
pub mod service_task;
pub mod vehicle_check;
