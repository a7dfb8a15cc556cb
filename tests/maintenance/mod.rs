//! Maintenance.

mod car_status;
mod check_template;
mod cost;
mod expected_maintenance;
mod file;
mod file_storage;
mod maintenance_schedule;
mod recommendation;
mod service_indicator;
mod service_record;
mod service_record_import;
mod service_task;
mod vehicle_check;
