//! Passports, fleets and transfers.

mod event;
mod fleet;
mod former_car;
mod garage_change;
mod import;
mod link_change;
mod occupancy;
mod passport;
mod transfer;
