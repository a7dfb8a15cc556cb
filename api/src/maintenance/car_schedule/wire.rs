//! Requests and answers of the maintenance schedule of one car.

use crate::{
    body,
    customer::wire::SevereUse,
    maintenance_schedule::wire::{MaintenanceSchedule, Recurrence, Usage},
    service_indicator::wire::ServiceIndicator,
    wire::{Day, OdometerKm, TaskKey},
};
use domain::{
    expected_maintenance::{About, CarNeeds, TaskDone},
    service_task,
};
use serde::Serialize;
use utoipa::ToSchema;

body! {
    /// The rule of one car for a task.
    #[schema(example = json!({ "recurrence": { "then": { "months": 12, "km": 10000 }, "countsFrom": "completion" } }))]
    pub struct CarRule {
        /// Whether the task applies to this car. The default is true. If it is false, there is no `recurrence`.
        pub applies: Option<bool>,
        /// When the task comes back.
        pub recurrence: Option<Recurrence>,
    }
}

/// What is said of one task of a car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CarTask {
    /// The key of the task.
    pub task: TaskKey,
    /// What the task is called, in the language of the request.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub name: &'static str,
    /// The schedule that decides about the task, with its level; null when none has the car within its limits.
    pub schedule: Option<MaintenanceSchedule>,
    /// What the car's service indicator said last about the task; null when nobody wrote it down.
    pub indicator: Option<ServiceIndicator>,
    /// When the task was done last, by itself or within another; null when no record says so.
    pub last_done: Option<LastDone>,
    /// When the task is due next; null when nothing says so, as of a task that does not apply.
    pub next_due: Option<NextDue>,
}

/// When a task was done last.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "doneOn": "2025-09-12", "odometerKm": 51_300 }))]
pub struct LastDone {
    /// The day.
    pub done_on: Day,
    /// What the odometer showed, in kilometres; null when the record does not say so.
    pub odometer_km: Option<OdometerKm>,
}

impl LastDone {
    /// The last time that a task was done.
    pub fn of(task: service_task::TaskKey, done: &[TaskDone]) -> Option<Self> {
        let last = done.iter().filter(|done| done.task.does(task)).max_by_key(|done| (done.on, done.km))?;
        Some(Self { done_on: Day(last.on), odometer_km: last.km.map(OdometerKm) })
    }
}

/// When a task is due: on a day, at a distance, or at whichever comes first.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "dueOn": "2026-09-12", "dueKm": 66_300, "assumed": false }))]
pub struct NextDue {
    /// The day on which it is due; null when it is due at a distance only.
    pub due_on: Option<Day>,
    /// The distance at which it is due, in kilometres; null when it is due on a day only.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub due_km: Option<i64>,
    /// Whether it rests on the interval alone, since nobody knows when the task was last done.
    pub assumed: bool,
}

impl NextDue {
    /// When a task is due by its schedule, its indicator, its wear or the law.
    pub fn of(task: service_task::TaskKey, car: &CarNeeds) -> Option<Self> {
        let is_regular = |about: &About| match about {
            About::Schedule(..) | About::Indicator(_) | About::Wear(_) | About::Apk(_) => true,
            About::Recommendation(..) | About::Recall { .. } => false,
        };
        let mut needs = car.needs.iter().zip(&car.about);
        let (need, _) = needs.find(|(need, about)| need.task == Some(task) && is_regular(about))?;
        Some(Self { due_on: need.due.on.map(Day), due_km: need.due.km, assumed: need.due.assumed })
    }
}

/// The maintenance schedule of a car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "usage": "severe",
    "severeUse": ["taxi"],
    "tasks": [{
        "task": "small_service",
        "name": "Small service",
        "schedule": {
            "id": null, "task": "small_service", "level": "platform", "make": null, "model": null, "fuel": null,
            "yearFrom": null, "yearTo": null, "usage": "severe", "applies": true,
            "recurrence": { "first": null, "then": { "months": 6, "km": 7500 }, "countsFrom": "completion" },
            "source": "half of the normal interval", "version": null, "updatedAt": null
        },
        "indicator": null,
        "lastDone": { "doneOn": "2025-09-12", "odometerKm": 51_300 },
        "nextDue": { "dueOn": "2026-03-12", "dueKm": 58_800, "assumed": false }
    }]
}))]
pub struct CarMaintenanceSchedule {
    /// How the car is used, which picks its schedules: severe by any of the reasons of its customer's driving behaviour, or
    /// because the register says that it is a taxi.
    pub usage: Usage,
    /// What makes the use severe; null for everyone outside the garage.
    #[schema(max_items = 4)]
    pub severe_use: Option<Vec<SevereUse>>,
    /// The tasks about which a schedule decides or the service indicator says something, by key. Tasks that make no sense for
    /// what the car runs on are left out. One that was switched off is there, and `applies` of its schedule is false.
    #[schema(max_items = 200)]
    pub tasks: Vec<CarTask>,
}
