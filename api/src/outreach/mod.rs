//! Telling people: notifications.

pub mod notification;
