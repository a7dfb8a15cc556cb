//! Passports, fleets and transfers.

mod fleet;
mod import;
mod passport;
mod transfer;
