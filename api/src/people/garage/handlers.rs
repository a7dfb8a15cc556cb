//! HTTP of the garage.

use super::{
    operations,
    wire::{Garage, GarageSummary, UpdateGarage},
};
use crate::{
    problem::{Problem, problems},
    request::{Json, SignedIn},
    wire::IfMatch,
};
use actix_web::{HttpResponse, get, patch};

/// Read the garage.
///
/// The garage that the signed-in member of staff works for.
#[utoipa::path(operation_id = "getGarage", tag = "garage",
    responses((status = 200, description = "The garage.", body = Garage, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/garage")]
pub(crate) async fn get_garage(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.query(operations::get).await
}

/// Read how the garage stands.
///
/// How many of its cars are good, need attention, are urgent or unknown, how many have their APK within 60 days, and what
/// waits for its staff.
#[utoipa::path(operation_id = "getGarageSummary", tag = "garage",
    responses((status = 200, description = "How the garage stands.", body = GarageSummary)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/garage/summary")]
pub(crate) async fn get_garage_summary(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.query(operations::summary).await
}

/// Change the garage.
///
/// An admin can change it. The body is a JSON merge patch. The request needs `If-Match`. Who demands a second factor of the staff
/// has set up their own first: everyone else of the garage can do nothing else until they have set up theirs.
#[utoipa::path(operation_id = "updateGarage", tag = "garage", params(IfMatch), request_body = UpdateGarage,
    responses((status = 200, description = "The changed garage.", body = Garage, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdminOnly, SecondFactorAbsent]))))]
#[patch("/garage")]
pub(crate) async fn update_garage(signed_in: SignedIn, body: Json<UpdateGarage>) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::update(work, body.value.clone())).await
}
