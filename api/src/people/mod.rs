//! The people and companies: accounts and sessions, garages and their staff, customers, mailed links.

pub mod account;
pub mod customer;
pub mod garage;
pub mod invitation;
pub mod second_factor;
pub mod session;
pub mod staff;
