//! HTTP of transfers.

use super::{
    operations,
    wire::{NewTransfer, Transfer, TransferQuery},
};
use crate::{
    command::NO_BODY,
    problem::{Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    wire::{Id, IfMatchOptional, List},
};
use actix_web::{HttpResponse, get, post};

/// Offer a passport.
///
/// In a fleet only the fleet's own account can, to a new owner or a new driver; elsewhere only the owner, to a new owner.
/// The recipient is mailed.
#[utoipa::path(operation_id = "offerTransfer", tag = "transfers",
    params(("id" = Id, Path, description = "The passport.")),
    request_body = NewTransfer,
    responses((status = 201, description = "Offered; the recipient was mailed.", body = Transfer, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![OnlyFleetManagerMayTransfer, OnlyOwnerMayTransfer, NotFound,
        PassportNotActive, NewDriverOnlyInFleet, RecipientAlreadyHolds, RecipientIsFleet, RecipientNotDriver,
        TransferOpen]))))]
#[post("/passports/{id}/transfers")]
pub(crate) async fn offer_transfer(
    signed_in: SignedIn,
    id: PathId,
    body: Json<NewTransfer>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::offer(work, id.0.into(), &body.value)).await
}

/// List offers.
///
/// A garage gets those of the passports it keeps, a fleet those it made, a driver those they made and those addressed to
/// them.
#[utoipa::path(operation_id = "listTransfers", tag = "transfers", params(TransferQuery),
    responses((status = 200, description = "The offers.", body = List<Transfer>)))]
#[get("/transfers")]
pub(crate) async fn list_transfers(signed_in: SignedIn, query: Query<TransferQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Read an offer.
///
/// Who offered keeps this record after the car is gone.
#[utoipa::path(operation_id = "getTransfer", tag = "transfers", params(("id" = Id, Path, description = "The offer.")),
    responses((status = 200, description = "The offer.", body = Transfer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/transfers/{id}")]
pub(crate) async fn get_transfer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Accept an offer.
///
/// A new owner becomes owner and driver and the car leaves its fleet; a new driver takes over within the fleet. From that
/// moment who had the car before can no longer reach any of its data.
#[utoipa::path(operation_id = "acceptTransfer", tag = "transfers",
    params(("id" = Id, Path, description = "The offer."), IfMatchOptional),
    responses((status = 200, description = "The offer, accepted.", body = Transfer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyRecipientMayDecide, NotFound, TransferNotOpen,
        TransferExpired]))))]
#[post("/transfers/{id}/accept")]
pub(crate) async fn accept_transfer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::accept(work, id.0.into())).await
}

/// Decline an offer.
///
/// All stays as it is; who offered is told.
#[utoipa::path(operation_id = "declineTransfer", tag = "transfers",
    params(("id" = Id, Path, description = "The offer."), IfMatchOptional),
    responses((status = 200, description = "The offer, declined.", body = Transfer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyRecipientMayDecide, NotFound, TransferNotOpen,
        TransferExpired]))))]
#[post("/transfers/{id}/decline")]
pub(crate) async fn decline_transfer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::decline(work, id.0.into())).await
}

/// Withdraw an offer.
///
/// By who offered; the recipient is told.
#[utoipa::path(operation_id = "withdrawTransfer", tag = "transfers",
    params(("id" = Id, Path, description = "The offer."), IfMatchOptional),
    responses((status = 200, description = "The offer, withdrawn.", body = Transfer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyOffererMayWithdraw, NotFound, TransferNotOpen,
        TransferExpired]))))]
#[post("/transfers/{id}/withdraw")]
pub(crate) async fn withdraw_transfer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::withdraw(work, id.0.into())).await
}

/// Mail an offer again.
///
/// By who offered; its time starts anew, and links mailed before no longer work.
#[utoipa::path(operation_id = "resendTransfer", tag = "transfers",
    params(("id" = Id, Path, description = "The offer."), IfMatchOptional),
    responses((status = 200, description = "The offer, mailed again.", body = Transfer, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyOffererMayWithdraw, NotFound, TransferNotOpen,
        TransferExpired]))))]
#[post("/transfers/{id}/resend")]
pub(crate) async fn resend_transfer(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::resend(work, id.0.into())).await
}
