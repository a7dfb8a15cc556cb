//! HTTP of maintenance schedules.

use super::{
    operations,
    wire::{
        MaintenanceSchedule, MaintenanceScheduleQuery, NewMaintenanceSchedule, SchedulePreview, SchedulePreviewQuery,
        UpdateMaintenanceSchedule,
    },
};
use crate::{
    command::NO_BODY,
    problem::{Code, Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    wire::{FollowedList, Id, IfMatch},
};
use actix_web::{HttpResponse, delete, get, patch, post};

/// The value of a schedule that each of these refusals is about.
const VALUES_OF_SCHEDULE: &[(Code, &str)] = &[
    (Code::IntervalEmpty, "/recurrence"),
    (Code::ScheduleNeverWithInterval, "/recurrence"),
    (Code::ModelWithoutMake, "/make"),
    (Code::YearsReversed, "/yearFrom"),
    (Code::YearsReversed, "/yearTo"),
];

/// List the maintenance schedules.
///
/// Each says for one task when it comes back, and for which cars. For a car, the schedule of the nearest level that has the
/// car within its limits decides about each task; on one level, the one that is limited most narrowly. For the staff of a
/// garage the list has the garage's own schedules in the order in which they were made, and then the platform's in a fixed
/// order, each with the source of its figures; everyone else sees the platform's. For `updatedSince`, all of the platform's
/// changed when its set did, and those of the garage that were deleted since are told in `removed`. The rules of single cars are not
/// among them: see `/passports/{id}/maintenance-schedule`.
#[utoipa::path(operation_id = "listMaintenanceSchedules", tag = "maintenance-schedules", params(MaintenanceScheduleQuery),
    responses((status = 200, description = "A page of schedules.", body = FollowedList<MaintenanceSchedule>)))]
#[get("/maintenance-schedules")]
pub(crate) async fn list_maintenance_schedules(
    signed_in: SignedIn,
    query: Query<MaintenanceScheduleQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// See how many cars a schedule would be for.
///
/// It counts the garage's cars in use that are within the limits and run on something for which the task makes sense. It
/// stores nothing. Of a car of which something is not known, it is not within a limit on that.
#[utoipa::path(operation_id = "previewMaintenanceSchedule", tag = "maintenance-schedules", params(SchedulePreviewQuery),
    responses((status = 200, description = "How many cars it would be for.", body = SchedulePreview)),
    extensions(("x-problems" = json!(problems![WrongAccountKind, ModelWithoutMake, YearsReversed]))))]
#[get("/maintenance-schedules/preview")]
pub(crate) async fn preview_maintenance_schedule(
    signed_in: SignedIn,
    query: Query<SchedulePreviewQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::preview(work, &query.0)).await
}

/// Make a maintenance schedule of the garage.
///
/// It goes before the platform's schedules for the cars within its limits. It can say that a task does not apply to them. It
/// is refused when another schedule of the garage, for the same task, is limited by the same properties and can be for the
/// same car. `GET /maintenance-schedules/preview` says for how many cars it would be.
#[utoipa::path(operation_id = "createMaintenanceSchedule", tag = "maintenance-schedules", request_body = NewMaintenanceSchedule,
    responses((status = 201, description = "The schedule was made.", body = MaintenanceSchedule,
        headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, IntervalEmpty, ScheduleNeverWithInterval,
        ModelWithoutMake, YearsReversed, ScheduleOverlaps, TaskNotForFuel, ScheduleTooMany]))))]
#[post("/maintenance-schedules")]
pub(crate) async fn create_maintenance_schedule(
    signed_in: SignedIn,
    body: Json<NewMaintenanceSchedule>,
) -> Result<HttpResponse, Problem> {
    let made = signed_in.command(body.hash, move |work| operations::create(work, &body.value)).await;
    made.map_err(|problem| problem.about(VALUES_OF_SCHEDULE))
}

/// Read a maintenance schedule of the garage.
///
/// The platform's schedules have no id, and are in the list.
#[utoipa::path(operation_id = "getMaintenanceSchedule", tag = "maintenance-schedules",
    params(("id" = Id, Path, description = "The schedule.")),
    responses((status = 200, description = "The schedule.", body = MaintenanceSchedule, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, NotFound]))))]
#[get("/maintenance-schedules/{id}")]
pub(crate) async fn get_maintenance_schedule(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Change a maintenance schedule of the garage.
///
/// The body is a JSON merge patch. The request needs `If-Match`.
#[utoipa::path(operation_id = "updateMaintenanceSchedule", tag = "maintenance-schedules",
    params(("id" = Id, Path, description = "The schedule."), IfMatch), request_body = UpdateMaintenanceSchedule,
    responses((status = 200, description = "The changed schedule.", body = MaintenanceSchedule, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, IntervalEmpty,
        ScheduleNeverWithInterval, ModelWithoutMake, YearsReversed, ScheduleOverlaps, TaskNotForFuel]))))]
#[patch("/maintenance-schedules/{id}")]
pub(crate) async fn update_maintenance_schedule(
    signed_in: SignedIn,
    id: PathId,
    body: Json<UpdateMaintenanceSchedule>,
) -> Result<HttpResponse, Problem> {
    let changed =
        signed_in.command(body.hash, move |work| operations::update(work, id.0.into(), body.value.clone())).await;
    changed.map_err(|problem| problem.about(VALUES_OF_SCHEDULE))
}

/// Delete a maintenance schedule of the garage.
///
/// From then on the garage's next wider schedule decides, or else the platform's. The request needs `If-Match`.
#[utoipa::path(operation_id = "deleteMaintenanceSchedule", tag = "maintenance-schedules",
    params(("id" = Id, Path, description = "The schedule."), IfMatch),
    responses((status = 204, description = "The schedule was deleted.")),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound]))))]
#[delete("/maintenance-schedules/{id}")]
pub(crate) async fn delete_maintenance_schedule(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::delete(work, id.0.into())).await
}
