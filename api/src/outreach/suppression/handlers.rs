//! HTTP of suppressions.

use super::{
    operations,
    wire::{Suppression, SuppressionQuery},
};
use crate::{
    command::NO_BODY,
    problem::{Problem, problems},
    request::{PathId, Query, SignedIn},
    wire::{FollowedList, Id},
};
use actix_web::{HttpResponse, delete, get};

/// List the addresses that must not be written to.
///
/// Those of the garage's customers to which mail came back or whose reader complained, and those whose reader objected to
/// the garage's mailings; what was found out last comes first. Correct the address at the customer
/// (`PATCH /customers/{id}`): the new one is written to. With `updatedSince`, those that were lifted since, and those that no
/// customer of the garage has any more, are told in `removed`.
#[utoipa::path(operation_id = "listSuppressions", tag = "suppressions", params(SuppressionQuery),
    responses((status = 200, description = "A page of addresses.", body = FollowedList<Suppression>)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/suppressions")]
pub(crate) async fn list_suppressions(
    signed_in: SignedIn,
    query: Query<SuppressionQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Lift a suppression.
///
/// The address is written to again, for example since the mailbox is back. If mail to it comes back once more, it is
/// suppressed anew. An objection stays: only who objected can take it back.
#[utoipa::path(operation_id = "liftSuppression", tag = "suppressions",
    params(("id" = Id, Path, description = "The suppression.")),
    responses((status = 204, description = "It is lifted.")),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, NotFound, ObjectionStays]))))]
#[delete("/suppressions/{id}")]
pub(crate) async fn lift_suppression(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::lift(work, id.0.into())).await
}
