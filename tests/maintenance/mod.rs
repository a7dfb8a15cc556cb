//! Maintenance.

mod check_template;
mod file;
mod file_storage;
mod maintenance_schedule;
mod service_indicator;
mod service_task;
