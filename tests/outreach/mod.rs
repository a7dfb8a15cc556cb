//! Telling people: notifications.

mod device;
mod notification;
mod reminder;
