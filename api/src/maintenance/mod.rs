//! Maintenance: what the car needs, what was done, what it will cost.

pub mod service_task;
