//! HTTP of service indicators.

use super::{
    operations,
    wire::{NewServiceIndicator, ServiceIndicator},
};
use crate::{
    command::NO_BODY,
    problem::{Code, Problem, problems},
    request::{Json, PathTask, SignedIn},
    wire::{Id, TaskKey},
};
use actix_web::{HttpResponse, delete, put};

/// The value of what an indicator says that each of these refusals is about.
const VALUES_OF_INDICATOR: &[(Code, &str)] = &[
    (Code::IndicatorEmpty, "/daysLeft"),
    (Code::IndicatorEmpty, "/kmLeft"),
    (Code::IndicatorWithoutOdometer, "/odometerKm"),
    (Code::IndicatorInFuture, "/readOn"),
    (Code::IndicatorBeforeFirstAdmission, "/readOn"),
    (Code::IndicatorOutdated, "/readOn"),
];

/// Write down what a car's service indicator says.
///
/// The staff, the owner and the driver write down how many days or kilometres the car itself says are left until a task. It
/// takes the place of what was read about that task on that day or before, and goes before the schedule until the task is done on
/// that day or later. `GET /passports/{id}/maintenance-schedule` shows it.
#[utoipa::path(operation_id = "setServiceIndicator", tag = "maintenance-schedules",
    params(("id" = Id, Path, description = "The passport."), ("task" = TaskKey, Path, description = "The key of the task.")),
    request_body = NewServiceIndicator,
    responses((status = 200, description = "What was written down.", body = ServiceIndicator)),
    extensions(("x-problems" = json!(problems![NotFound, PassportArchived, TaskNotForFuel, IndicatorEmpty,
        IndicatorWithoutOdometer, IndicatorInFuture, IndicatorBeforeFirstAdmission,
        IndicatorOutdated]))))]
#[put("/passports/{id}/service-indicator/{task}")]
pub(crate) async fn set_service_indicator(
    signed_in: SignedIn,
    path: PathTask,
    body: Json<NewServiceIndicator>,
) -> Result<HttpResponse, Problem> {
    let set =
        signed_in.command(body.hash, move |work| operations::set(work, path.id.into(), path.task, &body.value)).await;
    set.map_err(|problem| problem.about(VALUES_OF_INDICATOR))
}

/// Take back what was written down of a car's service indicator.
///
/// The schedule decides about the task again.
#[utoipa::path(operation_id = "removeServiceIndicator", tag = "maintenance-schedules",
    params(("id" = Id, Path, description = "The passport."), ("task" = TaskKey, Path, description = "The key of the task.")),
    responses((status = 204, description = "It was taken back.")),
    extensions(("x-problems" = json!(problems![NotFound, PassportArchived]))))]
#[delete("/passports/{id}/service-indicator/{task}")]
pub(crate) async fn remove_service_indicator(signed_in: SignedIn, path: PathTask) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::remove(work, path.id.into(), path.task)).await
}
