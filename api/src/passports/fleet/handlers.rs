//! HTTP of fleets.

use super::{
    operations,
    wire::{DriverAmounts, Fleet, FleetCarQuery, FleetQuery, FleetSummary, NewFleet, SetFleetReminders, UpdateFleet},
};
use crate::{
    account,
    command::NO_BODY,
    passport::wire::Passport,
    problem::{Code, Problem, problems},
    request::{Json, PathId, Query, SignedIn},
    session,
    wire::{FollowedList, IDLE_EXAMPLE, Id, IfMatch, IfMatchOptional},
};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use domain::value::FleetBegin;

/// The value of a fleet that each of these refusals is about.
const VALUES_OF_FLEET: &[(Code, &str)] = &[
    (Code::EmailInUse, "/email"),
    (Code::EmailSuppressed, "/email"),
    (Code::FleetEmailSameAsManager, "/email"),
    (Code::FleetAlreadyActive, "/email"),
];

/// List or search fleets.
///
/// A garage gets all its fleets; a fleet's account gets its own fleet. They are sorted by name. A search finds fleets
/// while someone types: case, accents and the order of the words do not matter. With `updatedSince` and `status=open`, the fleets that
/// were closed since are told in `removed`; without `status` they are among the items.
#[utoipa::path(operation_id = "listFleets", tag = "fleets", params(FleetQuery),
    responses((status = 200, description = "A page of fleets.", body = FollowedList<Fleet>)))]
#[get("/fleets")]
pub(crate) async fn list_fleets(signed_in: SignedIn, query: Query<FleetQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// Create a fleet.
///
/// The fleet is created from the record of a customer whose AutoPaspoort with the garage is active. If `begin` is
/// `invited`, a mail explains to the manager how to sign in. If it is `prepared`, the garage chooses an e-mail and a
/// password, and no mail is sent; the e-mail is changed later in the settings of the fleet's account.
#[utoipa::path(operation_id = "createFleet", tag = "fleets", request_body = NewFleet,
    responses((status = 201, description = "The fleet was created.", body = Fleet, headers(("ETag"), ("Location")))),
    extensions(("x-problems" = json!(problems![WrongAccountKind, AdvisorOnly, ManagerPassportNotActive,
        FleetEmailSameAsManager, EmailInUse, EmailSuppressed, TooManyMails, TooManyAttempts]))))]
#[post("/fleets")]
pub(crate) async fn create_fleet(signed_in: SignedIn, body: Json<NewFleet>) -> Result<HttpResponse, Problem> {
    let hash = match (body.value.begin.0, &body.value.password) {
        (FleetBegin::Prepared, Some(password)) => {
            let name = body.value.name.as_ref().map_or("", |name| name.0.as_str());
            let garage = session::operations::garage_name(&signed_in).await?.unwrap_or_default();
            session::operations::check_password(password, &[body.value.email.0.as_str(), name, &garage], "/password")?;
            signed_in.clone().query(operations::may_create).await?;
            Some(signed_in.context.app.passwords.hash(&password.0).await?)
        }
        (FleetBegin::Prepared, None) => return Err(Problem::body("/password", "required")),
        (FleetBegin::Invited, _) => None,
    };
    let manager = if body.value.manager_passport_id.is_some() { "/managerPassportId" } else { "/customerId" };
    let made = signed_in.clone().command(body.hash, move |work| operations::create(work, &body.value, hash.clone()));
    let made = account::operations::count_refused(&signed_in, made.await).await;
    made.map_err(|problem| problem.about(VALUES_OF_FLEET).about(&[(Code::ManagerPassportNotActive, manager)]))
}

/// Read a fleet.
///
/// The answer says how many passports are linked to the fleet.
#[utoipa::path(operation_id = "getFleet", tag = "fleets", params(("id" = Id, Path, description = "The fleet.")),
    responses((status = 200, description = "The fleet.", body = Fleet, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/fleets/{id}")]
pub(crate) async fn get_fleet(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}

/// Read how a fleet stands.
///
/// How many cars are good, need attention, are urgent or unknown; what the coming year is expected to cost, month by month;
/// and the next visits. It is for the garage and for the fleet's account. The costs rest on what each car needs next; what
/// comes back more than once in a year counts once. `GET /passports/{id}/expected-maintenance` foretells one car exactly.
#[utoipa::path(operation_id = "getFleetSummary", tag = "fleets",
    params(("id" = Id, Path, description = "The fleet.")),
    responses((status = 200, description = "How the fleet stands.", body = FleetSummary)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/fleets/{id}/summary")]
pub(crate) async fn get_fleet_summary(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::summary(work, id.0.into())).await
}

/// Change a fleet's name or e-mail.
///
/// The garage can change it. The body is a JSON merge patch. The request needs `If-Match`. The e-mail can be changed
/// only until the manager has signed in; a new link is then mailed to it.
#[utoipa::path(operation_id = "updateFleet", tag = "fleets", params(("id" = Id, Path, description = "The fleet."),
        IfMatch),
    request_body = UpdateFleet,
    responses((status = 200, description = "The changed fleet.", body = Fleet, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, FleetClosed, FleetAlreadyActive,
        FleetEmailSameAsManager, EmailInUse, EmailSuppressed, TooManyMails, TooManyAttempts]))))]
#[patch("/fleets/{id}")]
pub(crate) async fn update_fleet(
    signed_in: SignedIn,
    id: PathId,
    body: Json<UpdateFleet>,
) -> Result<HttpResponse, Problem> {
    let changed =
        signed_in.clone().command(body.hash, move |work| operations::update(work, id.0.into(), body.value.clone()));
    let changed = account::operations::count_refused(&signed_in, changed.await).await;
    changed.map_err(|problem| problem.about(VALUES_OF_FLEET))
}

/// Say whether a fleet's drivers see amounts.
///
/// The fleet's own account can say it. Without it, the drivers of its cars see what is expected and what was done, but not
/// what it costs. The request needs `If-Match`.
#[utoipa::path(operation_id = "setDriverAmounts", tag = "fleets", params(("id" = Id, Path, description = "The fleet."),
        IfMatch),
    request_body = DriverAmounts,
    responses((status = 200, description = "The changed fleet.", body = Fleet, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![FleetOnly, NotFound]))))]
#[put("/fleets/{id}/driver-amounts")]
pub(crate) async fn set_driver_amounts(
    signed_in: SignedIn,
    id: PathId,
    body: Json<DriverAmounts>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::set_driver_amounts(work, id.0.into(), &body.value)).await
}

/// Choose who is reminded of a fleet's cars.
///
/// The fleet's own account can choose it: itself, the drivers or both; and whether it takes one overview on Monday in the place of
/// each reminder. What is under way already goes by the new choice. Who takes no more overviews is sent a last one. The
/// request needs `If-Match`.
#[utoipa::path(operation_id = "setFleetReminders", tag = "fleets", params(("id" = Id, Path, description = "The fleet."),
        IfMatch),
    request_body = SetFleetReminders,
    responses((status = 200, description = "The changed fleet.", body = Fleet, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![FleetOnly, NotFound]))))]
#[put("/fleets/{id}/reminders")]
pub(crate) async fn set_fleet_reminders(
    signed_in: SignedIn,
    id: PathId,
    body: Json<SetFleetReminders>,
) -> Result<HttpResponse, Problem> {
    signed_in.command(body.hash, move |work| operations::set_reminders(work, id.0.into(), &body.value)).await
}

/// List the passports in a fleet.
///
/// Each passport shows its driver and, to the garage, the customer. `hasDriver=false` leaves the cars that nobody drives. With
/// `updatedSince`, the passports that left the fleet since, or that the garage keeps no longer, are told in `removed`.
#[utoipa::path(operation_id = "listFleetPassports", tag = "fleets",
    params(("id" = Id, Path, description = "The fleet."), FleetCarQuery),
    responses((status = 200, description = "A page of passports.", body = FollowedList<Passport>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/fleets/{id}/passports")]
pub(crate) async fn list_fleet_passports(
    signed_in: SignedIn,
    id: PathId,
    query: Query<FleetCarQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_passports(work, id.0.into(), &query.0)).await
}

/// End a driver's access to a fleet's car.
///
/// The fleet's own account can end it, as when a driver leaves the company. From then on the driver can no longer reach any data
/// of the car, with any token, and the car stands in the fleet without a driver (a pool car) until the fleet hands it on with
/// `offerTransfer`; an open offer stands. It never becomes the driver's. Whoever was mailed a link to activate the passport can
/// no longer use it; that passport is `active` from then on. Driver and garage are told by mail; of a link that nobody had used,
/// the garage alone. The garage's record of the customer is that of the fleet from then on.
/// The request needs `If-Match` with the `ETag` of the passport. Nothing changes when the car has no driver already.
#[utoipa::path(operation_id = "endDriver", tag = "fleets",
    params(("id" = Id, Path, description = "The passport.", example = json!(IDLE_EXAMPLE)), IfMatch),
    responses((status = 200, description = "The passport, without a driver.", body = Passport, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![FleetOnly, NotFound, FleetNotHandedOver, LinkChangeOpen]))))]
#[delete("/passports/{id}/driver")]
pub(crate) async fn end_driver(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::end_driver(work, id.0.into())).await
}

/// Mail the manager's link again.
///
/// This is possible until the manager has signed in. Links that were mailed before no longer work.
#[utoipa::path(operation_id = "inviteFleet", tag = "fleets", params(("id" = Id, Path, description = "The fleet.", example = json!(IDLE_EXAMPLE))),
    responses((status = 202, description = "A link will be mailed to the manager.")),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, FleetClosed, FleetAlreadyActive,
        EmailInUse, EmailSuppressed, TooManyMails]))))]
#[post("/fleets/{id}/invitation")]
pub(crate) async fn invite_fleet(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::invite(work, id.0.into())).await
}

/// Close a fleet.
///
/// A fleet can be closed when no passport is linked to it, it has no open offers, and it can object to no unlink any more. Its
/// account can no longer sign in.
#[utoipa::path(operation_id = "closeFleet", tag = "fleets", params(("id" = Id, Path, description = "The fleet.", example = json!(IDLE_EXAMPLE)),
        IfMatchOptional),
    responses((status = 200, description = "The closed fleet.", body = Fleet, headers(("ETag")))),
    extensions(("x-problems" = json!(problems![StaffOnly, AdvisorOnly, NotFound, FleetClosed, FleetHasPassports,
        FleetHasOpenOffers, FleetMayObject]))))]
#[post("/fleets/{id}/close")]
pub(crate) async fn close_fleet(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.command(NO_BODY, move |work| operations::close(work, id.0.into())).await
}
