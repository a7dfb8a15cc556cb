//! Telling people: notifications, and what accounts want to hear.

pub mod device;
pub mod notification;
pub mod reminder;
