//! Maintenance: what the car needs, and how it stands.

pub mod car_status;
