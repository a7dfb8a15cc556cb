//! The vehicle itself: its plates, what the register says about it, its inspections, its odometer.

pub mod apk;
pub mod licence_plate;
pub mod odometer;
pub mod register;
pub mod registration;
pub mod same_car;
