//! The digital passport of a vehicle, and who holds it.

pub mod custody;
pub mod fleet;
pub mod garage_change;
pub mod link_change;
pub mod occupancy;
pub mod passport;
pub mod removal;
pub mod transfer;
