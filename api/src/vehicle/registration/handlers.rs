//! HTTP of the register's stored data.

use super::{
    operations,
    wire::{Inspection, Recall, Registration},
};
use crate::{
    problem::{Problem, problems},
    request::{PathId, Query, SignedIn},
    wire::{Id, List, ListQuery},
};
use actix_web::{HttpResponse, get};

/// Read the vehicle register's data about a car.
///
/// The answer is what the server stored, with when the register was last asked and when it last answered; the register
/// itself is not asked now. `status` says whether it knows the plate. A value that is null is unknown; it never means
/// "no". When the register gives no data any more about a vehicle that it knew, its last data stays, with `staleSince`.
#[utoipa::path(operation_id = "getRegistration", tag = "vehicle-register",
    params(("id" = Id, Path, description = "The passport.")),
    responses((status = 200, description = "The register's data about the car.", body = Registration)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/registration")]
pub(crate) async fn get_registration(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// List the recalls of a car.
///
/// They are sorted by the register's reference. Both open recalls and those that the producer reports as repaired are
/// in the list. A recall that the register no longer mentions stays as it was. For `updatedSince`, all of them changed
/// when the register last answered.
#[utoipa::path(operation_id = "listRecalls", tag = "vehicle-register",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "A page of recalls.", body = List<Recall>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/recalls")]
pub(crate) async fn list_recalls(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_recalls(work, id.0.into(), &query.0)).await
}

/// List the inspections of a car.
///
/// These are the inspections in the register, the newest first, each with the defects that were found. An inspection
/// without `expiresOn` gave no certificate. For `updatedSince`, all of them changed when the register last answered.
#[utoipa::path(operation_id = "listInspections", tag = "vehicle-register",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "A page of inspections.", body = List<Inspection>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/inspections")]
pub(crate) async fn list_inspections(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_inspections(work, id.0.into(), &query.0)).await
}
