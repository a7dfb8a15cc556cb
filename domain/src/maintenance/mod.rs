//! What the car needs, what was done, and what it will cost.

pub mod amount_text;
pub mod car_history;
pub mod car_status;
pub mod check_template;
pub mod cost;
pub mod expected_maintenance;
pub mod file;
pub mod maintenance_schedule;
pub mod recommendation;
pub mod sample_history;
pub mod service_record;
pub mod service_task;
pub mod vehicle_check;
