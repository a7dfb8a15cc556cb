//! HTTP of the history of hands.

use super::{operations, wire::Custody};
use crate::{
    problem::{Problem, problems},
    request::{PathId, Query, SignedIn},
    wire::{Id, List, ListQuery},
};
use actix_web::{HttpResponse, get};

/// List the history of hands.
///
/// Who drove the car, who owned it and in which fleet it was: the oldest period comes first. Periods are only added.
/// The garage sees all names; others see only their own.
#[utoipa::path(operation_id = "listCustody", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "A page of periods.", body = List<Custody>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/custody")]
pub(crate) async fn list_custody(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, id.0.into(), &query.0)).await
}
