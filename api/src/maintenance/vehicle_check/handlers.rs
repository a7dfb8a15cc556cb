//! HTTP of vehicle checks.

use super::{
    operations,
    wire::{
        CheckCompletion, EnteredFinding, GarageCheck, GarageCheckQuery, NewFinding, NewVehicleCheck, VehicleCheck,
        VehicleCheckQuery, VehicleCheckSummary,
    },
};
use crate::{
    command::NO_BODY,
    problem::{Code, Problem, problems},
    request::{Json, PathId, PathIds, PathPlace, Query, SignedIn},
    wire::{CheckPlace, FollowedList, IDLE_EXAMPLE, Id, IfMatchOptional},
};
use actix_web::{HttpResponse, delete, get, post, put};

/// The value of a check, of a finding or of its completion that each of these refusals is about.
const VALUES_OF_CHECK: &[(Code, &str)] = &[
    (Code::CheckFindingEmpty, "/result"),
    (Code::CheckFindingEmpty, "/measured"),
    (Code::CheckNotMeasured, "/measured"),
    (Code::CheckReasonMissing, "/reason"),
    (Code::CheckDay, "/checkedOn"),
];

/// List the checks of the garage's cars.
///
/// The newest comes first. Each item has the passport and the licence plate of the car, so a home screen needs no other
/// request; `status=draft` has what is begun and not completed, and `mine=true` what whoever asks began. Cars whose passport is
/// archived are left out. With `updatedSince`, the drafts that were discarded since are told in `removed`; the checks of a car that
/// leaves the garage, or is archived, go with it: see `listPassports`.
#[utoipa::path(operation_id = "listGarageChecks", tag = "checks", params(GarageCheckQuery),
    responses((status = 200, description = "A page of checks.", body = FollowedList<GarageCheck>)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/checks")]
pub(crate) async fn list_garage_checks(
    signed_in: SignedIn,
    query: Query<GarageCheckQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_of_garage(work, &query.0)).await
}

/// List the checks of a car.
///
/// They are sorted by when they were begun. The garage's staff get the drafts too; all others get completed checks only. A
/// check that another one replaced stays in the list. With `updatedSince`, the garage's staff are told in `removed` which drafts were
/// discarded since.
#[utoipa::path(operation_id = "listVehicleChecks", tag = "checks",
    params(("id" = Id, Path, description = "The passport."), VehicleCheckQuery),
    responses((status = 200, description = "A page of checks.", body = FollowedList<VehicleCheckSummary>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/checks")]
pub(crate) async fn list_vehicle_checks(
    signed_in: SignedIn,
    id: PathId,
    query: Query<VehicleCheckQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, id.0.into(), &query.0)).await
}

/// Begin a check of a car.
///
/// Staff of any role can begin one. The check keeps the template as it is now, so a later change of the template does not
/// change the check. It is a draft until someone completes it. A car has one draft of a template: who begins another is told
/// the id of the one there is, and goes on with it, or discards it first. A mistake in a completed check is corrected by another check
/// that names it in `replacesId`.
#[utoipa::path(operation_id = "startVehicleCheck", tag = "checks",
    params(("id" = Id, Path, description = "The passport.")),
    request_body = NewVehicleCheck,
    responses((status = 201, description = "The check was begun.", body = VehicleCheck, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, CheckReplacesUnknown,
        CheckAlreadyReplaced, CheckDraftExists]))))]
#[post("/passports/{id}/checks")]
pub(crate) async fn start_vehicle_check(
    signed_in: SignedIn,
    id: PathId,
    body: Json<NewVehicleCheck>,
) -> Result<HttpResponse, Problem> {
    let started = signed_in.command(body.hash, move |work| operations::start(work, id.0.into(), &body.value)).await;
    started.map_err(|problem| problem.about(&[(Code::CheckAlreadyReplaced, "/replacesId")]))
}

/// Read a check of a car.
///
/// The answer has the whole list of what is looked at, with what was found at each place, and the places that still need a
/// result before the check can be completed. Items that make no sense for what the car runs on are left out. A draft exists
/// for the garage's staff only.
#[utoipa::path(operation_id = "getVehicleCheck", tag = "checks",
    params(("id" = Id, Path, description = "The passport."), ("checkId" = Id, Path, description = "The check.")),
    responses((status = 200, description = "The check.", body = VehicleCheck, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/checks/{checkId}")]
pub(crate) async fn get_vehicle_check(signed_in: SignedIn, ids: PathIds) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, ids.id.into(), ids.part.into())).await
}

/// Discard a draft of a check.
///
/// What was found is deleted with it. A completed check stays.
#[utoipa::path(operation_id = "discardVehicleCheck", tag = "checks",
    params(("id" = Id, Path, description = "The passport."),
        ("checkId" = Id, Path, description = "The check.", example = json!(IDLE_EXAMPLE)), IfMatchOptional),
    responses((status = 204, description = "The draft was discarded.")),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, CheckCompleted]))))]
#[delete("/passports/{id}/checks/{checkId}")]
pub(crate) async fn discard_vehicle_check(signed_in: SignedIn, ids: PathIds) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::discard(work, ids.id.into(), ids.part.into())).await
}

/// Enter what was found at a place.
///
/// Several mechanics can fill in one draft at the same time: each place has a finding of its own, so nobody needs to know the
/// version of the check. What was there before is replaced whole: a note that is not sent again is gone. The answer shows what
/// was there. With `If-Match`, it is replaced only if it is still the one with that `version`, which stands in the finding. A
/// measurement suggests the result by the limits of the item; who judges otherwise sends `result` with a `reason`.
#[utoipa::path(operation_id = "enterFinding", tag = "checks",
    params(("id" = Id, Path, description = "The passport."),
        ("checkId" = Id, Path, description = "The check.", example = json!(IDLE_EXAMPLE)),
        ("place" = CheckPlace, Path, description = "The place, such as `windscreen` or `tread_depth.front_left`: the `place` in the items of the check.",
            example = json!("tread_depth.front_left")), IfMatchOptional),
    request_body = NewFinding,
    responses((status = 200, description = "The finding, and what was there before.", body = EnteredFinding)),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, CheckCompleted, CheckUnknownItem,
        CheckNotMeasured, CheckMeasurementImplausible, CheckFindingEmpty, CheckReasonMissing]))))]
#[put("/passports/{id}/checks/{checkId}/findings/{place}")]
pub(crate) async fn enter_finding(
    signed_in: SignedIn,
    path: PathPlace,
    body: Json<NewFinding>,
) -> Result<HttpResponse, Problem> {
    signed_in
        .command(body.hash, move |work| {
            operations::enter(work, path.id.into(), path.part.into(), &path.place, body.value.clone())
        })
        .await
        .map_err(|problem| problem.about(VALUES_OF_CHECK))
}

/// Remove what was found at a place.
///
/// The place is then as if nobody had looked at it. Only a draft can be changed.
#[utoipa::path(operation_id = "removeFinding", tag = "checks",
    params(("id" = Id, Path, description = "The passport."),
        ("checkId" = Id, Path, description = "The check.", example = json!(IDLE_EXAMPLE)),
        ("place" = CheckPlace, Path, description = "The place, such as `windscreen` or `tread_depth.front_left`: the `place` in the items of the check.",
            example = json!("tread_depth.front_left")), IfMatchOptional),
    responses((status = 204, description = "Nothing is entered at the place any more.")),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, CheckCompleted]))))]
#[delete("/passports/{id}/checks/{checkId}/findings/{place}")]
pub(crate) async fn remove_finding(signed_in: SignedIn, path: PathPlace) -> Result<HttpResponse, Problem> {
    let remove = move |work: &mut crate::command::Work<'_, '_>| {
        operations::remove(work, path.id.into(), path.part.into(), &path.place)
    };
    signed_in.command(NO_BODY, remove).await
}

/// Complete a check.
///
/// A check is completed once; after that nothing changes it. All places that the template demands must have a result. What
/// the odometer shows is added to the car's readings. Each finding that is not good becomes a recommendation, and takes the
/// place of the open one for the same task and position; a good finding ends the open one.
#[utoipa::path(operation_id = "completeVehicleCheck", tag = "checks",
    params(("id" = Id, Path, description = "The passport."),
        ("checkId" = Id, Path, description = "The check.", example = json!(IDLE_EXAMPLE)), IfMatchOptional),
    request_body = CheckCompletion,
    responses((status = 200, description = "The completed check.", body = VehicleCheck, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, CheckCompleted, CheckIncomplete,
        CheckDay, CheckAlreadyReplaced, OdometerUnconfirmed, OdometerTooManyToday, RecommendationsTooMany]))))]
#[post("/passports/{id}/checks/{checkId}/complete")]
pub(crate) async fn complete_vehicle_check(
    signed_in: SignedIn,
    ids: PathIds,
    body: Json<CheckCompletion>,
) -> Result<HttpResponse, Problem> {
    signed_in
        .command(body.hash, move |work| operations::complete(work, ids.id.into(), ids.part.into(), &body.value))
        .await
        .map_err(|problem| problem.about(VALUES_OF_CHECK))
}
