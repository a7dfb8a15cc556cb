//! What is shown of the vehicle register when it is asked about a plate.

use crate::{
    passports::wire::Plate,
    problem::field_message,
    registration::wire::{RegisteredOdometer, RegisteredVehicle},
    wire::{Fuel, RegisterWarning},
};
use domain::{
    Date,
    licence_plate::LicencePlate,
    value::Language,
    vehicle_register::{RegisterData, RegisterWarning as DomainWarning},
};
use serde::Serialize;
use utoipa::ToSchema;

/// What the vehicle register tells of a plate now. What is null is unknown, never "no".
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
    "passport": { "make": "VOLKSWAGEN", "model": "KOMBI", "year": 2013, "fuel": "diesel" },
    "vehicle": {
        "kind": "car", "euCategory": "M1", "make": "VOLKSWAGEN", "model": "KOMBI", "body": "MPV", "colour": "ROOD",
        "firstAdmissionOn": "2013-05-17", "firstRegisteredOn": "2013-05-17", "registeredOn": "2013-07-25",
        "emptyMassKg": 1876, "maxMassKg": 3200, "seats": 9, "doors": 4, "engineCc": 1968,
        "cataloguePrice": { "cents": 7_182_800, "currency": "EUR" }, "efficiencyClass": null, "apkExpiresOn": "2027-05-17",
        "taxi": false, "exported": false, "insured": true, "openRecall": true,
        "fuels": [{ "fuel": "diesel", "powerW": 103_000, "co2GramsPerKm": null }]
    },
    "odometer": { "verdict": "logical", "reason": "00", "lastYear": 2026 },
    "warnings": [{ "code": "open_recall", "detail": "waits for a recall to be answered" }]
}))]
pub struct VehicleLookup {
    /// The plate.
    pub licence_plate: Plate,
    /// What a new passport gets of it where its body leaves these out.
    pub passport: PassportFilling,
    /// The vehicle, as `…/registration` of a passport shows it.
    pub vehicle: RegisteredVehicle,
    /// What the register says of the odometer. It tells no readings.
    pub odometer: RegisteredOdometer,
    /// What is worth a second look, and no ground to refuse.
    #[schema(max_items = 5)]
    pub warnings: Vec<VehicleWarning>,
}

/// What the register fills in of a passport.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PassportFilling {
    /// Who built it (*merk*), as the register writes it.
    #[schema(max_length = 100)]
    pub make: Option<String>,
    /// Under which name (*handelsbenaming*).
    #[schema(max_length = 100)]
    pub model: Option<String>,
    /// The year of its first admission.
    #[schema(minimum = 1880, maximum = 9999)]
    pub year: Option<i64>,
    /// What it runs on, in one word: petrol or diesel with electricity is a hybrid.
    pub fuel: Option<Fuel>,
}

/// Something that is worth a second look.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VehicleWarning {
    /// What.
    pub code: RegisterWarning,
    /// The same in words, in the language of the request.
    #[schema(max_length = 500)]
    pub detail: String,
}

impl VehicleLookup {
    /// What the register tells, with what is worth a warning on the day `today`.
    pub fn new(plate: &LicencePlate, data: RegisterData, today: Date, language: Language) -> Self {
        let warning = |code: DomainWarning| VehicleWarning {
            code: RegisterWarning(code),
            detail: field_message(code.code(), (None, None), language),
        };
        Self {
            licence_plate: Plate::new(plate),
            passport: PassportFilling {
                make: data.make.clone(),
                model: data.model.clone(),
                year: data.year(),
                fuel: data.fuel().map(Fuel),
            },
            odometer: RegisteredOdometer::new(&data.odometer),
            warnings: data.warnings(today).into_iter().map(warning).collect(),
            vehicle: RegisteredVehicle::new(data),
        }
    }
}
