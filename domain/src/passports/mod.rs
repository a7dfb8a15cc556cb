//! The digital passport of a vehicle, and in whose hands it is.

pub mod custody;
pub mod fleet;
pub mod passport;
pub mod transfer;
