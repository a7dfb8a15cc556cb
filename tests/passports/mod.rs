//! Passports, fleets and transfers.

mod event;
mod fleet;
mod import;
mod occupancy;
mod passport;
mod transfer;
