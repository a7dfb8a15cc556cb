//! HTTP of changes of link.

use super::{
    operations,
    wire::{LinkChange, LinkChangeQuery},
};
use crate::{
    command::NO_BODY,
    problem::{Problem, problems},
    request::{PathId, Query, SignedIn},
    wire::{Id, IfMatchOptional, List},
};
use actix_web::{HttpResponse, get, post};

/// List changes of link.
///
/// When the garage links an active passport to a fleet or unlinks one, the side that lost the car can object for some days.
/// A garage gets the changes that it made, a fleet those of its own, and a driver those of the cars that they drove then.
#[utoipa::path(operation_id = "listLinkChanges", tag = "passports", params(LinkChangeQuery),
    responses((status = 200, description = "A page of changes of link.", body = List<LinkChange>)))]
#[get("/link-changes")]
pub(crate) async fn list_link_changes(
    signed_in: SignedIn,
    query: Query<LinkChangeQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Read a change of link.
///
/// The side that lost the car can read it, though it may see the car no longer.
#[utoipa::path(operation_id = "getLinkChange", tag = "passports",
    params(("id" = Id, Path, description = "The change of link.")),
    responses((status = 200, description = "The change of link.", body = LinkChange, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/link-changes/{id}")]
pub(crate) async fn get_link_change(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Agree to a change of link.
///
/// Only the side that lost the car can agree: its former private owner, or the fleet. From then on the car can be offered.
#[utoipa::path(operation_id = "agreeToLinkChange", tag = "passports",
    params(("id" = Id, Path, description = "The change of link."), IfMatchOptional),
    responses((status = 200, description = "The change of link, agreed to.", body = LinkChange, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyFormerOwnerMayDecide, NotFound, LinkChangeNotOpen,
        LinkChangeOver, FleetNotHandedOver]))))]
#[post("/link-changes/{id}/agree")]
pub(crate) async fn agree_to_link_change(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::agree(work, id.0.into())).await
}

/// Object to a change of link.
///
/// Only the side that lost the car can object: its former private owner, or the fleet. It has the car again at once. A notice
/// is mailed to the garage and to the side that has the car no longer.
#[utoipa::path(operation_id = "objectToLinkChange", tag = "passports",
    params(("id" = Id, Path, description = "The change of link."), IfMatchOptional),
    responses((status = 200, description = "The change of link, objected to.", body = LinkChange, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![OnlyFormerOwnerMayDecide, NotFound, LinkChangeNotOpen, LinkChangeOver,
        LinkChangeHandsChanged, PassportArchived, TransferOpen, FleetNotHandedOver]))))]
#[post("/link-changes/{id}/object")]
pub(crate) async fn object_to_link_change(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::object(work, id.0.into())).await
}
