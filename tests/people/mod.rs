//! Accounts and sessions, garages and their staff, customers.

mod customer;
mod garage;
mod session;
