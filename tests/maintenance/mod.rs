//! Maintenance.

mod check_template;
mod maintenance_schedule;
mod service_task;
