//! HTTP of the garage.

use super::{
    operations,
    wire::{Garage, UpdateGarage},
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

/// Change the garage.
///
/// An admin can change it. The body is a JSON merge patch. The request needs `If-Match`.
#[utoipa::path(operation_id = "updateGarage", tag = "garage", params(IfMatch), request_body = UpdateGarage,
    responses((status = 200, description = "The changed garage.", body = Garage, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdminOnly]))))]
#[patch("/garage")]
pub(crate) async fn update_garage(signed_in: SignedIn, body: Json<UpdateGarage>) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::update(work, body.value.clone())).await
}
