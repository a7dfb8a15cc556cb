//! What is shown of what the register told. Null is always "the register does not tell", never "no".

use crate::{
    passports::wire::Plate,
    wire::{Day, EuCategory, Fuel, Moment, RecallStatus, RegisterStatus, RegisterVerdict, VehicleKind},
};
use domain::{
    licence_plate::LicencePlate,
    vehicle_register::{self, RegisterData},
};
use serde::Serialize;
use utoipa::ToSchema;

/// What the vehicle register tells of a car, as it is kept here.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "status": "known",
    "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
    "checkedAt": "2026-03-01T04:12:00Z",
    "fetchedAt": "2026-03-01T04:12:00Z",
    "staleSince": null,
    "vehicle": {
        "kind": "car", "euCategory": "M1", "make": "VOLKSWAGEN", "model": "KOMBI", "body": "MPV", "colour": "ROOD",
        "firstAdmissionOn": "2013-05-17", "firstRegisteredOn": "2013-05-17", "registeredOn": "2013-07-25",
        "emptyMassKg": 1876, "maxMassKg": 3200, "seats": 9, "doors": 4, "engineCc": 1968,
        "cataloguePrice": { "cents": 7_182_800, "currency": "EUR" }, "efficiencyClass": null, "apkExpiresOn": "2027-05-17",
        "taxi": false, "exported": false, "insured": true, "openRecall": false,
        "fuels": [{ "fuel": "diesel", "powerW": 103_000, "co2GramsPerKm": null }]
    },
    "odometer": { "verdict": "logical", "reason": "00", "lastYear": 2026 }
}))]
pub struct Registration {
    /// How the register stands to the plate.
    pub status: RegisterStatus,
    /// The plate.
    pub licence_plate: Plate,
    /// When the register was last asked, whatever it answered.
    pub checked_at: Option<Moment>,
    /// When it last answered with data.
    pub fetched_at: Option<Moment>,
    /// Since when it gives nothing of a vehicle that it knew.
    pub stale_since: Option<Moment>,
    /// The vehicle; null while the register never told of it.
    pub vehicle: Option<RegisteredVehicle>,
    /// What it says of the odometer.
    pub odometer: Option<RegisteredOdometer>,
}

impl Registration {
    /// What is kept of a plate, if anything.
    pub fn new(plate: &LicencePlate, kept: Option<vehicle_register::Registration>) -> Self {
        let status = vehicle_register::RegisterStatus::of(plate, kept.as_ref());
        let (checked_at, fetched_at, stale_since, data) = match kept {
            Some(kept) => (kept.checked_at, kept.fetched_at, kept.stale_since, kept.data),
            None => (None, None, None, None),
        };
        Self {
            status: RegisterStatus(status),
            licence_plate: Plate::new(plate),
            checked_at: checked_at.map(Moment),
            fetched_at: fetched_at.map(Moment),
            stale_since: stale_since.map(Moment),
            odometer: data.as_ref().map(|data| RegisteredOdometer::new(&data.odometer)),
            vehicle: data.map(RegisteredVehicle::new),
        }
    }
}

/// A vehicle as the register has it. Words are the register's own, in Dutch.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredVehicle {
    /// Its kind.
    pub kind: Option<VehicleKind>,
    /// Its European category.
    pub eu_category: Option<EuCategory>,
    /// Who built it (*merk*).
    pub make: Option<String>,
    /// Under which name (*handelsbenaming*).
    pub model: Option<String>,
    /// Its body (*inrichting*).
    pub body: Option<String>,
    /// Its colour (*eerste kleur*).
    pub colour: Option<String>,
    /// Its first admission anywhere (*datum eerste toelating*).
    pub first_admission_on: Option<Day>,
    /// Its first registration in the Netherlands.
    pub first_registered_on: Option<Day>,
    /// Since when it is registered in its present holder's name (*datum tenaamstelling*).
    pub registered_on: Option<Day>,
    /// Its empty mass, in kilograms.
    pub empty_mass_kg: Option<i64>,
    /// Its permitted maximum mass, in kilograms.
    pub max_mass_kg: Option<i64>,
    /// Its seats.
    pub seats: Option<i64>,
    /// Its doors.
    pub doors: Option<i64>,
    /// The content of its cylinders, in cubic centimetres.
    pub engine_cc: Option<i64>,
    /// Its price when new (*catalogusprijs*).
    pub catalogue_price: Option<Money>,
    /// Its class of efficiency.
    pub efficiency_class: Option<String>,
    /// Until when its APK certificate is valid, as the register says; `/apk` tells what counts.
    pub apk_expires_on: Option<Day>,
    /// Whether it is a taxi.
    pub taxi: Option<bool>,
    /// Whether it was exported.
    pub exported: Option<bool>,
    /// Whether it is insured as the law asks (*WAM verzekerd*).
    pub insured: Option<bool>,
    /// Whether a recall waits to be answered; `/recalls` tells which.
    pub open_recall: Option<bool>,
    /// What it runs on, a hybrid on several.
    pub fuels: Vec<RegisteredFuel>,
}

impl RegisteredVehicle {
    /// What the register told.
    pub fn new(data: RegisterData) -> Self {
        let fuel = |row: vehicle_register::RegisteredFuel| RegisteredFuel {
            fuel: Fuel(row.fuel),
            power_w: row.power_w,
            co2_grams_per_km: row.co2_g_per_km,
        };
        Self {
            kind: data.kind.map(VehicleKind),
            eu_category: data.eu_category.map(EuCategory),
            make: data.make,
            model: data.model,
            body: data.body,
            colour: data.colour,
            first_admission_on: data.admitted_on.map(Day),
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
            fuels: data.fuels.into_iter().map(fuel).collect(),
        }
    }
}

/// An amount of money.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// In hundredths of the currency.
    pub cents: i64,
    /// The currency (ISO 4217).
    #[schema(max_length = 3, pattern = "^[A-Z]{3}$")]
    pub currency: &'static str,
}

impl Money {
    fn euros(euros: i64) -> Self {
        Self { cents: euros.saturating_mul(100), currency: "EUR" }
    }
}

/// One of the things a vehicle runs on.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredFuel {
    /// Which.
    pub fuel: Fuel,
    /// The greatest power on it, in watts.
    pub power_w: Option<i64>,
    /// Carbon dioxide, combined, in grams a kilometre.
    pub co2_grams_per_km: Option<i64>,
}

/// What the register says of the odometer. It never tells a reading.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredOdometer {
    /// Its verdict (*tellerstandoordeel*).
    pub verdict: Option<RegisterVerdict>,
    /// Its code for the reason: `00` to `07`, or `NG`.
    #[schema(max_length = 10)]
    pub reason: Option<String>,
    /// The year of the last reading.
    pub last_year: Option<i64>,
}

impl RegisteredOdometer {
    /// What the register says.
    pub fn new(odometer: &vehicle_register::RegisteredOdometer) -> Self {
        Self {
            verdict: odometer.verdict.map(RegisterVerdict),
            reason: odometer.reason.clone(),
            last_year: odometer.last_year,
        }
    }
}

/// A recall of a vehicle (*terugroepactie*).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "reference": "RDW20191234",
    "status": "open",
    "detail": {
        "defect": "De gasgenerator van de airbag kan barsten.", "consequences": "Letsel van inzittenden.",
        "repair": "De airbag wordt vervangen.", "producerReference": "69Q7", "announcedOn": "2019-11-04",
        "ownersInformedOn": "2019-12-02", "hazards": ["Letsel"]
    }
}))]
pub struct Recall {
    /// The register's reference.
    #[schema(max_length = 100)]
    pub reference: String,
    /// How it stands for this vehicle.
    pub status: RecallStatus,
    /// What it is about; null where the register does not tell, or does not tell yet.
    pub detail: Option<RecallDetail>,
}

/// What a recall is about, in the producer's words.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecallDetail {
    /// What is wrong.
    #[schema(max_length = 4000)]
    pub defect: Option<String>,
    /// What can come of it.
    #[schema(max_length = 4000)]
    pub consequences: Option<String>,
    /// What is done about it.
    #[schema(max_length = 4000)]
    pub repair: Option<String>,
    /// The producer's own code for it.
    pub producer_reference: Option<String>,
    /// When the producer announced it.
    pub announced_on: Option<Day>,
    /// When owners were told.
    pub owners_informed_on: Option<Day>,
    /// The hazards.
    pub hazards: Vec<String>,
}

impl Recall {
    /// A recall as it is kept.
    pub fn new(recall: vehicle_register::Recall) -> Self {
        let detail = |detail: vehicle_register::RecallDetail| RecallDetail {
            defect: detail.defect,
            consequences: detail.consequences,
            repair: detail.repair,
            producer_reference: detail.producer_reference,
            announced_on: detail.announced_on.map(Day),
            owners_informed_on: detail.owners_informed_on.map(Day),
            hazards: detail.hazards,
        };
        Self { reference: recall.reference, status: RecallStatus(recall.status), detail: recall.detail.map(detail) }
    }
}

/// An inspection as its station reported it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "reportedOn": "2026-03-19",
    "reportedTime": "10:15",
    "kind": "periodieke controle",
    "expiresOn": "2027-05-17",
    "defects": [{ "code": "205", "text": "Band onvoldoende profiel", "count": 2 }]
}))]
pub struct Inspection {
    /// The day of the inspection.
    pub reported_on: Day,
    /// The time of day, Dutch time, as in `10:15`.
    #[schema(max_length = 5, pattern = "^[0-2][0-9]:[0-5][0-9]$")]
    pub reported_time: Option<String>,
    /// What kind of report, in the register's words.
    pub kind: Option<String>,
    /// Until when the certificate is valid that it gave; null: it gave none.
    pub expires_on: Option<Day>,
    /// What was found.
    pub defects: Vec<InspectionDefect>,
}

/// A defect that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InspectionDefect {
    /// The register's code for it.
    #[schema(max_length = 40)]
    pub code: String,
    /// What it is, in the register's words.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
    /// How often it was found.
    pub count: Option<i64>,
}

impl Inspection {
    /// An inspection as it is kept.
    pub fn new(inspection: vehicle_register::Inspection) -> Self {
        let defect = |defect: vehicle_register::InspectionDefect| InspectionDefect {
            code: defect.code,
            text: defect.text,
            count: defect.count,
        };
        Self {
            reported_on: Day(inspection.reported_on),
            reported_time: inspection.reported_at.as_deref().and_then(clock_time),
            kind: inspection.kind,
            expires_on: inspection.expires_on.map(Day),
            defects: inspection.defects.into_iter().map(defect).collect(),
        }
    }
}

/// `1015`, `10:15`; none where it is no time of day.
fn clock_time(text: &str) -> Option<String> {
    let (hours, minutes) = text.split_at_checked(2)?;
    let is_two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = is_two(hours) && is_two(minutes) && hours < "24" && minutes < "60";
    is_time.then(|| format!("{hours}:{minutes}"))
}

#[cfg(test)]
mod tests {
    use super::clock_time;

    #[test]
    fn a_time_of_day_is_shown_with_a_colon_or_not_at_all() {
        assert_eq!(clock_time("1015").as_deref(), Some("10:15"));
        assert_eq!(clock_time("0000").as_deref(), Some("00:00"));
        for odd in ["", "1", "915", "2400", "1260", "10:15", "aé15", "10155"] {
            assert_eq!(clock_time(odd), None, "{odd}");
        }
    }
}
