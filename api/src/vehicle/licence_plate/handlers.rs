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

/// Read what a licence plate says.
///
/// The answer follows from its letters and digits alone: no register is asked, and nobody knows whether such a car
/// exists. The operation can be called while someone types: for the beginning of a Dutch plate, the answer has
/// `complete: false` and the form to show. A 400 says that no plate begins like this, and which plate was probably meant when
/// signs were mistaken for others that look alike.
#[utoipa::path(operation_id = "getLicencePlate", tag = "licence-plates",
    params(("plate" = PlateNumber, Path, description = "The plate as it was typed, or its beginning."), PlateQuery),
    responses((status = 200, description = "What the plate says.", body = LicencePlate)))]
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
