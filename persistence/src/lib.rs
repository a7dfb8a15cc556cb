//! The store: Diesel, one set of rows and queries for SQLite and PostgreSQL.
//!
//! A concept has one module, in the folder of its area; outside it is named without the area: `store::transfer::find`.
//! What is beside the folders is the ground that they stand on, and what no concept owns: events, jobs, keys of repeats.
//!
//! What goes in and comes out are domain values and views made for reading; rows are private. Every query of a tenant's
//! data takes a [`Scope`], and the scope is in the SQL: `scoped!` writes a query out for each kind of scope, and a macro
//! `reach!` of the concept tells which of its rows each one reaches. What belongs to something that was found in a scope
//! takes that, a [`Found`], which only a look-up makes.
//!
//! The same names mean the same everywhere:
//!
//! | name | what |
//! |---|---|
//! | `Row` | a row of the concept's own table, as it is stored |
//! | `ViewRow`, `…View` | the columns that a view is read from; what is shown, with the names of what it refers to |
//! | `Columns` | the columns of any other query |
//! | `insert`, `insert_all`, `update`, `delete` | as SQL has it; `update` refuses a value that someone else changed since |
//! | `find`, `find_all`, `find_by_…` | one, or those of many, as the domain knows them |
//! | `view`, `list`, `list_…` | as they are shown: one, or a page; system work lists without pages |
//! | `save` | stores what may be new or known |
//!
//! SQLite and PostgreSQL differ in `connection`, `sql_types`, `error` and `migrations` (of which `email_keys` and `written_values` are in
//! Rust), and in the locks of `event` and `jobs`. Three macros of `connection` write one body out for both: `on_each!` for the reads that everyone waits for,
//! `insert_all!` for many rows at once, `load_each!` for the rows of many keys, and `load_of_cars!` of `cars` for what
//! belongs to many cars; `words` writes one condition in each one's own SQL.

mod maintenance;
mod outreach;
mod passports;
mod people;
mod vehicle;

mod cars;
mod connection;
mod email_keys;
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
mod written_values;

pub use maintenance::{
    car_status, check_template, cost, file, maintenance_schedule, recommendation, service_indicator, service_record,
    vehicle_check,
};
pub use outreach::{apk_list, apk_mailing, calendar, device, notification, reminder, suppression};
pub use passports::{custody, fleet, former_car, garage_change, link_change, occupancy, passport, removal, transfer};
pub use people::{account, customer, garage, invitation, second_factor, session, throttle};
pub use vehicle::{apk, earlier_vehicles, odometer, plates, registration};

pub use cars::Cars;
pub use connection::{Backend, DatabaseUrl, DatabaseUrlError, make_no_more_connections};
pub use error::{StoreError, UniqueKey};
pub use page::{Page, PageRequest};
pub use row::Stamps;
pub use scope::{Found, Scope};
pub use store::{AsStoreError, PoolState, Store, Tx};
