//! Maintenance.

mod car_status;
mod check_template;
mod expected_maintenance;
mod maintenance_schedule;
mod service_indicator;
mod service_task;
