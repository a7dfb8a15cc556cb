//! What is shown of the vehicle register.

use crate::{
    apk::wire::ApkInBrief,
    body, enum_scalars,
    licence_plate::wire::{Plate, PlateError, TriedPlate, TypedPlate},
    problem::field_message,
    wire::{Day, Fuel, Many, Money},
};
use domain::{
    Date, Instant,
    apk::ApkAssessment,
    coded_enum,
    licence_plate::LicencePlate,
    register::{RegisterData, RegisteredFuel as DomainFuel, RegisteredOdometer as DomainOdometer},
    registration::{Registration, covers},
    value::{Language, ValueError},
};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

enum_scalars! {
    /// The register's verdict on the odometer.
    RegisterVerdict(domain::register::RegisterVerdict), "The register's verdict on the odometer (*tellerstandoordeel*). Logical: its readings rise in the course of time. Illogical: they do not. No judgement: there is no verdict. Not registered: the register keeps no readings of such a vehicle.";
    /// The register's kinds of vehicle.
    VehicleKind(domain::apk::VehicleKind), "The kind of vehicle in the register (*voertuigsoort*).";
    /// The European categories.
    EuCategory(domain::apk::EuCategory), "The European category of the vehicle, by Regulations (EU) 2018/858 and 168/2013.";
    /// What is worth a second look.
    RegisterWarning(domain::register::RegisterWarning), "What staff should look at before they create a passport.";
    /// What a look-up finds at a plate.
    LookUpStatus(LookUpOutcome), "What a look-up finds at a plate. Known: the register gave data about the vehicle. Unknown: it does not know the plate. Not covered: the plate is of another country. Invalid: no plate is written like this.";
}

coded_enum! {
    /// What a look-up finds at a plate.
    pub enum LookUpOutcome {
        /// The register gave data about the vehicle.
        Known => "known",
        /// It does not know the plate.
        Unknown => "unknown",
        /// The plate is of another country.
        NotCovered => "not_covered",
        /// No plate is written like this.
        Invalid => "invalid",
    }
}

body! {
    /// The plates to look up.
    #[schema(example = json!({ "plates": [{ "number": "TT-601-D" }, { "number": "ZZ-999-Z" }] }))]
    pub struct VehicleLookUp {
        /// The plates, at most 50.
        #[schema(value_type = Vec<TypedPlate>, max_items = 50)]
        pub plates: Many<TriedPlate, 50>,
    }
}

/// What the register says about some plates.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FoundVehicles {
    /// Each plate, in the order in which they were sent.
    #[schema(max_items = 50)]
    pub items: Vec<FoundVehicle>,
}

/// What the register says about a plate.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "licencePlate": { "country": "NL", "number": "ZZ999Z", "shown": "ZZ-999-Z" },
    "status": "unknown",
    "vehicle": null,
    "error": null
}))]
pub struct FoundVehicle {
    /// The plate; null when what was sent is none.
    pub licence_plate: Option<Plate>,
    /// Whether the register knows the plate, or that it is written badly.
    pub status: LookUpStatus,
    /// The register's data about the vehicle; null unless the plate is known.
    pub vehicle: Option<RegisteredVehicle>,
    /// What is wrong with what was sent, and which plate was probably meant; null unless `status` is `invalid`.
    pub error: Option<PlateError>,
}

impl FoundVehicles {
    /// What the register says about these plates, as they were told `now`, with the warnings on the day `today`, and what is wrong
    /// with those that are none.
    pub fn new(
        plates: &[Result<LicencePlate, ValueError>],
        found: &HashMap<LicencePlate, RegisterData>,
        (now, today): (Instant, Date),
        language: Language,
    ) -> Self {
        let vehicle = |plate: &LicencePlate, data: RegisterData| {
            let (known, _) = Registration::new(plate.clone()).answered(Some(data), now);
            let apk = known.assess_apk(today);
            RegisteredVehicle::new(known, &apk, language)
        };
        let item = |plate: &Result<LicencePlate, ValueError>| {
            let plate = match plate {
                Ok(plate) => plate,
                Err(error) => return FoundVehicle::invalid(*error, language),
            };
            let data = found.get(plate).cloned();
            let status = match data {
                _ if !covers(plate.country()) => LookUpOutcome::NotCovered,
                Some(_) => LookUpOutcome::Known,
                None => LookUpOutcome::Unknown,
            };
            FoundVehicle {
                licence_plate: Some(Plate::new(plate)),
                status: LookUpStatus(status),
                vehicle: data.and_then(|data| vehicle(plate, data)),
                error: None,
            }
        };
        Self { items: plates.iter().map(item).collect() }
    }
}

impl FoundVehicle {
    /// What was sent is no plate.
    fn invalid(error: ValueError, language: Language) -> Self {
        let status = LookUpStatus(LookUpOutcome::Invalid);
        Self { licence_plate: None, status, vehicle: None, error: Some(PlateError::new(error, language)) }
    }
}

/// The register's data about a vehicle. A value that is null is unknown; it never means "no".
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
    "apk": {
        "status": "valid", "expiresOn": "2027-05-17", "source": "register", "inspectableFrom": "2027-03-17",
        "why": {
            "code": "diesel_gas_other",
            "explanation": "Diesel, gas and other fuels, and hybrids with these: the first after 3 years, then yearly.",
            "article": "Besluit voertuigen, arts. 8(a) and 16(1)"
        },
        "missing": []
    },
    "tachographExpiresOn": null,
    "taxi": false,
    "exported": false,
    "registrable": true,
    "insured": true,
    "openRecall": false,
    "odometer": { "verdict": "logical", "reason": "00", "lastYear": 2026 },
    "fuels": [{ "fuel": "diesel", "powerW": 103_000, "co2GPerKm": 203 }],
    "warnings": []
}))]
pub struct RegisteredVehicle {
    /// The plate of the vehicle.
    pub licence_plate: Plate,
    /// The kind of vehicle (*voertuigsoort*); null when unknown.
    pub kind: Option<VehicleKind>,
    /// The European category of the vehicle; null when unknown.
    pub eu_category: Option<EuCategory>,
    /// The make (*merk*), as the register writes it; null when unknown.
    #[schema(max_length = 100)]
    pub make: Option<String>,
    /// The model (*handelsbenaming*), as the register writes it; null when unknown.
    #[schema(max_length = 100)]
    pub model: Option<String>,
    /// The year of the first admission to the road; null when unknown.
    #[schema(minimum = 1880, maximum = 9999)]
    pub year: Option<i64>,
    /// The fuel as a passport has it: one word, also when there are several fuels; null when unknown.
    pub fuel: Option<Fuel>,
    /// The kind of body (*inrichting*), in the register's own words; null when unknown.
    #[schema(max_length = 60)]
    pub body: Option<String>,
    /// The colour, in the register's own words; null when unknown.
    #[schema(max_length = 60)]
    pub colour: Option<String>,
    /// The day of the first admission to the road in any country (*datum eerste toelating*); null when unknown.
    pub first_admitted_on: Option<Day>,
    /// The day of the first registration in the Netherlands; null when unknown.
    pub first_registered_on: Option<Day>,
    /// The day on which the vehicle was registered in its present holder's name (*datum tenaamstelling*); null when
    /// unknown.
    pub registered_on: Option<Day>,
    /// The empty mass, in kilograms; null when unknown.
    pub empty_mass_kg: Option<i64>,
    /// The permitted maximum mass, in kilograms; null when unknown.
    pub max_mass_kg: Option<i64>,
    /// The number of seats; null when unknown.
    pub seats: Option<i64>,
    /// The number of doors, which can be 0; null when unknown.
    pub doors: Option<i64>,
    /// The cylinder capacity of the engine, in cubic centimetres; null when unknown.
    pub engine_cc: Option<i64>,
    /// The price when the vehicle was new; null when unknown.
    pub catalogue_price: Option<Money>,
    /// The energy efficiency class (*zuinigheidsclassificatie*), from A to G; null when unknown.
    #[schema(max_length = 1, pattern = "^[A-G]$")]
    pub efficiency_class: Option<String>,
    /// How the vehicle stands with its APK. Of a car with a passport, a date that its garage entered counts here too.
    pub apk: ApkInBrief,
    /// The last day on which the tachograph may be used unchecked; null when unknown, and for vehicles without one.
    pub tachograph_expires_on: Option<Day>,
    /// Whether the vehicle is a taxi; null when unknown.
    pub taxi: Option<bool>,
    /// Whether the vehicle was exported; null when unknown.
    pub exported: Option<bool>,
    /// Whether the vehicle can be registered in someone's name (*tenaamstellen mogelijk*); null when unknown.
    pub registrable: Option<bool>,
    /// Whether the vehicle has the insurance that the law requires (*WAM verzekerd*); null when unknown.
    pub insured: Option<bool>,
    /// Whether the vehicle has an open recall; null when unknown.
    pub open_recall: Option<bool>,
    /// What the register says about the odometer. It gives no readings.
    pub odometer: RegisteredOdometer,
    /// The fuels that the vehicle runs on.
    #[schema(max_items = 10)]
    pub fuels: Vec<RegisteredFuel>,
    /// What staff should look at before they create a passport.
    #[schema(max_items = 6)]
    pub warnings: Vec<VehicleWarning>,
}

/// What the register says about an odometer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredOdometer {
    /// The verdict on the odometer; null when unknown.
    pub verdict: Option<RegisterVerdict>,
    /// The register's code for the reason of its verdict: `00` to `07`, or `NG`; null when unknown.
    #[schema(max_length = 10, pattern = "^[A-Z0-9]+$")]
    pub reason: Option<String>,
    /// The year of the last reading that the register has; null when unknown.
    #[schema(minimum = 1880, maximum = 2100)]
    pub last_year: Option<i64>,
}

/// A fuel that a vehicle runs on.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredFuel {
    /// The fuel.
    pub fuel: Fuel,
    /// The greatest power on this fuel, in watts; null when unknown.
    pub power_w: Option<i64>,
    /// The combined emission of carbon dioxide on this fuel, in grams per kilometre: by WLTP where that is known, else
    /// by NEDC; null when unknown.
    pub co2_g_per_km: Option<i64>,
}

/// Something that staff should look at, but that is no reason to refuse.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VehicleWarning {
    /// What staff should look at.
    pub code: RegisterWarning,
    /// The same in words, in the language of the request.
    #[schema(max_length = 500)]
    pub detail: String,
}

impl RegisteredVehicle {
    /// The register's data, with how the vehicle stands with its APK and with what is odd; none when the register has
    /// never given any.
    pub fn new(known: Registration, apk: &ApkAssessment, language: Language) -> Option<Self> {
        let tachograph_expires_on = known.tachograph_expires_on().map(Day);
        let (plate, data) = (known.plate, known.data?);
        let warning = |code: domain::register::RegisterWarning| VehicleWarning {
            code: RegisterWarning(code),
            detail: field_message(code.code(), (None, None), language),
        };
        let warnings = data.warnings(apk.status).into_iter().map(warning).collect();
        let (year, fuel) = (data.year(), data.fuel().map(Fuel));
        Some(Self {
            licence_plate: Plate::new(&plate),
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
            apk: ApkInBrief::new(apk, language),
            tachograph_expires_on,
            taxi: data.taxi,
            exported: data.exported,
            registrable: data.registrable,
            insured: data.insured,
            open_recall: data.open_recall,
            odometer: data.odometer.into(),
            fuels: data.fuels.into_iter().map(RegisteredFuel::from).collect(),
            warnings,
        })
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
