//! Telling people: notifications.

pub mod device;
pub mod notification;
