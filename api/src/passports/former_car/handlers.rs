//! HTTP of former cars.

use super::{operations, wire::FormerCar};
use crate::{
    odometer::wire::OdometerReading,
    problem::{Problem, problems},
    request::{PathId, Query, SignedIn},
    service_record::wire::ServiceRecord,
    wire::{ARCHIVED_EXAMPLE, Id, List, ListQuery},
};
use actix_web::{HttpResponse, get};

/// List the cars that the account had.
///
/// It is for drivers and fleets; staff have no cars. A driver gets the cars that they drove and drive no longer, whether they sold the car, left the company, or the garage archived
/// its passport. A fleet gets the cars that left it. Each is shown as it was then: nothing of after that time is said of it, nor
/// who has it now. A car that the account has again is among its passports, and not here.
#[utoipa::path(operation_id = "listFormerCars", tag = "passports", params(ListQuery),
    responses((status = 200, description = "A page of former cars.", body = List<FormerCar>)),
    extensions(("x-problems" = json!(problems![WrongAccountKind]))))]
#[get("/former-cars")]
pub(crate) async fn list_former_cars(signed_in: SignedIn, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list(work, &query.0)).await
}

/// List the readings that the account entered of a former car.
///
/// It is for drivers and fleets. These are the readings of the odometer that the account itself recorded, as it recorded them, sorted by when. What
/// others recorded is not among them, also not what replaced one of them later.
#[utoipa::path(operation_id = "listFormerCarReadings", tag = "passports",
    params(("id" = Id, Path, description = "The former car.", example = json!(ARCHIVED_EXAMPLE)), ListQuery),
    responses((status = 200, description = "A page of readings.", body = List<OdometerReading>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/former-cars/{id}/odometer-readings")]
pub(crate) async fn list_former_car_readings(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_readings(work, id.0.into(), &query.0)).await
}

/// List the work that the account wrote down of a former car.
///
/// It is for drivers and fleets. These are the records that the account itself wrote down, as it wrote them down, the latest work first; those that it
/// corrected are among them. What others did with them later is not said: `replacedById` is always null, and
/// `closedRecommendationIds` empty.
#[utoipa::path(operation_id = "listFormerCarRecords", tag = "passports",
    params(("id" = Id, Path, description = "The former car.", example = json!(ARCHIVED_EXAMPLE)), ListQuery),
    responses((status = 200, description = "A page of records.", body = List<ServiceRecord>)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/former-cars/{id}/service-records")]
pub(crate) async fn list_former_car_records(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::list_records(work, id.0.into(), &query.0)).await
}
