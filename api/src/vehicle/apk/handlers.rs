//! HTTP of the APK.

use super::{
    operations,
    wire::{Apk, ApkEntry, NewApkEntry},
};
use crate::{
    problem::{Problem, problems},
    request::{Json, PathId, PathIds, Query, SignedIn},
    wire::{Id, List, ListQuery},
};
use actix_web::{HttpResponse, get, post};

/// Read how a car stands with its APK.
///
/// Until when its certificate is valid and who says so, from when it can be inspected, the next two inspections at their
/// best moment, and the rule behind it, in the language of the request. The register's date wins; a garage's counts until
/// the register catches up; without either the law is computed. Today is that of the garage's time zone.
#[utoipa::path(operation_id = "getApk", tag = "apk", params(("id" = Id, Path, description = "The passport.")),
    responses((status = 200, description = "How it stands.", body = Apk)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/apk")]
pub(crate) async fn get_apk(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// List the APK dates that the garage entered.
///
/// All of them, by when they were entered. An entry never changes; the latest one counts, until the register catches up.
#[utoipa::path(operation_id = "listApkEntries", tag = "apk",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "The entries.", body = List<ApkEntry>)),
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
/// It never changes.
#[utoipa::path(operation_id = "getApkEntry", tag = "apk",
    params(("id" = Id, Path, description = "The passport."), ("entryId" = Id, Path, description = "The entry.")),
    responses((status = 200, description = "The entry.", body = ApkEntry)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/apk/entries/{entryId}")]
pub(crate) async fn get_apk_entry(signed_in: SignedIn, ids: PathIds) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get_entry(work, ids.id.into(), ids.part.into())).await
}

/// Enter an APK date ahead of the register.
///
/// By the garage's staff, when a car was inspected and the register does not say so yet. It counts while the register has
/// no date, and while it is later than the one the register gave when it was entered. A mistake is mended by another
/// entry: the latest one counts.
#[utoipa::path(operation_id = "enterApkDate", tag = "apk", params(("id" = Id, Path, description = "The passport.")),
    request_body = NewApkEntry,
    responses((status = 201, description = "Entered.", body = ApkEntry, headers(("Location")))),
    extensions(("x-problems" = json!(problems![StaffOnly, NotFound, PassportArchived, ApkDateBeforeFirstAdmission,
        ApkDateTooFar]))))]
#[post("/passports/{id}/apk/entries")]
pub(crate) async fn enter_apk_date(
    signed_in: SignedIn,
    id: PathId,
    body: Json<NewApkEntry>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::enter(work, id.0.into(), &body.value)).await
}
