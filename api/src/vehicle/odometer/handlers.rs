//! HTTP of the odometer.

use super::{
    operations,
    wire::{NewOdometerReading, Odometer, OdometerQuery, OdometerReading},
};
use crate::{
    problem::{Problem, problems},
    request::{Json, PathId, PathIds, Query, SignedIn},
    wire::{Id, List, ListQuery},
};
use actix_web::{HttpResponse, get, post};

/// Read what a car's ledger tells.
///
/// Whether the readings can all be true, the latest, how far the car goes in a day, and the reading to expect on a day:
/// today in the garage's time zone, unless another is asked for.
#[utoipa::path(operation_id = "getOdometer", tag = "odometer",
    params(("id" = Id, Path, description = "The passport."), OdometerQuery),
    responses((status = 200, description = "What the ledger tells.", body = Odometer)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/odometer")]
pub(crate) async fn get_odometer(
    signed_in: SignedIn,
    id: PathId,
    query: Query<OdometerQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into(), &query.0)).await
}

/// List the readings of a car's odometer.
///
/// All of them, also those that were replaced, by when they were recorded. A reading never changes; one that another names
/// in `replacesId` no longer counts.
#[utoipa::path(operation_id = "listOdometerReadings", tag = "odometer",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "The readings.", body = List<OdometerReading>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/odometer/readings")]
pub(crate) async fn list_odometer_readings(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, id.0.into(), &query.0)).await
}

/// Read one reading of a car's odometer.
///
/// It never changes.
#[utoipa::path(operation_id = "getOdometerReading", tag = "odometer",
    params(("id" = Id, Path, description = "The passport."), ("readingId" = Id, Path, description = "The reading.")),
    responses((status = 200, description = "The reading.", body = OdometerReading)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/odometer/readings/{readingId}")]
pub(crate) async fn get_odometer_reading(signed_in: SignedIn, ids: PathIds) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get_reading(work, ids.id.into(), ids.part.into())).await
}

/// Add a reading of a car's odometer.
///
/// By the garage's staff, the fleet that the car is in, or its driver. Readings of any day up to today can be added in any
/// order. What is unlikely beside the readings before and after it is refused, and `errors` says why; staff may stand by it
/// with `confirm`. A correction is a new reading that names the one it replaces. A reading that the same account gave for
/// the same day already is answered with that one, and added once.
#[utoipa::path(operation_id = "recordOdometerReading", tag = "odometer",
    params(("id" = Id, Path, description = "The passport.")),
    request_body = NewOdometerReading,
    responses((status = 201, description = "Recorded.", body = OdometerReading, headers(("Location"))),
        (status = 200, description = "Recorded before: this is that reading.", body = OdometerReading)),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, OdometerInFuture,
        OdometerBeforeFirstAdmission, OdometerReplacesUnknown, OdometerAlreadyReplaced, OdometerNotYours,
        OdometerCounterByGarageOnly, OdometerUnconfirmed, OdometerImplausible, OdometerTooManyToday]))))]
#[post("/passports/{id}/odometer/readings")]
pub(crate) async fn record_odometer_reading(
    signed_in: SignedIn,
    id: PathId,
    body: Json<NewOdometerReading>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::record(work, id.0.into(), &body.value)).await
}
