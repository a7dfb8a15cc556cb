//! Vehicles: plates, register, APK, odometer.

pub mod apk;
pub mod licence_plate;
pub mod odometer;
pub mod plates;
pub mod register;
pub mod registration;
