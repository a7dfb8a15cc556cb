//! HTTP of expected maintenance.

use super::{
    operations,
    wire::{ExpectedMaintenance, ExpectedMaintenanceQuery},
};
use crate::{
    problem::{Problem, problems},
    request::{PathId, Query, SignedIn},
    wire::Id,
};
use actix_web::{HttpResponse, get};

/// Read the maintenance that a car is expected to need.
///
/// Everything that the car will need until a day: by its schedules, by what its own service indicator said, by the wear that
/// was measured, by the recommendations that are open, its APK and its recalls. What falls within 30 days is gathered into
/// one visit; what comes back is repeated. A day is predicted from how far the car drives; without a reading of the odometer
/// there are only the days of intervals of time, and what is due at a distance stands in `withoutDay`. The costs are left
/// out for the driver of a fleet's car, unless the fleet allows the drivers to see them. "Today" is a day in the garage's
/// time zone.
#[utoipa::path(operation_id = "getExpectedMaintenance", tag = "expected-maintenance",
    params(("id" = Id, Path, description = "The passport."), ExpectedMaintenanceQuery),
    responses((status = 200, description = "The expected maintenance of the car.", body = ExpectedMaintenance)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/expected-maintenance")]
pub(crate) async fn get_expected_maintenance(
    signed_in: SignedIn,
    id: PathId,
    query: Query<ExpectedMaintenanceQuery>,
) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into(), &query.0)).await
}
