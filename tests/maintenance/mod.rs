//! Maintenance.

mod check_template;
mod maintenance_schedule;
mod service_indicator;
mod service_task;
