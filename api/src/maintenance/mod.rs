//! Maintenance: what the car needs, what was done, what it will cost.

pub mod car_schedule;
pub mod car_status;
pub mod check_template;
pub mod cost;
pub mod expected_maintenance;
pub mod file;
pub mod maintenance_schedule;
pub mod recommendation;
pub mod service_indicator;
pub mod service_record;
pub mod service_record_import;
pub mod service_task;
pub mod vehicle_check;
