//! HTTP of what the register told.

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

/// Read what the vehicle register tells of a car.
///
/// As it is kept here, with when the register was asked and when it answered last: the register itself is not asked.
/// `status` says whether it knows the plate. What it does not tell is null, and is never to be read as "no". Of a vehicle
/// that it knew and of which it tells nothing now, what it told last stands, with `staleSince`.
#[utoipa::path(operation_id = "getRegistration", tag = "vehicle-register",
    params(("id" = Id, Path, description = "The passport.")),
    responses((status = 200, description = "What it tells.", body = Registration)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/registration")]
pub(crate) async fn get_registration(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// List the recalls of a car.
///
/// By the register's reference, open ones and those that the producer reports as repaired. A recall that the register no
/// longer mentions stays as it was. All were changed, in the sense of `updatedSince`, when the register last answered.
#[utoipa::path(operation_id = "listRecalls", tag = "vehicle-register",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "The recalls.", body = List<Recall>)),
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
/// Those that the register tells of, the newest first, each with the defects that were found. One without `expiresOn`
/// gave no certificate. All were changed, in the sense of `updatedSince`, when the register last answered.
#[utoipa::path(operation_id = "listInspections", tag = "vehicle-register",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "The inspections.", body = List<Inspection>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/inspections")]
pub(crate) async fn list_inspections(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_inspections(work, id.0.into(), &query.0)).await
}
