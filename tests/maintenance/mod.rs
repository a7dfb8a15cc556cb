//! Maintenance.

mod check_template;
mod maintenance_schedule;
mod recommendation;
mod service_task;
mod vehicle_check;
