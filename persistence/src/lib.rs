//! The store: Diesel, one set of rows and queries for SQLite and PostgreSQL.
//!
//! Rows are private; what goes in and comes out are domain values and views made for reading. Every query of a tenant's
//! data takes a [`Scope`], and the scope is in the SQL.
//!
//! SQLite and PostgreSQL differ in `connection`, `sql_types`, `error` and `migrations`, and in the locks of `event` and
//! `jobs`. Three macros of `connection` write one body out for both: `on_each!` for the reads that everyone waits for,
//! `insert_all!` for many rows at once, `load_each!` for the rows of many keys; `words` writes one condition in each one's
//! own SQL.

mod passports;
mod people;
mod vehicle;

mod connection;
mod error;
pub mod event;
pub mod health;
pub mod idempotency;
pub mod jobs;
mod migrations;
mod page;
mod row;
mod schema;
mod scope;
pub mod signing_keys;
mod sql_types;
mod store;
mod words;

pub use passports::{custody, fleet, passport, transfer};
pub use people::{account, customer, garage, invitation, session, throttle};
pub use vehicle::{apk, odometer, plates, registration};

pub use connection::{Backend, DatabaseUrl, DatabaseUrlError};
pub use error::{StoreError, UniqueKey};
pub use page::{Page, PageRequest};
pub use row::Stamps;
pub use scope::{Found, Scope};
pub use store::{AsStoreError, PoolState, Store, Tx};
