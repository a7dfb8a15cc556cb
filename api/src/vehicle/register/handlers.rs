//! HTTP of the vehicle register.

use super::wire::RegisteredVehicle;
use crate::{
    clock::local_date,
    command::Reply,
    licence_plate::wire::{PlateQuery, wrong_plate},
    problem::{Code, Problem, problems},
    request::{PathPlate, Query, SignedIn},
    wire::PlateNumber,
};
use actix_web::{HttpResponse, get};
use domain::{access::Action, licence_plate::LicencePlate, value::Country};

/// Ask the vehicle register about a plate.
///
/// The operation fills the form with which staff create a passport, from the data of the Dutch register. A value that
/// is null is unknown; it never means "no". `warnings` says what staff should look at, but is no reason to refuse. The
/// register is asked at once; the answer comes within two seconds, unless the server is configured otherwise. On a 503
/// staff fill in the form themselves; the passport is completed later.
#[utoipa::path(operation_id = "getRegisteredVehicle", tag = "vehicle-register",
    params(("plate" = PlateNumber, Path, description = "The plate as it was typed."), PlateQuery),
    responses((status = 200, description = "The register's data about the vehicle.", body = RegisteredVehicle)),
    extensions(("x-problems" = json!(problems![WrongAccountKind, VehicleNotInRegister, VehicleRegisterCoversNlOnly,
        VehicleRegisterOff, VehicleRegisterUnavailable]))))]
#[get("/vehicle-register/{plate}")]
pub(crate) async fn get_registered_vehicle(
    signed_in: SignedIn,
    plate: PathPlate,
    query: Query<PlateQuery>,
) -> Result<HttpResponse, Problem> {
    let country = query.0.country();
    let plate = LicencePlate::parse(country, &plate.0).map_err(wrong_plate)?;
    let garage = signed_in.look(|work| work.require_staff(Action::VehicleRegisterRead)).await?;
    if country != Country::NL {
        return Err(Code::VehicleRegisterCoversNlOnly.into());
    }
    let (app, language) = (&signed_in.context.app, signed_in.context.language);
    let now = app.clock.now();
    let data = app.lookups.look_up(garage, &plate, now).await?.ok_or(Code::VehicleNotInRegister)?;
    let today = local_date(now, "Europe/Amsterdam");
    Ok(Reply::ok(&RegisteredVehicle::new(&plate, data, today, language))?.into_response())
}
