//! The real server over HTTP, each test with a database of its own, on SQLite and on PostgreSQL.
//!
//! Every answer that a test receives is checked against the OpenAPI document: see `support/contract.rs`.
#![cfg(test)]

mod access;
mod apk;
mod auth;
mod budget;
mod contracts;
mod customers;
mod fleets;
mod garage;
mod input;
mod licence_plates;
mod moments;
mod odometer;
mod passport_imports;
mod passports;
mod register_client;
mod register_refresh;
mod registration;
mod support;
mod transfers;
mod vehicle_register;
