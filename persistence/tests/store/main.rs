//! The store against both databases. Each test is written once and runs as `name::sqlite` and `name::postgres`, each
//! time on a fresh database of its own.
//!
//! PostgreSQL is named by `AUTOPASPOORT_TEST_POSTGRES_URL`, which `make test` sets; without it the tests fail, since a
//! test that is skipped proves nothing.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has done its work, also in a helper of its own"
)]

/// Runs each function, which takes a `&Database`, as one test a database.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name(&crate::support::Database::sqlite());
            }

            #[test]
            fn postgres() {
                super::$name(&crate::support::Database::postgres());
            }
        }
    )+};
}

mod apk;
mod bulk;
mod calendar;
mod contention;
mod cost;
mod email_keys;
mod former_car;
mod garage_change;
mod history;
mod isolation;
mod jobs;
mod link_change;
mod maintenance;
mod maintenance_schedule;
mod occupancy;
mod odometer;
mod outage;
mod outreach;
mod paging;
mod plans;
mod plates;
mod registration;
mod removal;
mod round_trip;
mod schema;
mod search;
mod second_factor;
mod service_record;
mod stale;
mod support;
mod transfer;
mod unique_keys;
mod written_values;
