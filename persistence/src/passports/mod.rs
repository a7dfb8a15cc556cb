//! Passports, and in whose hands they are.

pub mod custody;
pub mod fleet;
pub mod passport;
pub mod transfer;
