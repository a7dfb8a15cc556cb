//! Vehicles: their plates, what the register told of them, their inspections and odometers.

pub mod apk;
pub mod odometer;
pub mod plates;
pub mod registration;
