//! HTTP of licence plates.

use super::wire::{LicencePlate, PlateQuery, wrong_plate};
use crate::{
    command::Reply,
    problem::Problem,
    request::{PathPlate, Query, SignedIn},
    wire::PlateNumber,
};
use actix_web::{HttpResponse, get};
use domain::licence_plate;

/// Tell what a licence plate is.
///
/// By its letters and digits alone: no register is asked, and whether such a car exists is not known. Made for asking
/// while someone types: the beginning of a Dutch plate is answered with `complete: false` and the form to show; a 400
/// says that no plate begins so.
#[utoipa::path(operation_id = "getLicencePlate", tag = "licence-plates",
    params(("plate" = PlateNumber, Path, description = "The plate as typed, or its beginning."), PlateQuery),
    responses((status = 200, description = "What it is.", body = LicencePlate)))]
#[get("/licence-plates/{plate}")]
pub(crate) async fn get_licence_plate(
    signed_in: SignedIn,
    plate: PathPlate,
    query: Query<PlateQuery>,
) -> Result<HttpResponse, Problem> {
    let country = query.0.country();
    let typed = licence_plate::typed(country, &plate.0).map_err(wrong_plate);
    signed_in.query(move |work| Reply::ok(&LicencePlate::new(typed.clone()?, country, work.context.language))).await
}
