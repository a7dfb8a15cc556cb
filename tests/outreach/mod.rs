//! Telling people: notifications.

mod notification;
