//! HTTP of passports.

use super::{
    operations,
    wire::{LinkPassport, NewPassport, Passport, PassportQuery, UpdatePassport},
};
use crate::{
    command::NO_BODY,
    problem::{Problem, problems},
    register,
    request::{Json, PathId, Query, SignedIn},
    wire::{Id, IfMatch, IfMatchOptional, List},
};
use actix_web::{HttpResponse, delete, get, patch, post, put};

/// List or search passports.
///
/// Who asks decides which: a garage gets those it keeps, a fleet those in it, a driver those they drive. By when they were
/// made.
#[utoipa::path(operation_id = "listPassports", tag = "passports", params(PassportQuery),
    responses((status = 200, description = "The passports.", body = List<Passport>)))]
#[get("/passports")]
pub(crate) async fn list_passports(signed_in: SignedIn, query: Query<PassportQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Make a passport.
///
/// With a new or an existing customer, whom the link to activate it is mailed to, and the fleet to link it to. What is left
/// out of make, model, year and fuel is filled from the vehicle register; where that gives no answer in time, the passport
/// is made without and completed later.
#[utoipa::path(operation_id = "createPassport", tag = "passports", request_body = NewPassport,
    responses((status = 201, description = "Made; the customer was mailed.", body = Passport, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, PassportExists, CustomerWithoutEmail,
        FleetClosed, OdometerBeforeFirstAdmission]))))]
#[post("/passports")]
pub(crate) async fn create_passport(signed_in: SignedIn, body: Json<NewPassport>) -> Result<HttpResponse, Problem> {
    let answer = register::operations::ask(&signed_in, &body.value.licence_plate, body.hash).await?;
    signed_in.command(body.hash, move |work| operations::create(work, body.value.clone(), &answer)).await
}

/// Read a passport.
///
/// What it shows of people depends on who asks.
#[utoipa::path(operation_id = "getPassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport.")),
    responses((status = 200, description = "The passport.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}")]
pub(crate) async fn get_passport(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Change the vehicle's data.
///
/// A JSON merge patch by the garage's staff; needs `If-Match`. An `odometerKm` other than it shows now is recorded as a
/// reading of today; an unlikely one is refused, and can be confirmed or corrected among the odometer's readings.
#[utoipa::path(operation_id = "updatePassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), IfMatch),
    request_body = UpdatePassport,
    responses((status = 200, description = "The passport, changed.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, PassportExists,
        OdometerBeforeFirstAdmission, OdometerUnconfirmed, OdometerTooManyToday]))))]
#[patch("/passports/{id}")]
pub(crate) async fn update_passport(
    signed_in: SignedIn,
    id: PathId,
    body: Json<UpdatePassport>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::update(work, id.0.into(), body.value.clone())).await
}

/// Mail the link to activate the passport again.
///
/// To the customer's present e-mail. Links mailed before no longer work.
#[utoipa::path(operation_id = "invitePassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport.")),
    responses((status = 202, description = "A link is on its way.")),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportAlreadyActive,
        PassportArchived, CustomerWithoutEmail]))))]
#[post("/passports/{id}/invitation")]
pub(crate) async fn invite_passport(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::invite(work, id.0.into())).await
}

/// Archive a passport.
///
/// Driver and fleet let go of it, and the plate is free for another passport. Refused while an offer is open.
#[utoipa::path(operation_id = "archivePassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), IfMatchOptional),
    responses((status = 200, description = "The passport, archived.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportArchived, TransferOpen]))))]
#[post("/passports/{id}/archive")]
pub(crate) async fn archive_passport(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::archive(work, id.0.into())).await
}

/// Link a passport to a fleet.
///
/// By the garage's staff; needs `If-Match` with the passport's `ETag`. The driver is told, since it changes who can see
/// the car. Linking it to the fleet it is in changes nothing.
#[utoipa::path(operation_id = "linkPassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), IfMatch),
    request_body = LinkPassport,
    responses((status = 200, description = "The passport, linked.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, PassportInOtherFleet,
        FleetClosed, TransferOpen]))))]
#[put("/passports/{id}/fleet")]
pub(crate) async fn link_passport(
    signed_in: SignedIn,
    id: PathId,
    body: Json<LinkPassport>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::link(work, id.0.into(), body.value.fleet_id.0.into())).await
}

/// Unlink a passport from its fleet.
///
/// By the garage's staff; needs `If-Match` with the passport's `ETag`. The driver is told.
#[utoipa::path(operation_id = "unlinkPassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), IfMatch),
    responses((status = 200, description = "The passport, unlinked.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, PassportNotInFleet,
        TransferOpen]))))]
#[delete("/passports/{id}/fleet")]
pub(crate) async fn unlink_passport(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::unlink(work, id.0.into())).await
}
