//! HTTP of the status of cars.

use super::{operations, wire::CarStatusShown};
use crate::{
    problem::{Problem, problems},
    request::{PathId, SignedIn},
    wire::Id,
};
use actix_web::{HttpResponse, get};

/// Read the status of a car.
///
/// The answer says in one word how the car is, with the reasons, the worst first, and what is due next. The status follows
/// from the car's maintenance, its APK, its recalls, the recommendations that are open, and its odometer. "Today" is a day
/// in the garage's time zone. An archived passport has no status: nothing is known of the car any more.
#[utoipa::path(operation_id = "getCarStatus", tag = "expected-maintenance",
    params(("id" = Id, Path, description = "The passport.")),
    responses((status = 200, description = "The status of the car.", body = CarStatusShown)),
    extensions(("x-problems" = json!(problems![NotFound]))))]
#[get("/passports/{id}/status")]
pub(crate) async fn get_car_status(signed_in: SignedIn, id: PathId) -> Result<HttpResponse, Problem> {
    signed_in.query(move |work| operations::get(work, id.0.into())).await
}
