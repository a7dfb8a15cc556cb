//! Maintenance.

mod service_task;
