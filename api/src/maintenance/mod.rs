//! Maintenance: what the car needs, what was done, what it will cost.

pub mod check_template;
pub mod cost;
pub mod maintenance_schedule;
pub mod service_record;
pub mod service_task;
