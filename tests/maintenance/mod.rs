//! Maintenance.

mod check_template;
mod cost;
mod maintenance_schedule;
mod service_record;
mod service_task;
