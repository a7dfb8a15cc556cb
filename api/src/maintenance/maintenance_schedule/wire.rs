//! What is shown of maintenance schedules.

use crate::{
    enum_scalars, query,
    wire::{Fuel, TaskKey},
};
use domain::maintenance_schedule::{self, Interval as DomainInterval, ScheduleRule};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// What an interval counts from.
    CountsFrom(maintenance_schedule::CountsFrom), "What an interval counts from. Completion: from when the task was last done, by date and odometer. Anniversary: from a fixed grid that begins with the car's first admission, and that early or late work does not move.";
    /// How a car is used.
    Usage(maintenance_schedule::Usage), "How a car is used. Severe: short trips, a trailer, taxi work or dust.";
    /// Whose a schedule is.
    ScheduleLevel(maintenance_schedule::ScheduleLevel), "Whose the schedule is. The level that is nearest to the car decides: car, garage, chain, platform.";
}

query! {
    /// Which schedules to list.
    pub struct MaintenanceScheduleQuery {
        /// Only schedules of this task.
        pub task: Option<TaskKey>,
        /// Only schedules that can be for a car that runs on this.
        pub fuel: Option<Fuel>,
    }
}

/// Months, kilometres, or whichever comes first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "months": 12, "km": 15000 }))]
pub struct Interval {
    /// The number of months; null when time does not count.
    #[schema(minimum = 1, maximum = 240)]
    pub months: Option<i64>,
    /// The number of kilometres; null when distance does not count.
    #[schema(minimum = 500, maximum = 500_000)]
    pub km: Option<i64>,
}

/// When a task comes back.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "first": null, "then": { "months": 12, "km": 15000 }, "countsFrom": "completion" }))]
pub struct Recurrence {
    /// The interval until the first time, where it differs from the later ones; null otherwise.
    pub first: Option<Interval>,
    /// The interval.
    pub then: Interval,
    /// What the intervals count from.
    pub counts_from: CountsFrom,
}

/// When a task comes back, and for which cars.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "task": "small_service",
    "level": "platform",
    "make": null,
    "model": null,
    "fuel": null,
    "yearFrom": null,
    "yearTo": null,
    "usage": null,
    "recurrence": { "first": null, "then": { "months": 12, "km": 15000 }, "countsFrom": "completion" },
    "source": "range of 10,000 to 30,000 km and a year in public articles, 2022 to 2026"
}))]
pub struct MaintenanceSchedule {
    /// The key of the task.
    pub task: TaskKey,
    /// Whose the schedule is.
    pub level: ScheduleLevel,
    /// The make of the cars; null for all.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub make: Option<&'static str>,
    /// The model of the cars; null for all.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub model: Option<&'static str>,
    /// What the cars run on; null for all.
    pub fuel: Option<Fuel>,
    /// The first year of first admission of the cars; null when there is none.
    #[schema(minimum = 1880, maximum = 2100)]
    pub year_from: Option<i64>,
    /// The last year of first admission of the cars; null when there is none.
    #[schema(minimum = 1880, maximum = 2100)]
    pub year_to: Option<i64>,
    /// How the cars are used; null for both.
    pub usage: Option<Usage>,
    /// When the task comes back; null when the schedule says that the task does not apply to these cars.
    pub recurrence: Option<Recurrence>,
    /// Where the figures come from; null when nobody says so.
    #[schema(max_length = 300, pattern = "^[^\\u0000]*$")]
    pub source: Option<&'static str>,
}

impl Interval {
    fn new(interval: DomainInterval) -> Self {
        Self { months: interval.months(), km: interval.km() }
    }
}

impl MaintenanceSchedule {
    /// A schedule of the platform.
    pub fn new(schedule: &'static maintenance_schedule::MaintenanceSchedule) -> Self {
        let limits = &schedule.terms.limits;
        let recurrence = match schedule.terms.rule {
            ScheduleRule::Never => None,
            ScheduleRule::Every(recurrence) => Some(Recurrence {
                first: recurrence.first.map(Interval::new),
                then: Interval::new(recurrence.then),
                counts_from: CountsFrom(recurrence.counts_from),
            }),
        };
        Self {
            task: TaskKey(schedule.terms.task),
            level: ScheduleLevel(schedule.owner.level()),
            make: limits.make.as_deref(),
            model: limits.model.as_deref(),
            fuel: limits.fuel.map(Fuel),
            year_from: limits.year_from,
            year_to: limits.year_to,
            usage: limits.usage.map(Usage),
            recurrence,
            source: schedule.source.as_deref(),
        }
    }
}
