//! Telling people: notifications, the calendar, mailings, and whom not to write to.

mod apk_mailing;
mod calendar;
mod delivery_report;
mod device;
mod firebase;
mod notification;
mod reminder;
mod suppression;
