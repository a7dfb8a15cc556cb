//! Requests and answers of the maintenance schedule of one car.

use crate::{
    body,
    customer::wire::SevereUse,
    maintenance_schedule::wire::{MaintenanceSchedule, Recurrence, Usage},
    service_indicator::wire::ServiceIndicator,
    wire::TaskKey,
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
        "indicator": null
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
