//! Passports, and the hands that they are in.

pub mod custody;
pub mod fleet;
pub mod former_car;
pub mod garage_change;
pub mod link_change;
pub mod occupancy;
pub mod passport;
pub mod removal;
pub mod transfer;
