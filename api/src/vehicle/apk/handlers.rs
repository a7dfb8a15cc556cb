//! HTTP of the APK.

use super::{
    operations,
    wire::{Apk, ApkEntry, ApkLiftSet, NewApkEntry, NewApkLift},
};
use crate::{
    problem::{Code, Problem, problems},
    request::{Json, PathId, PathIds, Query, SignedIn},
    wire::{Id, List, ListQuery},
};
use actix_web::{HttpResponse, get, post, put};

/// The value of what lifts the duty that this refusal is about.
const VALUES_OF_LIFT: &[(Code, &str)] = &[(Code::ApkLiftTractorsOnly, "/reason")];

/// Read the APK of a car.
///
/// The answer says until when the certificate is valid and where that date comes from, from which day the car can be
/// inspected, when the next two inspections are best done, and which rule of the law applies. Its texts are in the
/// language of the request. A date that the garage entered counts as long as the register has none and, if it is later than the register's date, until the register has another one.
/// Else the register's date counts; without either, the date is computed by the law. "Today" is a day in the garage's
/// time zone.
#[utoipa::path(operation_id = "getApk", tag = "apk", params(("id" = Id, Path, description = "The passport.")),
    responses((status = 200, description = "The APK of the car.", body = Apk)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/apk")]
pub(crate) async fn get_apk(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// List the APK dates that the garage entered.
///
/// They are sorted by when they were entered, the oldest first. An entry never changes. Of several, only the latest is
/// looked at. A date that the garage entered counts as long as the register has none and, if it is later than the register's date, until the register has another one.
#[utoipa::path(operation_id = "listApkEntries", tag = "apk",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "A page of entries.", body = List<ApkEntry>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/apk/entries")]
pub(crate) async fn list_apk_entries(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, id.0.into(), &query.0)).await
}

/// Read an APK date that the garage entered.
///
/// An entry never changes.
#[utoipa::path(operation_id = "getApkEntry", tag = "apk",
    params(("id" = Id, Path, description = "The passport."), ("entryId" = Id, Path, description = "The entry.")),
    responses((status = 200, description = "The entry.", body = ApkEntry)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/apk/entries/{entryId}")]
pub(crate) async fn get_apk_entry(signed_in: SignedIn, ids: PathIds) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get_entry(work, ids.id.into(), ids.part.into())).await
}

/// Enter an APK date that the register does not have yet.
///
/// The day of an inspection that the car passed is enough (`inspectedOn`): the expiry date then follows by the law from what is known of
/// the car. A date that the law does not give is entered all the same, and named in `warnings`.
/// The staff of the garage enter it when a car was inspected and the register does not say so yet. A date that the garage entered counts as long as the register has none and, if it is later than the register's date, until the register has another one.
/// A mistake is corrected by another entry: of several, only the latest is looked at.
#[utoipa::path(operation_id = "enterApkDate", tag = "apk", params(("id" = Id, Path, description = "The passport.")),
    request_body = NewApkEntry,
    responses((status = 201, description = "The date was entered. One that is not later than what the register says is on record, and changes nothing.", body = ApkEntry, headers(("Location")))),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, ApkEntryEmpty,
        ApkInspectionInFuture, ApkExpiryNotComputable, ApkDateBeforeFirstAdmission, ApkDateTooFar]))))]
#[post("/passports/{id}/apk/entries")]
pub(crate) async fn enter_apk_date(
    signed_in: SignedIn,
    id: PathId,
    body: Json<NewApkEntry>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::enter(work, id.0.into(), &body.value)).await
}

/// Say that the APK duty of a car is lifted for the time being, or no longer.
///
/// The register does not say that a registration is suspended (*geschorst*) or that a car is in a dealer's stock
/// (*bedrijfsvoorraad*): the owner and the staff of the garage do. That a tractor is used mainly on its owner's own grounds the
/// staff alone say. The reason is the vehicle's, takes the place of the one before, and ends by itself when the register gives a
/// later day of registration in someone's name. With `reason` null the duty holds again; a body without `reason` is refused.
/// `GET /passports/{id}/apk` shows it.
#[utoipa::path(operation_id = "setApkLift", tag = "apk", params(("id" = Id, Path, description = "The passport.")),
    request_body = NewApkLift,
    responses((status = 200, description = "What lifts the duty now.", body = ApkLiftSet)),
    extensions(("x-problems" = json!(problems![OnlyOwnerMayDecide, StaffOnly, NotFound, PassportArchived,
        ApkLiftTractorsOnly]))))]
#[put("/passports/{id}/apk/lift")]
pub(crate) async fn set_apk_lift(
    signed_in: SignedIn,
    id: PathId,
    body: Json<NewApkLift>,
) -> Result<HttpResponse, Problem> {
    let set = signed_in.command(body.hash, move |work| operations::set_lift(work, id.0.into(), &body.value)).await;
    set.map_err(|problem| problem.about(VALUES_OF_LIFT))
}
