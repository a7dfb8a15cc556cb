//! HTTP of the vehicle register.

use super::{
    operations,
    wire::{FoundVehicles, RegisteredVehicle, VehicleLookUp},
};
use crate::{
    clock::local_date,
    command::Reply,
    licence_plate::wire::{PlateQuery, TriedPlate, wrong_plate},
    problem::{Code, Problem, problems},
    request::{Json, PathPlate, Query, SignedIn},
    wire::PlateNumber,
};
use actix_web::{HttpResponse, get, post};
use domain::{
    access::Action,
    licence_plate::LicencePlate,
    registration::{Registration, covers},
    value::{Country, ValueError},
};
use persistence as store;
use std::collections::HashMap;

/// Ask the vehicle register about a plate.
///
/// It is for the staff of a garage, in any role. The operation fills the form with which they create a passport, from the data of the
/// Dutch register. A value that
/// is null is unknown; it never means "no". `apk` says how the vehicle stands with its APK and why; `warnings` says what
/// staff should look at, but is no reason to refuse. The register is asked at once; the answer comes within two seconds, unless the server is configured otherwise. On a 503
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
    let asked = plate.clone();
    let permitted = signed_in.look(move |work| {
        let garage = work.require_staff(Action::VehicleRegisterRead)?;
        let kept = store::registration::kept_of(work.tx, std::slice::from_ref(&asked))?.remove(&asked);
        Ok((garage, kept))
    });
    let (garage, kept) = permitted.await?;
    if country != Country::NL {
        return Err(Code::VehicleRegisterCoversNlOnly.into());
    }
    let (app, language) = (&signed_in.context.app, signed_in.context.language);
    let now = app.clock.now();
    let data = app.lookups.look_up(garage, &plate, now).await?.ok_or(Code::VehicleNotInRegister)?;
    // What was reported of its inspections before, if anyone keeps a passport of it, is public data too.
    let (known, _) = kept.unwrap_or_else(|| Registration::new(plate)).answered(Some(data), now);
    let apk = known.assess_apk(local_date(now, "Europe/Amsterdam"));
    let vehicle = RegisteredVehicle::new(known, &apk, language).ok_or(Code::VehicleNotInRegister)?;
    Ok(Reply::ok(&vehicle)?.into_response())
}

/// Ask the vehicle register about many plates.
///
/// It is for the staff of a garage, in any role. Up to 50 plates are looked up at once, as for the intake of a fleet. For the garage's limit this counts as one question. The
/// answer has an item for each plate, in the order in which they were sent; a plate of another country is `not_covered`, and one that
/// is written badly is `invalid`, with what is wrong in `error`: the others are answered all the same. The passports that the garage
/// creates for these plates within a minute need not ask again.
#[utoipa::path(operation_id = "lookUpVehicles", tag = "vehicle-register", request_body = VehicleLookUp,
    responses((status = 200, description = "What the register says about each plate.", body = FoundVehicles)),
    extensions(("x-only-reads" = json!(true)), ("x-problems" = json!(problems![WrongAccountKind, VehicleRegisterOff,
        VehicleRegisterUnavailable]))))]
#[post("/vehicle-register/look-ups")]
pub(crate) async fn look_up_vehicles(signed_in: SignedIn, body: Json<VehicleLookUp>) -> Result<HttpResponse, Problem> {
    let garage = signed_in.look(operations::looking_up).await?;
    let (app, language) = (&signed_in.context.app, signed_in.context.language);
    let now = app.clock.now();
    let plates: Vec<Result<LicencePlate, ValueError>> = body.value.plates.0.iter().map(TriedPlate::plate).collect();
    let covered: Vec<LicencePlate> = plates.iter().flatten().filter(|plate| covers(plate.country())).cloned().collect();
    let found = if covered.is_empty() { HashMap::new() } else { app.lookups.look_up_all(garage, covered, now).await? };
    let today = local_date(now, "Europe/Amsterdam");
    Ok(Reply::ok(&FoundVehicles::new(&plates, &found, (now, today), language))?.into_response())
}
