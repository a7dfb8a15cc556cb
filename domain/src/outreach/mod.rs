//! Telling people: what the app shows them, and what they want to hear by which way.

pub mod apk_mailing;
pub mod device;
pub mod notification;
pub mod reminder;
