//! HTTP of the history of hands.

use super::{operations, wire::Custody};
use crate::{
    problem::{Problem, problems},
    request::{PathId, Query, SignedIn},
    wire::{Id, List, ListQuery},
};
use actix_web::{HttpResponse, get};

/// Read the history of hands.
///
/// Who drove the car, who owned it, in which fleet it was, the oldest first. It only grows; names of others are the
/// garage's to see.
#[utoipa::path(operation_id = "listCustody", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "The history.", body = List<Custody>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/custody")]
pub(crate) async fn list_custody(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, id.0.into(), &query.0)).await
}
