//! HTTP of maintenance schedules.

use super::{
    operations,
    wire::{MaintenanceSchedule, MaintenanceScheduleQuery},
};
use crate::{
    problem::Problem,
    request::{Query, SignedIn},
    wire::List,
};
use actix_web::{HttpResponse, get};

/// List the maintenance schedules.
///
/// Each says for one task when it comes back, and for which cars. For a car, the schedule that has the car within its limits
/// and is limited most narrowly decides about each task. These are the schedules that the platform ships, in a fixed order,
/// each with the source of its figures. For `updatedSince`, all of them changed when the platform's set did.
#[utoipa::path(operation_id = "listMaintenanceSchedules", tag = "maintenance", params(MaintenanceScheduleQuery),
    responses((status = 200, description = "A page of schedules.", body = List<MaintenanceSchedule>)))]
#[get("/maintenance-schedules")]
pub(crate) async fn list_maintenance_schedules(
    signed_in: SignedIn,
    query: Query<MaintenanceScheduleQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}
