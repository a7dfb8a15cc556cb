//! The people and companies: who signs in, who works where, whose cars they are.

pub mod account;
pub mod customer;
pub mod garage;
pub mod invitation;
pub mod password;
pub mod session;
pub mod staff;
pub mod throttle;
