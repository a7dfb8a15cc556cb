//! HTTP of fleets.

use super::{
    operations,
    wire::{Fleet, FleetQuery, NewFleet, UpdateFleet},
};
use crate::{
    command::NO_BODY,
    passport::wire::Passport,
    problem::{Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    session,
    wire::{Id, IfMatch, IfMatchOptional, List, ListQuery},
};
use actix_web::{HttpResponse, get, patch, post};
use domain::value::FleetBegin;

/// List or search fleets.
///
/// A garage gets all of its own, a fleet's account its own one. By name; a search finds while typing: case, accents and the
/// order of words do not matter.
#[utoipa::path(operation_id = "listFleets", tag = "fleets", params(FleetQuery),
    responses((status = 200, description = "The fleets.", body = List<Fleet>)))]
#[get("/fleets")]
pub(crate) async fn list_fleets(signed_in: SignedIn, query: Query<FleetQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Make a fleet.
///
/// From the profile of a customer whose AutoPaspoort with the garage is active. Invited: the manager is mailed how to sign
/// in. Prepared: the garage chooses an e-mail and a password of its own, no mail goes out, and the e-mail is changed later
/// in the fleet's account settings.
#[utoipa::path(operation_id = "createFleet", tag = "fleets", request_body = NewFleet,
    responses((status = 201, description = "Made.", body = Fleet, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, ManagerPassportNotActive,
        FleetEmailSameAsManager, EmailInUse]))))]
#[post("/fleets")]
pub(crate) async fn create_fleet(signed_in: SignedIn, body: Json<NewFleet>) -> Result<HttpResponse, Problem> {
    let hash = match (body.value.begin.0, &body.value.password) {
        (FleetBegin::Prepared, Some(password)) => {
            let name = body.value.name.as_ref().map_or("", |name| name.0.as_str());
            session::operations::check_password(password, &[body.value.email.0.as_str(), name], "/password")?;
            signed_in.clone().query(operations::may_create).await?;
            Some(signed_in.context.app.passwords.hash(&password.0).await?)
        }
        (FleetBegin::Prepared, None) => return Err(Problem::body("/password", "required")),
        (FleetBegin::Invited, Some(_)) => return Err(Problem::body("/password", "conflicts_with_other")),
        (FleetBegin::Invited, None) => None,
    };
    signed_in.command(body.hash, move |work| operations::create(work, &body.value, hash.clone())).await
}

/// Read a fleet.
///
/// With how many passports are linked to it.
#[utoipa::path(operation_id = "getFleet", tag = "fleets", params(("id" = Id, Path, description = "The fleet.")),
    responses((status = 200, description = "The fleet.", body = Fleet, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/fleets/{id}")]
pub(crate) async fn get_fleet(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Change a fleet's name or e-mail.
///
/// A JSON merge patch by the garage; needs `If-Match`. The e-mail only until the manager has signed in; a new link is
/// mailed to it.
#[utoipa::path(operation_id = "updateFleet", tag = "fleets", params(("id" = Id, Path, description = "The fleet."),
        IfMatch),
    request_body = UpdateFleet,
    responses((status = 200, description = "The fleet, changed.", body = Fleet, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, FleetClosed, FleetAlreadyActive,
        FleetEmailSameAsManager, EmailInUse]))))]
#[patch("/fleets/{id}")]
pub(crate) async fn update_fleet(
    signed_in: SignedIn,
    id: PathId,
    body: Json<UpdateFleet>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::update(work, id.0.into(), body.value.clone())).await
}

/// List the passports in a fleet.
///
/// With who drives them and, for the garage, the customer's profile.
#[utoipa::path(operation_id = "listFleetPassports", tag = "fleets",
    params(("id" = Id, Path, description = "The fleet."), ListQuery),
    responses((status = 200, description = "The passports.", body = List<Passport>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/fleets/{id}/passports")]
pub(crate) async fn list_fleet_passports(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_passports(work, id.0.into(), &query.0)).await
}

/// Mail the manager's link again.
///
/// Until they have signed in. Links mailed before no longer work.
#[utoipa::path(operation_id = "inviteFleet", tag = "fleets", params(("id" = Id, Path, description = "The fleet.")),
    responses((status = 202, description = "A link is on its way.")),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, FleetClosed, FleetAlreadyActive]))))]
#[post("/fleets/{id}/invitation")]
pub(crate) async fn invite_fleet(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::invite(work, id.0.into())).await
}

/// Close a fleet.
///
/// When no passport is linked to it and no offer of it is open. Its account can no longer sign in.
#[utoipa::path(operation_id = "closeFleet", tag = "fleets", params(("id" = Id, Path, description = "The fleet."),
        IfMatchOptional),
    responses((status = 200, description = "The fleet, closed.", body = Fleet, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, FleetClosed, FleetHasPassports,
        FleetHasOpenOffers]))))]
#[post("/fleets/{id}/close")]
pub(crate) async fn close_fleet(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::close(work, id.0.into())).await
}
