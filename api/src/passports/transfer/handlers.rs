//! HTTP of transfers.

use super::{
    operations,
    wire::{NewTransfer, Transfer, TransferQuery},
};
use crate::{
    command::NO_BODY,
    problem::{Code, Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    wire::{Id, IfMatchOptional, List},
};
use actix_web::{HttpResponse, get, post};

/// The value of an offer that each of these refusals is about.
const VALUES_OF_OFFER: &[(Code, &str)] = &[
    (Code::NewDriverOnlyInFleet, "/kind"),
    (Code::RecipientAlreadyHolds, "/recipientEmail"),
    (Code::RecipientIsFleet, "/recipientEmail"),
];

/// Offer a passport.
///
/// When the car is in a fleet, only the fleet's own account can offer it, to a new owner or a new driver. When it is in
/// no fleet, only its owner can offer it, to a new owner. After a change of link, nobody can offer it until the side that lost
/// the car has agreed or its time is over (`GET /link-changes`). The offer is mailed to the recipient.
#[utoipa::path(operation_id = "offerTransfer", tag = "transfers",
    params(("id" = Id, Path, description = "The passport.")),
    request_body = NewTransfer,
    responses((status = 201, description = "The offer was created; it will be mailed to the recipient.", body = Transfer, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![OnlyFleetManagerMayTransfer, OnlyOwnerMayTransfer, NotFound,
        PassportNotActive, NewDriverOnlyInFleet, RecipientAlreadyHolds, RecipientIsFleet,
        FleetNotHandedOver, ActivationNotSettled, TransferOpen, LinkChangeOpen, GarageChangeOpen, TooManyMails]))))]
#[post("/passports/{id}/transfers")]
pub(crate) async fn offer_transfer(
    signed_in: SignedIn,
    id: PathId,
    body: Json<NewTransfer>,
) -> Result<HttpResponse, Problem> {
    let offered = signed_in.command(body.hash, move |work| operations::offer(work, id.0.into(), &body.value)).await;
    offered.map_err(|problem| problem.about(VALUES_OF_OFFER))
}

/// List offers.
///
/// A garage gets the offers of the passports that it keeps, a fleet those that it made, and a driver those that they
/// made and those that they received.
#[utoipa::path(operation_id = "listTransfers", tag = "transfers", params(TransferQuery),
    responses((status = 200, description = "A page of offers.", body = List<Transfer>)))]
#[get("/transfers")]
pub(crate) async fn list_transfers(signed_in: SignedIn, query: Query<TransferQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Read an offer.
///
/// The offerer can still read the offer after the car is handed over.
#[utoipa::path(operation_id = "getTransfer", tag = "transfers", params(("id" = Id, Path, description = "The offer.")),
    responses((status = 200, description = "The offer.", body = Transfer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/transfers/{id}")]
pub(crate) async fn get_transfer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Accept an offer.
///
/// A new owner becomes owner and driver, and the car leaves its fleet. A new driver takes the car over within the
/// fleet. From then on, the previous owner or driver can no longer reach any data of the car.
#[utoipa::path(operation_id = "acceptTransfer", tag = "transfers",
    params(("id" = Id, Path, description = "The offer."), IfMatchOptional),
    responses((status = 200, description = "The accepted offer.", body = Transfer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyRecipientMayDecide, NotFound, TransferNotOpen,
        TransferExpired]))))]
#[post("/transfers/{id}/accept")]
pub(crate) async fn accept_transfer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::accept(work, id.0.into())).await
}

/// Decline an offer.
///
/// The car stays with its owner and driver. A notice is mailed to the offerer.
#[utoipa::path(operation_id = "declineTransfer", tag = "transfers",
    params(("id" = Id, Path, description = "The offer."), IfMatchOptional),
    responses((status = 200, description = "The declined offer.", body = Transfer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyRecipientMayDecide, NotFound, TransferNotOpen,
        TransferExpired]))))]
#[post("/transfers/{id}/decline")]
pub(crate) async fn decline_transfer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::decline(work, id.0.into())).await
}

/// Withdraw an offer.
///
/// Only the offerer can withdraw it. A notice is mailed to the recipient.
#[utoipa::path(operation_id = "withdrawTransfer", tag = "transfers",
    params(("id" = Id, Path, description = "The offer."), IfMatchOptional),
    responses((status = 200, description = "The withdrawn offer.", body = Transfer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyOffererMayWithdraw, NotFound, TransferNotOpen,
        TransferExpired]))))]
#[post("/transfers/{id}/withdraw")]
pub(crate) async fn withdraw_transfer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::withdraw(work, id.0.into())).await
}

/// Mail an offer again.
///
/// Only the offerer can have it mailed again. Its time limit starts again, and links that were mailed before no longer
/// work.
#[utoipa::path(operation_id = "resendTransfer", tag = "transfers",
    params(("id" = Id, Path, description = "The offer."), IfMatchOptional),
    responses((status = 200, description = "The offer, with its new time limit.", body = Transfer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyOffererMayWithdraw, NotFound, TransferNotOpen,
        TransferExpired, TooManyMails]))))]
#[post("/transfers/{id}/resend")]
pub(crate) async fn resend_transfer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::resend(work, id.0.into())).await
}
