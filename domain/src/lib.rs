//! The rules of AutoPaspoort.
//!
//! Everything in this crate is pure and total: no input or output, no clock, no randomness. Instants and ids come in as
//! arguments, and what happened is returned as [`event::Fact`]s. Each concept has one module, named as in the glossary,
//! and has the same name in the crates `persistence` and `api`. The modules are in the folders of their areas, but are
//! named without the area: `domain::transfer`.

mod maintenance;
mod outreach;
mod passports;
mod people;
mod vehicle;

pub mod access;
pub mod consequence;
pub mod event;
pub mod ids;
pub mod job;
pub mod value;

pub use maintenance::{
    amount_text, car_history, car_status, check_template, cost, expected_maintenance, file, maintenance_schedule,
    recommendation, sample_history, service_record, service_task, vehicle_check,
};
pub use outreach::{apk_mailing, calendar, delivery_report, device, notification, reminder, suppression};
pub use passports::{custody, fleet, garage_change, link_change, occupancy, passport, removal, transfer};
pub use people::{account, customer, garage, invitation, password, second_factor, session, staff, throttle};
pub use vehicle::{apk, licence_plate, odometer, register, registration, same_car};

/// An instant in UTC, cut to whole microseconds when it enters the system.
pub type Instant = jiff::Timestamp;

/// A calendar date.
pub type Date = jiff::civil::Date;

/// A decimal number, such as a measured value or a quantity.
pub type Decimal = rust_decimal::Decimal;

/// When the files of `domain/data`, which the platform ships, were last changed.
pub const SHIPPED_AT: Instant = Instant::constant(1_795_824_000, 0);

/// The days from one date to another.
pub fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// Implements `code()` and `from_code()` for an enum whose variants are stored and sent as fixed `snake_case` words.
#[macro_export]
macro_rules! coded_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident => $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$vmeta])* #[serde(rename = $code)] $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in the database and in the API. It never changes.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The value a word stands for.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
