//! The real server over HTTP, each test with a database of its own, on SQLite and on PostgreSQL.
//!
//! Every answer that a test receives is checked against the OpenAPI document: see `support/contract.rs`.
#![cfg(test)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test that cannot go on says so by panicking"
)]

mod access;
mod auth;
mod contracts;
mod customers;
mod fleets;
mod garage;
mod input;
mod moments;
mod passports;
mod support;
mod transfers;
