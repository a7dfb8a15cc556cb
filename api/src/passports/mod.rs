//! Passports, fleets and transfers: whose car it is.

pub mod custody;
pub mod event;
pub mod fleet;
pub mod former_car;
pub mod garage_change;
pub mod import;
pub mod link_change;
pub mod occupancy;
pub mod passport;
pub mod reach;
pub mod transfer;
