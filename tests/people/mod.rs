//! Accounts and sessions, links, garages and their staff, customers.

mod account;
mod customer;
mod delivery;
mod garage;
mod invitation;
mod mails;
mod second_factor;
mod session;
mod staff;
