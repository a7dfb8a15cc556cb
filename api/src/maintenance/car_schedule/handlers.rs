//! HTTP of the maintenance schedule of one car.

use super::{
    operations,
    wire::{CarMaintenanceSchedule, CarRule},
};
use crate::{
    command::NO_BODY,
    maintenance_schedule::wire::MaintenanceSchedule,
    problem::{Code, Problem, problems},
    request::{Json, PathId, PathTask, SignedIn},
    wire::{Id, IfMatchOptional, TaskKey},
};
use actix_web::{HttpResponse, delete, get, put};

/// The value of a car's rule that each of these refusals is about.
const VALUES_OF_RULE: &[(Code, &str)] =
    &[(Code::IntervalEmpty, "/recurrence"), (Code::ScheduleNeverWithInterval, "/recurrence")];

/// Read the maintenance schedule of a car.
///
/// For each task it says which schedule decides, and from which level it comes: the car's own rule, the garage's schedule, or
/// the platform's. Beside it stands what the car's service indicator said last, which goes before the schedule until the task
/// is done; when the task was done last, as far as records say; and when it is due next.
#[utoipa::path(operation_id = "getCarSchedule", tag = "maintenance-schedules",
    params(("id" = Id, Path, description = "The passport.")),
    responses((status = 200, description = "The car's schedule.", body = CarMaintenanceSchedule)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/maintenance-schedule")]
pub(crate) async fn get_car_schedule(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Read the rule of one car for a task.
///
/// Few cars have rules of their own: what decides about each task is in `GET /passports/{id}/maintenance-schedule`.
#[utoipa::path(operation_id = "getCarRule", tag = "maintenance-schedules",
    params(("id" = Id, Path, description = "The passport."), ("task" = TaskKey, Path, description = "The key of the task.")),
    responses((status = 200, description = "The car's rule.", body = MaintenanceSchedule, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/maintenance-schedule/{task}")]
pub(crate) async fn get_car_rule(signed_in: SignedIn, path: PathTask) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get_rule(work, path.id.into(), path.task)).await
}

/// Set the rule of one car for a task.
///
/// It goes before all schedules, and takes the place of the car's rule for that task if there was one. It says when the task
/// comes back, or that it does not apply. The version of the rule is in the answer.
#[utoipa::path(operation_id = "setCarRule", tag = "maintenance-schedules",
    params(("id" = Id, Path, description = "The passport."), ("task" = TaskKey, Path, description = "The key of the task."),
        IfMatchOptional),
    request_body = CarRule,
    responses((status = 200, description = "The car's rule.", body = MaintenanceSchedule, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportArchived, IntervalEmpty,
        ScheduleNeverWithInterval, TaskNotForFuel]))))]
#[put("/passports/{id}/maintenance-schedule/{task}")]
pub(crate) async fn set_car_rule(
    signed_in: SignedIn,
    path: PathTask,
    body: Json<CarRule>,
) -> Result<HttpResponse, Problem> {
    let set =
        signed_in.command(body.hash, move |work| operations::set(work, path.id.into(), path.task, &body.value)).await;
    set.map_err(|problem| problem.about(VALUES_OF_RULE))
}

/// Take the rule of one car for a task back.
///
/// From then on the garage's schedules decide about the task, or else the platform's.
#[utoipa::path(operation_id = "removeCarRule", tag = "maintenance-schedules",
    params(("id" = Id, Path, description = "The passport."), ("task" = TaskKey, Path, description = "The key of the task."),
        IfMatchOptional),
    responses((status = 204, description = "The rule was taken back.")),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportArchived]))))]
#[delete("/passports/{id}/maintenance-schedule/{task}")]
pub(crate) async fn remove_car_rule(signed_in: SignedIn, path: PathTask) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::remove(work, path.id.into(), path.task)).await
}
