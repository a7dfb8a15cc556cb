//! HTTP of passports.

use super::{
    operations,
    wire::{LinkPassport, NewPassport, Passport, PassportQuery, UpdatePassport},
};
use crate::{
    command::NO_BODY,
    occupancy,
    problem::{Code, Problem, problems},
    register,
    request::{Json, PathId, Query, SignedIn},
    wire::{ARCHIVED_EXAMPLE, FollowedList, IDLE_EXAMPLE, Id, IfMatch, IfMatchOptional, Patch},
};
use actix_web::{HttpResponse, delete, get, patch, post, put};

/// The value of a passport that each of these refusals is about, whoever its customer is.
const VALUES_OF_PASSPORT: &[(Code, &str)] =
    &[(Code::FleetClosed, "/fleetId"), (Code::OdometerBeforeFirstAdmission, "/odometerKm")];

/// List or search passports.
///
/// A garage gets the passports that it keeps, a fleet those that are linked to it, and a driver those of the cars that
/// they drive. They are sorted by when they were created. Archived passports are listed too, unless `status` leaves them
/// out.
///
/// With `updatedSince`, the passports that left the reach of the account since are told in `removed`: to a garage those that another
/// garage keeps now, with `fleetId` those that left the fleet, and with a `status` without `archived` those that were archived; to a
/// fleet and a driver those that are theirs no longer. What other filters leave out is not told.
#[utoipa::path(operation_id = "listPassports", tag = "passports", params(PassportQuery),
    responses((status = 200, description = "A page of passports.", body = FollowedList<Passport>)))]
#[get("/passports")]
pub(crate) async fn list_passports(signed_in: SignedIn, query: Query<PassportQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Create a passport.
///
/// The customer is a new or an existing one; the link to activate the passport is mailed to them. The passport can be
/// linked to a fleet at the same time. Make, model, year and fuel that are left out are filled in from the vehicle
/// register. If the register does not answer in time, the passport is created without them and completed later.
///
/// A car of which the garage archived a passport is the same vehicle (`vehicleId`) when it comes back with the plate that it had last,
/// or with a plate that it had before and the same VIN. Then it has its odometer's readings, APK dates, checks and history. So an
/// unlikely `odometerKm` is refused: leave it out, and confirm it with `recordOdometerReading`. With any other plate a new vehicle
/// begins, which has none of these; with the same VIN, its verdict on the odometer knows of the readings before (`earlierReadings` of
/// `getOdometer`).
///
/// With a new customer, `possibleDuplicateCustomers` names other records of the garage that may be of the same one: to use one of them, put the
/// passport under it (`customerId` of `updatePassport`) and delete the new record.
///
/// A plate has one passport in use. If another garage has made one, and nobody has activated it within 60 days, that one is
/// archived. A garage can ask in vain for 30 plates that other garages have, and then for one each ten minutes; more are refused with
/// 429 (`too_many_attempts`), and `Retry-After` says how long to wait.
#[utoipa::path(operation_id = "createPassport", tag = "passports", request_body = NewPassport,
    responses((status = 201, description = "The passport was created; a link will be mailed to the customer.", body = Passport, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, PassportExists, CustomerWithoutEmail, EmailSuppressed,
        FleetClosed, OdometerBeforeFirstAdmission, OdometerUnconfirmed, OdometerTooManyToday, TooManyAttempts, TooManyMails]))))]
#[post("/passports")]
pub(crate) async fn create_passport(signed_in: SignedIn, body: Json<NewPassport>) -> Result<HttpResponse, Problem> {
    let answer = register::operations::ask(&signed_in, &body.value.licence_plate.0, body.hash).await?;
    let email = if body.value.customer.is_some() { "/customer/email" } else { "/customerId" };
    let made = signed_in.clone().command(body.hash, move |work| operations::create(work, body.value.clone(), &answer));
    let made = occupancy::count_refused(&signed_in, made.await).await;
    let of_customer = [(Code::CustomerWithoutEmail, email), (Code::EmailSuppressed, email)];
    made.map_err(|problem| problem.about(VALUES_OF_PASSPORT).about(&of_customer))
}

/// Read a passport.
///
/// Which personal data the passport shows depends on the account that asks.
#[utoipa::path(operation_id = "getPassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport.")),
    responses((status = 200, description = "The passport.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}")]
pub(crate) async fn get_passport(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Change the data of a passport's vehicle, or its customer.
///
/// The staff of the garage can change it. Only an admin or advisor can put it under another customer's record of the garage
/// (`customerId`): whoever drives the car keeps it, and an open link to activate it dies unless it went to that customer's e-mail,
/// to which a new one is mailed. Only they can give it another licence plate, and an account at most
/// 20 at once and then one each five minutes. The body is a JSON merge patch. The request needs `If-Match`. When
/// `odometerKm` differs from the present value, it is recorded as a reading of today. An unlikely value is refused; it
/// can be confirmed or corrected with `recordOdometerReading`.
#[utoipa::path(operation_id = "updatePassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), IfMatch),
    request_body = UpdatePassport,
    responses((status = 200, description = "The changed passport.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportArchived, PassportExists,
        OdometerBeforeFirstAdmission, OdometerUnconfirmed, OdometerTooManyToday, TooManyAttempts, TooManyMails]))))]
#[patch("/passports/{id}")]
pub(crate) async fn update_passport(
    signed_in: SignedIn,
    id: PathId,
    body: Json<UpdatePassport>,
) -> Result<HttpResponse, Problem> {
    if let Patch::Value(plate) = &body.value.licence_plate {
        operations::count_plate(&signed_in, id.0.into(), &plate.0).await?;
    }
    let changed =
        signed_in.clone().command(body.hash, move |work| operations::update(work, id.0.into(), body.value.clone()));
    let changed = occupancy::count_refused(&signed_in, changed.await).await;
    changed.map_err(|problem| problem.about(VALUES_OF_PASSPORT))
}

/// Mail the link to activate the passport.
///
/// It is the first link if the passport was imported without `invite`, else a new one. It is mailed to the customer's present e-mail. Links that were mailed before no longer work.
#[utoipa::path(operation_id = "invitePassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport.", example = json!(IDLE_EXAMPLE))),
    responses((status = 202, description = "A link will be mailed to the customer.")),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportAlreadyActive,
        PassportArchived, CustomerWithoutEmail, EmailSuppressed, TooManyMails]))))]
#[post("/passports/{id}/invitation")]
pub(crate) async fn invite_passport(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::invite(work, id.0.into())).await
}

/// Archive a passport.
///
/// The driver and the fleet can no longer reach the passport, and the plate can be used for another one. Drafts of checks
/// are discarded. It is refused while an offer is open, and while another garage has asked for the passport. It is also refused after
/// the car was linked to a fleet or unlinked from one, as long as its former owner can object to that (`listLinkChanges`).
#[utoipa::path(operation_id = "archivePassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), IfMatchOptional),
    responses((status = 200, description = "The archived passport.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportArchived, TransferOpen, LinkChangeOpen, GarageChangeOpen]))))]
#[post("/passports/{id}/archive")]
pub(crate) async fn archive_passport(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::archive(work, id.0.into())).await
}

/// End an activation with another e-mail.
///
/// Someone with an account of another e-mail used the link that the garage mailed: perhaps it is the customer's own other
/// address, perhaps a stranger's. The garage is told, and can end it for seven days, while the car has the same driver.
/// That driver no longer reaches the passport, which waits for its driver again; a new link can be mailed.
#[utoipa::path(operation_id = "revokeActivation", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), IfMatchOptional),
    responses((status = 200, description = "The passport, which waits for its driver.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportArchived, ActivationStands,
        TransferOpen, LinkChangeOpen]))))]
#[post("/passports/{id}/revoke-activation")]
pub(crate) async fn revoke_activation(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::revoke_activation(work, id.0.into())).await
}

/// Take an archived passport back into use.
///
/// It is possible within 30 days, while no passport in use is of the same vehicle (`vehicleId`) or has the same plate. Driver and
/// fleet are those of before, unless the driver's account has ended or the fleet was closed; a notice is mailed to them. A passport
/// without a driver is `invited` again: mail the link to activate it with `invitePassport`. Only that of a pool car, which nobody
/// drove when it was archived, is `active` again in its fleet.
///
/// A passport that the server archived can be taken back too, when the plate is free again: nobody had activated it within 60 days,
/// and another garage made one for the plate.
///
/// A garage can ask in vain for 30 plates that other garages have, and then for one each ten minutes; more are refused with 429
/// (`too_many_attempts`), and `Retry-After` says how long to wait.
#[utoipa::path(operation_id = "unarchivePassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport.", example = json!(ARCHIVED_EXAMPLE)), IfMatchOptional),
    responses((status = 200, description = "The passport, in use again.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportNotArchived,
        PassportArchivedTooLong, PassportExists, TooManyAttempts]))))]
#[post("/passports/{id}/unarchive")]
pub(crate) async fn unarchive_passport(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    let taken_back = signed_in.clone().command(NO_BODY, move |work| operations::unarchive(work, id.0.into()));
    occupancy::count_refused(&signed_in, taken_back.await).await
}

/// Link a passport to a fleet.
///
/// An admin or advisor of the garage can link it. The request needs `If-Match` with the `ETag` of the passport. A notice is
/// mailed to the driver, since the link changes who can see the car. The driver of an active passport, who owned the car, can object for some days
/// (`GET /link-changes`); until then nobody can offer the car. Nothing changes when the passport is already linked to this
/// fleet. A car that another fleet may still have back is linked to that fleet only.
#[utoipa::path(operation_id = "linkPassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), IfMatch),
    request_body = LinkPassport,
    responses((status = 200, description = "The linked passport.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportArchived, PassportInOtherFleet,
        FleetClosed, TransferOpen, LinkChangeOpen, GarageChangeOpen]))))]
#[put("/passports/{id}/fleet")]
pub(crate) async fn link_passport(
    signed_in: SignedIn,
    id: PathId,
    body: Json<LinkPassport>,
) -> Result<HttpResponse, Problem> {
    let linked = signed_in
        .command(body.hash, move |work| operations::link(work, id.0.into(), body.value.fleet_id.0.into()))
        .await;
    linked.map_err(|problem| problem.about(VALUES_OF_PASSPORT))
}

/// Unlink a passport from its fleet.
///
/// An admin or advisor of the garage can unlink it. The request needs `If-Match` with the `ETag` of the passport. A notice is
/// mailed to the driver and to the fleet. The fleet of an active passport can object for some days (`GET /link-changes`);
/// until then nobody can offer the car. Unlinking a car while its former owner can object undoes the link. A car whose driver the
/// fleet has ended (`endDriver`) cannot be unlinked, since it would be nobody's: the fleet hands it on first.
#[utoipa::path(operation_id = "unlinkPassport", tag = "passports",
    params(("id" = Id, Path, description = "The passport.", example = json!(IDLE_EXAMPLE)), IfMatch),
    responses((status = 200, description = "The unlinked passport.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, PassportArchived, PassportNotInFleet,
        PoolCarWithoutDriver, TransferOpen, GarageChangeOpen]))))]
#[delete("/passports/{id}/fleet")]
pub(crate) async fn unlink_passport(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::unlink(work, id.0.into())).await
}
