//! Vehicles: their plates, the register's data about them, their inspections and odometers.

pub mod apk;
pub mod earlier_vehicles;
pub mod odometer;
pub mod plates;
pub mod registration;
