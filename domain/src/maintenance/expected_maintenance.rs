//! Expected maintenance (*verwacht onderhoud*): what a car will need, and when (rules EM1 to EM4).
//!
//! Everything that a car needs is due on a day, at a distance, or whichever comes first ([`Due`]). What the odometer will
//! show is foretold from its readings ([`Road`]), so every distance has its day, and the status of a task is a
//! comparison of days: it needs no pass in the night to be right.
//!
//! The forecast plays the coming years. The next visit is on the day on which the first task is expected; whatever is
//! expected within 30 days after that is done in the same visit; each task that comes back is then due anew from that
//! day. So tasks that fall near one another stay together, as they do when a car is kept by a garage.

mod due;
mod forecast;
mod needs;
mod road;
mod wear;

pub use due::{CarLife, Completion, Due, DueDays, DueStatus, LATE_DAYS, LATE_KM, Predicted, SOON_DAYS, SOON_KM};
pub use forecast::{
    ExpectedItem, Forecast, GATHER_DAYS, ItemSource, MAX_YEARS, Need, Repeat, SOON_AFTER_ADVICE, Visit, forecast,
};
pub use needs::{About, CarNeeds, CarRecords, KnownCar, OpenAdvice, TaskDone, gather};
pub(crate) use road::average_metres_a_day;
pub use road::{Road, RoadBasis};
pub use wear::{IndicatorRefusal, MAX_DAYS_LEFT, MAX_KM_LEFT, Measured, ServiceIndicator};
