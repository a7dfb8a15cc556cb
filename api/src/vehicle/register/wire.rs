//! What is shown of the vehicle register.

use crate::{
    enum_scalars,
    licence_plate::wire::Plate,
    problem::field_message,
    wire::{Day, Fuel, Money},
};
use domain::{
    Date,
    licence_plate::LicencePlate,
    register::{RegisterData, RegisteredFuel as DomainFuel, RegisteredOdometer as DomainOdometer},
    value::Language,
};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The register's verdict on the odometer.
    RegisterVerdict(domain::register::RegisterVerdict), "The register's verdict on the odometer (*tellerstandoordeel*).";
    /// The register's kinds of vehicle.
    VehicleKind(domain::apk::VehicleKind), "The register's kind of vehicle (*voertuigsoort*).";
    /// The European categories.
    EuCategory(domain::apk::EuCategory), "The European category of the vehicle.";
    /// What is worth a second look.
    RegisterWarning(domain::register::RegisterWarning), "What is worth a second look before a passport is made.";
}

/// What the vehicle register tells of a vehicle. What is null is unknown, never "no".
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
    "kind": "car",
    "euCategory": "M1",
    "make": "VOLKSWAGEN",
    "model": "KOMBI",
    "year": 2013,
    "fuel": "diesel",
    "body": "MPV",
    "colour": "ROOD",
    "firstAdmittedOn": "2013-05-17",
    "firstRegisteredOn": "2013-05-17",
    "registeredOn": "2013-07-25",
    "emptyMassKg": 1876,
    "maxMassKg": 3200,
    "seats": 9,
    "doors": 5,
    "engineCc": 1968,
    "cataloguePrice": { "cents": 7_182_800, "currency": "EUR" },
    "efficiencyClass": "D",
    "apkExpiresOn": "2027-05-17",
    "taxi": false,
    "exported": false,
    "insured": true,
    "openRecall": false,
    "odometer": { "verdict": "logical", "reason": "00", "lastYear": 2026 },
    "fuels": [{ "fuel": "diesel", "powerW": 103_000, "co2GPerKm": 203 }],
    "warnings": []
}))]
pub struct RegisteredVehicle {
    /// Its plate.
    pub licence_plate: Plate,
    /// Its kind (*voertuigsoort*).
    pub kind: Option<VehicleKind>,
    /// Its European category.
    pub eu_category: Option<EuCategory>,
    /// Who built it (*merk*), as the register writes it.
    #[schema(max_length = 100)]
    pub make: Option<String>,
    /// Under which name (*handelsbenaming*).
    #[schema(max_length = 100)]
    pub model: Option<String>,
    /// The year of its first admission.
    #[schema(minimum = 1880, maximum = 9999)]
    pub year: Option<i64>,
    /// What it runs on, in the one word of a passport.
    pub fuel: Option<Fuel>,
    /// Its body (*inrichting*), in the register's own word.
    #[schema(max_length = 60)]
    pub body: Option<String>,
    /// Its colour, in the register's own word.
    #[schema(max_length = 60)]
    pub colour: Option<String>,
    /// Its first admission anywhere (*datum eerste toelating*).
    pub first_admitted_on: Option<Day>,
    /// Its first registration in the Netherlands.
    pub first_registered_on: Option<Day>,
    /// Since when it is registered in its present holder's name (*datum tenaamstelling*).
    pub registered_on: Option<Day>,
    /// Its empty mass.
    pub empty_mass_kg: Option<i64>,
    /// Its permitted maximum mass.
    pub max_mass_kg: Option<i64>,
    /// Its seats.
    pub seats: Option<i64>,
    /// Its doors; none are real.
    pub doors: Option<i64>,
    /// The content of its cylinders, in cubic centimetres.
    pub engine_cc: Option<i64>,
    /// Its price when new.
    pub catalogue_price: Option<Money>,
    /// Its class of efficiency.
    #[schema(max_length = 1, pattern = "^[A-G]$")]
    pub efficiency_class: Option<String>,
    /// Until when its APK certificate is valid, as far as the register knows: it may be late.
    pub apk_expires_on: Option<Day>,
    /// Whether it is a taxi.
    pub taxi: Option<bool>,
    /// Whether it was exported.
    pub exported: Option<bool>,
    /// Whether it is insured as the law asks (*WAM verzekerd*).
    pub insured: Option<bool>,
    /// Whether a recall waits to be answered.
    pub open_recall: Option<bool>,
    /// What the register says of its odometer. It tells no readings.
    pub odometer: RegisteredOdometer,
    /// What it runs on, a row each.
    #[schema(max_items = 10)]
    pub fuels: Vec<RegisteredFuel>,
    /// What is worth a second look.
    #[schema(max_items = 5)]
    pub warnings: Vec<VehicleWarning>,
}

/// The register's verdict on an odometer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredOdometer {
    /// The verdict.
    pub verdict: Option<RegisterVerdict>,
    /// The register's code for the reason.
    #[schema(max_length = 10, pattern = "^[A-Z0-9]+$")]
    pub reason: Option<String>,
    /// The year of the last reading that it has.
    #[schema(minimum = 1880, maximum = 2100)]
    pub last_year: Option<i64>,
}

/// One of the things a vehicle runs on.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredFuel {
    /// Which.
    pub fuel: Fuel,
    /// The greatest power on it, in watts.
    pub power_w: Option<i64>,
    /// Carbon dioxide, combined, in grams a kilometre; by WLTP where that is known, else by NEDC.
    pub co2_g_per_km: Option<i64>,
}

/// Something that is worth a second look, and no ground to refuse.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VehicleWarning {
    /// What.
    pub code: RegisterWarning,
    /// The same in words, in the language of the request.
    #[schema(max_length = 500)]
    pub detail: String,
}

impl RegisteredVehicle {
    /// What the register tells, with what is worth a warning on the day `today`.
    pub fn new(plate: &LicencePlate, data: RegisterData, today: Date, language: Language) -> Self {
        let warning = |code: domain::register::RegisterWarning| VehicleWarning {
            code: RegisterWarning(code),
            detail: field_message(code.code(), (None, None), language),
        };
        let warnings = data.warnings(today).into_iter().map(warning).collect();
        let (year, fuel) = (data.year(), data.fuel().map(Fuel));
        Self {
            licence_plate: Plate::new(plate),
            kind: data.kind.map(VehicleKind),
            eu_category: data.eu_category.map(EuCategory),
            make: data.make,
            model: data.model,
            year,
            fuel,
            body: data.body,
            colour: data.colour,
            first_admitted_on: data.admitted_on.map(Day),
            first_registered_on: data.first_registered_on.map(Day),
            registered_on: data.registered_on.map(Day),
            empty_mass_kg: data.empty_mass_kg,
            max_mass_kg: data.max_mass_kg,
            seats: data.seats,
            doors: data.doors,
            engine_cc: data.engine_cc,
            catalogue_price: data.catalogue_price_eur.map(Money::euros),
            efficiency_class: data.efficiency_class,
            apk_expires_on: data.apk_expires_on.map(Day),
            taxi: data.taxi,
            exported: data.exported,
            insured: data.insured,
            open_recall: data.open_recall,
            odometer: data.odometer.into(),
            fuels: data.fuels.into_iter().map(RegisteredFuel::from).collect(),
            warnings,
        }
    }
}

impl From<DomainOdometer> for RegisteredOdometer {
    fn from(odometer: DomainOdometer) -> Self {
        let DomainOdometer { verdict, reason, last_year } = odometer;
        Self { verdict: verdict.map(RegisterVerdict), reason, last_year }
    }
}

impl From<DomainFuel> for RegisteredFuel {
    fn from(row: DomainFuel) -> Self {
        Self { fuel: Fuel(row.fuel), power_w: row.power_w, co2_g_per_km: row.co2_g_per_km }
    }
}
