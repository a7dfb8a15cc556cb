//! HTTP of the garage.

use super::{
    operations,
    wire::{Garage, UpdateGarage},
};
use crate::{
    problem::Problem,
    request::{Json, SignedIn},
};
use actix_web::{HttpResponse, get, patch};

/// Read the garage.
///
/// The garage that the signed-in staff works for.
#[utoipa::path(operation_id = "getGarage", tag = "garage", responses((status = 200, description = "The garage.", body = Garage)),
    extensions(("x-problems" = json!(["wrong_account_kind"]))))]
#[get("/garage")]
pub(crate) async fn get_garage(signed_in: SignedIn) -> Result<HttpResponse, Problem> {
    signed_in.query(operations::get).await
}

/// Change the garage.
///
/// A JSON merge patch by an admin; needs `If-Match`.
#[utoipa::path(operation_id = "updateGarage", tag = "garage", request_body = UpdateGarage,
    responses((status = 200, description = "The garage, changed.", body = Garage)),
    extensions(("x-problems" = json!(["wrong_account_kind", "admin_only"]))))]
#[patch("/garage")]
pub(crate) async fn update_garage(signed_in: SignedIn, body: Json<UpdateGarage>) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::update(work, body.value.clone())).await
}
