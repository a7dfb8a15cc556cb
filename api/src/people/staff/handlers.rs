//! HTTP of staff.

use super::{
    operations,
    wire::{NewStaff, Staff, UpdateStaff},
};
use crate::{
    account,
    command::NO_BODY,
    problem::{Code, Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    wire::{FollowedList, Id, IfMatch, ListQuery},
};
use actix_web::{HttpResponse, delete, get, patch, post};

/// The value of a new colleague that each of these refusals is about.
const VALUES_OF_STAFF: &[(Code, &str)] = &[(Code::EmailInUse, "/email"), (Code::EmailSuppressed, "/email")];

/// List the garage's staff.
///
/// They are sorted by when they were added, the oldest first. Colleagues who were removed are not in the list; with `updatedSince`,
/// those who were removed since are told in `removed`.
#[utoipa::path(operation_id = "listStaff", tag = "garage", params(ListQuery),
    responses((status = 200, description = "A page of colleagues.", body = FollowedList<Staff>)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/garage/staff")]
pub(crate) async fn list_staff(signed_in: SignedIn, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Add a colleague.
///
/// An admin adds them. A link to choose a password is mailed to the new account. A garage can write down ten addresses that are in
/// use already, and then one each half hour; more are refused with 429 (`too_many_attempts`), and `Retry-After` says how long to wait.
#[utoipa::path(operation_id = "addStaff", tag = "garage", request_body = NewStaff,
    responses((status = 201, description = "The colleague was added; a link will be mailed to them.", body = Staff, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdminOnly, EmailInUse, EmailSuppressed, TooManyMails,
        TooManyAttempts]))))]
#[post("/garage/staff")]
pub(crate) async fn add_staff(signed_in: SignedIn, body: Json<NewStaff>) -> Result<HttpResponse, Problem> {
    let added = signed_in.clone().command(body.hash, move |work| operations::add(work, &body.value)).await;
    let added = account::operations::count_refused(&signed_in, added).await;
    added.map_err(|problem| problem.about(VALUES_OF_STAFF))
}

/// Read a colleague.
///
/// A colleague who was removed is not found.
#[utoipa::path(operation_id = "getStaff", tag = "garage", params(("id" = Id, Path, description = "The colleague.")),
    responses((status = 200, description = "The colleague.", body = Staff, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, NotFound]))))]
#[get("/garage/staff/{id}")]
pub(crate) async fn get_staff(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Change a colleague's name or role.
///
/// An admin can change it. The body is a JSON merge patch. The request needs `If-Match`. A garage always keeps at least
/// one admin who can sign in.
#[utoipa::path(operation_id = "updateStaff", tag = "garage",
    params(("id" = Id, Path, description = "The colleague."), IfMatch), request_body = UpdateStaff,
    responses((status = 200, description = "The changed colleague.", body = Staff, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdminOnly, NotFound, LastAdmin]))))]
#[patch("/garage/staff/{id}")]
pub(crate) async fn update_staff(
    signed_in: SignedIn,
    id: PathId,
    body: Json<UpdateStaff>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::update(work, id.0.into(), body.value.clone())).await
}

/// Remove a colleague.
///
/// An admin can remove them. The request needs `If-Match`. Their sessions end at once, and their e-mail can be used for
/// another account.
#[utoipa::path(operation_id = "removeStaff", tag = "garage",
    params(("id" = Id, Path, description = "The colleague."), IfMatch),
    responses((status = 204, description = "The colleague was removed.")),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdminOnly, NotFound, LastAdmin]))))]
#[delete("/garage/staff/{id}")]
pub(crate) async fn remove_staff(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::remove(work, id.0.into())).await
}

/// Mail a colleague's link again.
///
/// An admin can do this until the colleague has chosen a password. Links that were mailed before no longer work.
#[utoipa::path(operation_id = "inviteStaff", tag = "garage",
    params(("id" = Id, Path, description = "The colleague.")),
    responses((status = 202, description = "A link will be mailed to the colleague.")),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdminOnly, NotFound, StaffAlreadyActive, EmailInUse,
        EmailSuppressed, TooManyMails]))))]
#[post("/garage/staff/{id}/invitation")]
pub(crate) async fn invite_staff(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::invite(work, id.0.into())).await
}

/// Reset a colleague's second factor.
///
/// An admin can do this for someone who has lost their telephone and their recovery codes; not for themselves. The colleague's
/// sessions end, they can sign in with their password alone again, and a notice is mailed to them. Nothing happens if they have
/// none.
#[utoipa::path(operation_id = "resetStaffSecondFactor", tag = "garage",
    params(("id" = Id, Path, description = "The colleague.")),
    responses((status = 204, description = "The colleague has no second factor any more.")),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdminOnly, NotFound, SecondFactorOwn]))))]
#[delete("/garage/staff/{id}/second-factor")]
pub(crate) async fn reset_staff_second_factor(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::reset_second_factor(work, id.0.into())).await
}
