//! HTTP of what happened with a passport.

use super::{
    operations,
    wire::{Event, EventQuery},
};
use crate::{
    problem::{Problem, problems},
    request::{PathId, Query, SignedIn},
    wire::{Id, List},
};
use actix_web::{HttpResponse, get};

/// List what happened with a passport.
///
/// Who did what and when: the newest event comes first. Only the staff of the garage that keeps the passport can read
/// them, and only the events at that garage. Events are never changed or deleted. They have ids and no personal data;
/// the name of the author is the present name of the account.
#[utoipa::path(operation_id = "listEvents", tag = "passports", params(("id" = Id, Path, description = "The passport."), EventQuery),
    responses((status = 200, description = "A page of events.", body = List<Event>)),
    extensions(("x-problems" = json!(problems![NotFound, StaffOnly]))))]
#[get("/passports/{id}/events")]
pub(crate) async fn list_events(
    signed_in: SignedIn,
    id: PathId,
    query: Query<EventQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, id.0.into(), &query.0)).await
}
