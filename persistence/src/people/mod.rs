//! The people and companies.

pub mod account;
pub mod customer;
pub mod garage;
pub mod invitation;
pub mod second_factor;
pub mod session;
pub mod throttle;
