//! Passports, fleets and transfers.

mod event;
mod fleet;
mod import;
mod passport;
mod transfer;
