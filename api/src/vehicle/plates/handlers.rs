//! HTTP of a vehicle's plates.

use super::{operations, wire::PlatePeriod};
use crate::{
    problem::{Problem, problems},
    request::{PathId, Query, SignedIn},
    wire::{Id, List, ListQuery},
};
use actix_web::{HttpResponse, get};

/// List the plates of a passport's vehicle.
///
/// The first one first; the last one is the plate that it has. They are kept when a plate is changed, also when that
/// mended a mistake in writing. A vehicle that the garage archived and takes back is the same vehicle.
#[utoipa::path(operation_id = "listPlates", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "The plates.", body = List<PlatePeriod>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/plates")]
pub(crate) async fn list_plates(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, id.0.into(), &query.0)).await
}
