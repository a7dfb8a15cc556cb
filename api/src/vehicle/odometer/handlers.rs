//! HTTP of the odometer.

use super::{
    operations,
    wire::{NewOdometerReading, Odometer, OdometerQuery, OdometerReading},
};
use crate::{
    problem::{Code, Problem, problems},
    request::{Json, PathId, PathIds, Query, SignedIn},
    wire::{Id, List, ListQuery},
};
use actix_web::{HttpResponse, get, post};

/// The value of a reading that each of these refusals is about.
const VALUES_OF_READING: &[(Code, &str)] = &[
    (Code::OdometerInFuture, "/readOn"),
    (Code::OdometerBeforeFirstAdmission, "/readOn"),
    (Code::OdometerAlreadyReplaced, "/replacesId"),
    (Code::OdometerNotYours, "/replacesId"),
    (Code::OdometerCounterByGarageOnly, "/counterStart"),
    (Code::OdometerDidNotRollOver, "/counterStart"),
];

/// Read the odometer of a car.
///
/// The answer says whether the readings can all be true, by the ledger and by the register, and why; which is the latest,
/// how far the car goes in a day, and what the odometer shows on the requested day, at most five years after the last
/// reading. The default is today, in the garage's time zone.
#[utoipa::path(operation_id = "getOdometer", tag = "odometer",
    params(("id" = Id, Path, description = "The passport."), OdometerQuery),
    responses((status = 200, description = "The odometer of the car.", body = Odometer)),
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
/// They are sorted by when they were recorded. A reading never changes; a reading that another one names in
/// `replacesId` no longer counts, but stays in the list.
#[utoipa::path(operation_id = "listOdometerReadings", tag = "odometer",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "A page of readings.", body = List<OdometerReading>)),
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
/// A reading never changes.
#[utoipa::path(operation_id = "getOdometerReading", tag = "odometer",
    params(("id" = Id, Path, description = "The passport."), ("readingId" = Id, Path, description = "The reading.")),
    responses((status = 200, description = "The reading.", body = OdometerReading)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/odometer/readings/{readingId}")]
pub(crate) async fn get_odometer_reading(signed_in: SignedIn, ids: PathIds) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get_reading(work, ids.id.into(), ids.part.into())).await
}

/// Record a reading of a car's odometer.
///
/// The garage's staff, the fleet that the car is in and its driver can record one. Readings of any day up to today can
/// be recorded in any order. A reading that is unlikely next to those before and after it is refused, and `errors` says
/// why; staff can record it all the same with `confirm`. A correction is a new reading that names the one it replaces.
/// When the same account already recorded the same reading for the same day, the answer is that reading, and nothing is
/// added.
#[utoipa::path(operation_id = "recordOdometerReading", tag = "odometer",
    params(("id" = Id, Path, description = "The passport.")),
    request_body = NewOdometerReading,
    responses((status = 201, description = "The reading was recorded.", body = OdometerReading, headers(("Location"))),
        (status = 200, description = "The reading was already recorded; this is it.", body = OdometerReading)),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, OdometerInFuture,
        OdometerBeforeFirstAdmission, OdometerReplacesUnknown, OdometerAlreadyReplaced, OdometerNotYours,
        OdometerCounterByGarageOnly, OdometerDidNotRollOver, OdometerUnconfirmed, OdometerImplausible,
        OdometerTooManyToday]))))]
#[post("/passports/{id}/odometer/readings")]
pub(crate) async fn record_odometer_reading(
    signed_in: SignedIn,
    id: PathId,
    body: Json<NewOdometerReading>,
) -> Result<HttpResponse, Problem> {
    let recorded = signed_in.command(body.hash, move |work| operations::record(work, id.0.into(), &body.value)).await;
    recorded.map_err(|problem| problem.about(VALUES_OF_READING))
}
