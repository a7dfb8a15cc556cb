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
/// The oldest plate comes first; the last one is the present plate. A plate stays in the list after it was changed. One
/// that was a typing mistake is listed to the staff of the garage alone: it stood for less than a day, and the vehicle
/// register did not confirm it. When the garage archives a passport and creates a new one for the same vehicle,
/// the list continues.
#[utoipa::path(operation_id = "listPlates", tag = "passports",
    params(("id" = Id, Path, description = "The passport."), ListQuery),
    responses((status = 200, description = "A page of plates.", body = List<PlatePeriod>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/plates")]
pub(crate) async fn list_plates(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, id.0.into(), &query.0)).await
}
