//! Telling people: notifications, devices, reminders, calendars, mailings, and whom not to write to.

pub mod apk_list;
pub mod apk_mailing;
pub mod calendar;
pub mod device;
pub mod notification;
pub mod reminder;
pub mod suppression;
