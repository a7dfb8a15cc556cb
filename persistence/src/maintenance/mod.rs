//! What the car needs, what was done, and what it will cost.

pub mod car_status;
pub mod check_template;
pub mod cost;
pub mod file;
pub mod maintenance_schedule;
pub mod recommendation;
pub mod service_indicator;
pub mod service_record;
pub mod vehicle_check;
