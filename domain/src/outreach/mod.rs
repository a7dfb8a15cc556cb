//! Telling people: what the app shows them, what they want to hear by which way, the calendar that they subscribe to, what a
//! garage writes to its customers, and whom nobody writes to.

pub mod apk_mailing;
pub mod calendar;
pub mod delivery_report;
pub mod device;
pub mod notification;
pub mod reminder;
pub mod suppression;
