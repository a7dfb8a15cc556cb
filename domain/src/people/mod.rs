//! People and companies: accounts, sessions, garages, their staff and their customers.

pub mod account;
pub mod customer;
pub mod garage;
pub mod invitation;
pub mod password;
pub mod second_factor;
pub mod session;
pub mod staff;
pub mod throttle;
