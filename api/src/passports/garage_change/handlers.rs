//! HTTP of changes of garage.

use super::{
    operations,
    wire::{GarageChange, GarageChangeQuery, GarageInvitation, NewGarageChange},
};
use crate::{
    command::NO_BODY,
    problem::{Code, Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    wire::{Id, IfMatchOptional, List},
};
use actix_web::{HttpResponse, get, post};

/// The value of a request for a passport that this refusal is about.
const VALUES_OF_REQUEST: &[(Code, &str)] = &[(Code::GarageInvitationInvalid, "/invitation")];

/// Invite a garage to keep the passport.
///
/// The owner gets a token to give to a garage of their choice, which asks for the passport with it (`requestGarageChange`). The
/// owner decides when the garage has asked. The token works for 14 days, as long as the car has the same owner.
#[utoipa::path(operation_id = "inviteGarage", tag = "garage-changes",
    params(("id" = Id, Path, description = "The passport.")),
    responses((status = 200, description = "The token.", body = GarageInvitation)),
    extensions(("x-problems" = json!(problems![OnlyOwnerMayDecide, NotFound]))))]
#[post("/passports/{id}/garage-invitation")]
pub(crate) async fn invite_garage(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::invite(work, id.0.into())).await
}

/// Ask to keep a car's passport.
///
/// A garage asks for the passport of a car that another garage keeps. It names the licence plate and the last four signs of the
/// vehicle identification number, or sends the token that the owner gave it. The owner is mailed, and decides within 14 days.
/// Whether a plate has a passport is not said: without the right signs, and when the passport knows no VIN, the answer is
/// `garage_change_no_match`, and after ten of those the garage must wait. With the owner's token it needs no VIN.
#[utoipa::path(operation_id = "requestGarageChange", tag = "garage-changes", request_body = NewGarageChange,
    responses((status = 201, description = "The request was created; it will be mailed to the owner.", body = GarageChange, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, GarageChangeNoMatch,
        GarageInvitationInvalid, PassportExists, GarageChangeOpen,
        TransferOpen, LinkChangeOpen, ActivationNotSettled, TooManyAttempts, TooManyMails]))))]
#[post("/garage-changes")]
pub(crate) async fn request_garage_change(
    signed_in: SignedIn,
    body: Json<NewGarageChange>,
) -> Result<HttpResponse, Problem> {
    let guess = operations::count_guess(&signed_in, &body.value, body.hash).await?;
    let requested = signed_in.clone().command(body.hash, move |work| operations::request(work, &body.value)).await;
    operations::settle_guess(&signed_in, guess, &requested).await?;
    requested.map_err(|problem| problem.about(VALUES_OF_REQUEST))
}

/// List changes of garage.
///
/// A garage gets those that it asked for, and those by which a car left it. An owner gets those of the cars that they own: a
/// fleet of the cars in it, a driver of their own car.
#[utoipa::path(operation_id = "listGarageChanges", tag = "garage-changes", params(GarageChangeQuery),
    responses((status = 200, description = "A page of changes of garage.", body = List<GarageChange>)))]
#[get("/garage-changes")]
pub(crate) async fn list_garage_changes(
    signed_in: SignedIn,
    query: Query<GarageChangeQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Read a change of garage.
///
/// The former garage can read it when the owner has agreed.
#[utoipa::path(operation_id = "getGarageChange", tag = "garage-changes",
    params(("id" = Id, Path, description = "The change of garage.")),
    responses((status = 200, description = "The change of garage.", body = GarageChange, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/garage-changes/{id}")]
pub(crate) async fn get_garage_change(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Agree to a change of garage.
///
/// Only the owner can agree. The garage that asked keeps the passport from now on, with its own record of the customer. What is
/// the car's goes along; the former garage no longer sees it, and is mailed. A car in a fleet stays in it.
#[utoipa::path(operation_id = "agreeToGarageChange", tag = "garage-changes",
    params(("id" = Id, Path, description = "The change of garage."), IfMatchOptional),
    responses((status = 200, description = "The change of garage, agreed.", body = GarageChange, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyOwnerMayDecide, NotFound, GarageChangeNotOpen, GarageChangeExpired,
        FleetNotHandedOver]))))]
#[post("/garage-changes/{id}/agree")]
pub(crate) async fn agree_to_garage_change(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::agree(work, id.0.into())).await
}

/// Decline a change of garage.
///
/// Only the owner can decline. The passport stays at its garage, and the one that asked is mailed.
#[utoipa::path(operation_id = "declineGarageChange", tag = "garage-changes",
    params(("id" = Id, Path, description = "The change of garage."), IfMatchOptional),
    responses((status = 200, description = "The change of garage, declined.", body = GarageChange, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyOwnerMayDecide, NotFound, GarageChangeNotOpen, GarageChangeExpired,
        FleetNotHandedOver]))))]
#[post("/garage-changes/{id}/decline")]
pub(crate) async fn decline_garage_change(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::decline(work, id.0.into())).await
}

/// Withdraw a request to keep a passport.
///
/// The garage that asked can withdraw its request until the owner decides.
#[utoipa::path(operation_id = "withdrawGarageChange", tag = "garage-changes",
    params(("id" = Id, Path, description = "The change of garage."), IfMatchOptional),
    responses((status = 200, description = "The change of garage, withdrawn.", body = GarageChange, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, GarageChangeNotOpen,
        GarageChangeExpired]))))]
#[post("/garage-changes/{id}/withdraw")]
pub(crate) async fn withdraw_garage_change(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::withdraw(work, id.0.into())).await
}
