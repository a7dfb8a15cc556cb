//! HTTP of APK mailings.

use super::{
    operations,
    wire::{
        ApkMailing, ApkMailingQuery, ApkMailingRecipient, MailingPreview, NewApkMailing, RecipientQuery,
        ScheduleApkMailing, UpdateApkMailing,
    },
};
use crate::{
    command::NO_BODY,
    problem::{Code, Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    wire::{ARCHIVED_EXAMPLE, FollowedList, IDLE_EXAMPLE, Id, IfMatch, List},
};
use actix_web::{HttpResponse, delete, get, patch, post};

/// The value of a schedule that each of these refusals is about.
const VALUES_OF_SCHEDULE: &[(Code, &str)] =
    &[(Code::MailingMomentOver, "/sendAt"), (Code::MailingMomentTooFar, "/sendAt")];

/// List the garage's APK mailings.
///
/// The newest come first. With `updatedSince`, the drafts that were deleted since are told in `removed`.
#[utoipa::path(operation_id = "listApkMailings", tag = "apk-mailings", params(ApkMailingQuery),
    responses((status = 200, description = "A page of mailings.", body = FollowedList<ApkMailing>)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/apk-mailings")]
pub(crate) async fn list_apk_mailings(
    signed_in: SignedIn,
    query: Query<ApkMailingQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Write an APK mailing.
///
/// It is a draft, of which nothing is sent until it is scheduled. The text is plain: paragraphs with a blank line between them,
/// and links that begin with `https://` or `http://`. These placeholders are filled in for each car, by either name:
/// `{{naam}}` or `{{name}}` (the customer), `{{kenteken}}` or `{{plate}}`, `{{auto}}` or `{{car}}` (make and model),
/// `{{apk_datum}}` or `{{apk_date}}` (the last valid day), `{{garage}}`, and `{{telefoon}}` or `{{phone}}` (of the garage).
/// HTML and other placeholders are refused. Below the text stand the garage, its telephone number and e-mail, and a link to
/// object to further mailings; the sender is the garage's name, and answers go to the garage's e-mail.
#[utoipa::path(operation_id = "createApkMailing", tag = "apk-mailings", request_body = NewApkMailing,
    responses((status = 201, description = "The draft was made.", body = ApkMailing, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly]))))]
#[post("/apk-mailings")]
pub(crate) async fn create_apk_mailing(
    signed_in: SignedIn,
    body: Json<NewApkMailing>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::create(work, &body.value)).await
}

/// Read an APK mailing.
///
/// Its counts say how far it is.
#[utoipa::path(operation_id = "getApkMailing", tag = "apk-mailings",
    params(("id" = Id, Path, description = "The mailing.")),
    responses((status = 200, description = "The mailing.", body = ApkMailing, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, NotFound]))))]
#[get("/apk-mailings/{id}")]
pub(crate) async fn get_apk_mailing(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Change an APK mailing.
///
/// The body is a JSON merge patch. The request needs `If-Match`. A scheduled mailing stays scheduled. Once mails go out,
/// nothing of it changes any more.
#[utoipa::path(operation_id = "updateApkMailing", tag = "apk-mailings",
    params(("id" = Id, Path, description = "The mailing."), IfMatch), request_body = UpdateApkMailing,
    responses((status = 200, description = "The changed mailing.", body = ApkMailing, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, MailingHasBegun,
        MailingWasStopped]))))]
#[patch("/apk-mailings/{id}")]
pub(crate) async fn update_apk_mailing(
    signed_in: SignedIn,
    id: PathId,
    body: Json<UpdateApkMailing>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::update(work, id.0.into(), body.value.clone())).await
}

/// Delete a draft of an APK mailing.
///
/// The request needs `If-Match`. A mailing that was ever scheduled stays on record: one that waits can be made a draft again
/// first.
#[utoipa::path(operation_id = "deleteApkMailing", tag = "apk-mailings",
    params(("id" = Id, Path, description = "The mailing.", example = json!(IDLE_EXAMPLE)), IfMatch),
    responses((status = 204, description = "The draft was deleted.")),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, MailingIsScheduled, MailingHasBegun,
        MailingWasStopped]))))]
#[delete("/apk-mailings/{id}")]
pub(crate) async fn delete_apk_mailing(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::delete(work, id.0.into())).await
}

/// See what an APK mailing would do.
///
/// How many mails would go out, three of them as they will look, and which cars are left out and why. It stores nothing. Each
/// car is decided again when its mail is sent, so the figures may differ by then.
#[utoipa::path(operation_id = "previewApkMailing", tag = "apk-mailings",
    params(("id" = Id, Path, description = "The mailing.")),
    responses((status = 200, description = "What it would do.", body = MailingPreview)),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, MailingHasBegun,
        MailingWasStopped]))))]
#[get("/apk-mailings/{id}/preview")]
pub(crate) async fn preview_apk_mailing(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::preview(work, id.0.into())).await
}

/// Send an APK mailing, now or later.
///
/// The request needs `If-Match`, so that what is sent is what was last read. Mails go out between 8:00 and 20:00 in the time
/// zone of the garage. A scheduled mailing can be given another moment.
#[utoipa::path(operation_id = "scheduleApkMailing", tag = "apk-mailings",
    params(("id" = Id, Path, description = "The mailing."), IfMatch), request_body = ScheduleApkMailing,
    responses((status = 200, description = "The scheduled mailing.", body = ApkMailing, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, MailingHasBegun, MailingWasStopped, MailingMomentOver,
        MailingMomentTooFar]))))]
#[post("/apk-mailings/{id}/schedule")]
pub(crate) async fn schedule_apk_mailing(
    signed_in: SignedIn,
    id: PathId,
    body: Json<ScheduleApkMailing>,
) -> Result<HttpResponse, Problem> {
    let scheduled =
        signed_in.command(body.hash, move |work| operations::schedule(work, id.0.into(), &body.value)).await;
    scheduled.map_err(|problem| problem.about(VALUES_OF_SCHEDULE))
}

/// Make a scheduled APK mailing a draft again.
///
/// The request needs `If-Match`.
#[utoipa::path(operation_id = "unscheduleApkMailing", tag = "apk-mailings",
    params(("id" = Id, Path, description = "The mailing.", example = json!(ARCHIVED_EXAMPLE)), IfMatch),
    responses((status = 200, description = "The draft.", body = ApkMailing, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, MailingHasBegun, MailingWasStopped,
        MailingNotBegun]))))]
#[post("/apk-mailings/{id}/unschedule")]
pub(crate) async fn unschedule_apk_mailing(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::unschedule(work, id.0.into())).await
}

/// Stop an APK mailing.
///
/// Nothing more goes out, except a mail that is being handed to the mail server at this moment. What went out stays listed. A
/// stopped mailing is never taken up again.
#[utoipa::path(operation_id = "stopApkMailing", tag = "apk-mailings",
    params(("id" = Id, Path, description = "The mailing.", example = json!(ARCHIVED_EXAMPLE))),
    responses((status = 200, description = "The stopped mailing.", body = ApkMailing, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, MailingNotBegun, MailingHasEnded]))))]
#[post("/apk-mailings/{id}/stop")]
pub(crate) async fn stop_apk_mailing(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::stop(work, id.0.into())).await
}

/// List what became of the cars of an APK mailing.
///
/// Cars are there from the moment at which the mailing begins, also those that were left out, with the reason.
#[utoipa::path(operation_id = "listApkMailingRecipients", tag = "apk-mailings",
    params(("id" = Id, Path, description = "The mailing."), RecipientQuery),
    responses((status = 200, description = "A page of cars.", body = List<ApkMailingRecipient>)),
    extensions(("x-problems" = json!(problems![WrongAccountKind, NotFound]))))]
#[get("/apk-mailings/{id}/recipients")]
pub(crate) async fn list_apk_mailing_recipients(
    signed_in: SignedIn,
    id: PathId,
    query: Query<RecipientQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::recipients(work, id.0.into(), &query.0)).await
}
