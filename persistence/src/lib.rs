//! The store: Diesel, one set of rows and queries for SQLite and PostgreSQL.
//!
//! Rows are private; what goes in and comes out are domain values and views made for reading. Every query of a tenant's
//! data takes a [`Scope`], and the scope is in the SQL.
//!
//! SQLite and PostgreSQL differ in `connection`, `sql_types`, `error` and `migrations`, and in the locks of `events` and
//! `jobs`. Three macros of `connection` write one body out for both: `on_each!` for the reads that everyone waits for,
//! `insert_all!` for many rows at once, `load_each!` for the rows of many keys; `words` writes one condition in each one's
//! own SQL.

pub mod accounts;
pub mod apk_entries;
mod connection;
pub mod custody;
pub mod customers;
mod error;
pub mod events;
pub mod fleets;
pub mod garages;
pub mod health;
pub mod idempotency;
pub mod invitations;
pub mod jobs;
mod migrations;
pub mod odometer;
mod page;
pub mod passports;
mod row;
mod schema;
mod scope;
pub mod sessions;
pub mod signing_keys;
mod sql_types;
mod store;
pub mod throttles;
pub mod transfers;
pub mod vehicle_register;
pub mod vehicles;
mod words;

pub use connection::{Backend, DatabaseUrl, DatabaseUrlError};
pub use error::{StoreError, UniqueKey};
pub use page::{Page, PageRequest};
pub use row::Stamps;
pub use scope::Scope;
pub use store::{AsStoreError, PoolState, Store, Tx};
