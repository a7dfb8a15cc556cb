//! The real server over HTTP, each test with a database of its own, on SQLite and on PostgreSQL.
//!
//! Every answer that a test receives is checked against the OpenAPI document: see `support/contract.rs`.
#![cfg(test)]

mod access;
mod budget;
mod conditions;
mod contracts;
mod documents;
mod examples;
mod input;
mod lists;
mod maintenance;
mod moments;
mod origins;
mod outreach;
mod passports;
mod people;
mod problems;
mod rooms;
mod support;
mod vehicle;
mod worker;
