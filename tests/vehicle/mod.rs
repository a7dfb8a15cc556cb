//! Plates, register, APK, odometer.

mod apk;
mod licence_plate;
mod odometer;
mod register;
mod register_client;
mod register_refresh;
mod registration;
