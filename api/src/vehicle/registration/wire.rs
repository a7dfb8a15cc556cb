//! The answers about the register's data. Null always means that the register does not say it, never "no".

use crate::{
    enum_scalars,
    licence_plate::wire::Plate,
    register::wire::RegisteredVehicle,
    wire::{Day, Moment, RegisterStatus},
};
use domain::{apk::ApkAssessment, licence_plate::LicencePlate, register, registration, value::Language};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The status of a recall.
    RecallStatus(domain::register::RecallStatus), "The status of a recall for this vehicle. Open: the vehicle has not been repaired yet. Repaired: the producer reports that it was. Unknown: the register says neither.";
    /// Who reported an inspection.
    InspectionBody(domain::register::InspectionBody), "The kind of body that reported an inspection. The three kinds of APK station report APKs, of light vehicles, heavy vehicles and tractors. A workshop for tachographs, an installer of gas systems and a workshop for the on-board computers of taxis report something else, with expiry dates of their own.";
}

/// The vehicle register's data about a car, as the server stored it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "status": "known",
    "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
    "checkedAt": "2026-03-01T04:12:00Z",
    "fetchedAt": "2026-03-01T04:12:00Z",
    "staleSince": null,
    "recallsCheckedAt": "2026-03-01T04:12:00Z",
    "inspectionsCheckedAt": "2026-01-17T04:09:00Z",
    "vehicle": {
        "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
        "kind": "car", "euCategory": "M1", "make": "VOLKSWAGEN", "model": "KOMBI", "year": 2013, "fuel": "diesel",
        "body": "MPV", "colour": "ROOD", "firstAdmittedOn": "2013-05-17", "firstRegisteredOn": "2013-05-17",
        "registeredOn": "2013-07-25", "emptyMassKg": 1876, "maxMassKg": 3200, "seats": 9, "doors": 5, "engineCc": 1968,
        "cataloguePrice": { "cents": 7_182_800, "currency": "EUR" }, "efficiencyClass": "D",
        "apk": {
            "status": "valid", "expiresOn": "2027-05-17", "source": "register", "inspectableFrom": "2027-03-17",
            "why": {
                "code": "diesel_gas_other",
                "explanation": "Diesel, gas and other fuels, and hybrids with these: the first after 3 years, then yearly.",
                "article": "Besluit voertuigen, arts. 8(a) and 16(1)"
            },
            "missing": []
        },
        "tachographExpiresOn": null, "taxi": false, "exported": false, "registrable": true, "insured": true,
        "openRecall": false,
        "odometer": { "verdict": "logical", "reason": "00", "lastYear": 2026 },
        "fuels": [{ "fuel": "diesel", "powerW": 103_000, "co2GPerKm": 203 }], "warnings": []
    }
}))]
pub struct Registration {
    /// What the register knows about the plate.
    pub status: RegisterStatus,
    /// The plate of the car.
    pub licence_plate: Plate,
    /// When the register was last asked, whatever it answered; null when it was not asked yet.
    pub checked_at: Option<Moment>,
    /// When the register last answered with data; null when it never did.
    pub fetched_at: Option<Moment>,
    /// Since when the register gives no data about a vehicle that it knew before; null otherwise.
    pub stale_since: Option<Moment>,
    /// When the register was last asked for recalls. While it is null, it is not known whether there are any.
    pub recalls_checked_at: Option<Moment>,
    /// When the register was last asked for inspections. While it is null, it is not known whether there are any.
    pub inspections_checked_at: Option<Moment>,
    /// The register's data about the vehicle; null until the register has given any.
    pub vehicle: Option<RegisteredVehicle>,
}

impl Registration {
    /// The stored data about a plate, if there is any, with how the vehicle stands with its APK.
    pub fn new(
        plate: &LicencePlate,
        kept: Option<registration::Registration>,
        apk: &ApkAssessment,
        language: Language,
    ) -> Self {
        let status = registration::RegisterStatus::of(plate, kept.as_ref());
        let kept = kept.unwrap_or_else(|| registration::Registration::new(plate.clone()));
        Self {
            status: RegisterStatus(status),
            licence_plate: Plate::new(plate),
            checked_at: kept.checked_at.map(Moment),
            fetched_at: kept.fetched_at.map(Moment),
            stale_since: kept.stale_since.map(Moment),
            recalls_checked_at: kept.recalls_checked_at.map(Moment),
            inspections_checked_at: kept.inspections_checked_at.map(Moment),
            vehicle: RegisteredVehicle::new(kept, apk, language),
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
    /// The register's reference of the recall.
    #[schema(max_length = 100)]
    pub reference: String,
    /// The status of the recall for this vehicle.
    pub status: RecallStatus,
    /// What the recall is about; null when the register does not say it, or does not say it yet.
    pub detail: Option<RecallDetail>,
}

/// What a recall is about, in the producer's words.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecallDetail {
    /// What is wrong; null when unknown.
    #[schema(max_length = 4000)]
    pub defect: Option<String>,
    /// What can happen because of it; null when unknown.
    #[schema(max_length = 4000)]
    pub consequences: Option<String>,
    /// How it is repaired; null when unknown.
    #[schema(max_length = 4000)]
    pub repair: Option<String>,
    /// The producer's own code for the recall; null when unknown.
    pub producer_reference: Option<String>,
    /// The day on which the producer announced the recall; null when unknown.
    pub announced_on: Option<Day>,
    /// The day on which the owners were informed; null when unknown.
    pub owners_informed_on: Option<Day>,
    /// The hazards, such as fire or injury, in the register's words.
    pub hazards: Vec<String>,
}

impl Recall {
    /// A recall as it is stored.
    pub fn new(recall: register::Recall) -> Self {
        let detail = |detail: register::RecallDetail| RecallDetail {
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

/// An inspection, as the body that did it reported it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "reportedOn": "2026-03-19",
    "reportedTime": "10:15",
    "body": "apk_light",
    "kind": "periodieke controle",
    "expiresOn": "2027-05-17",
    "defects": [{ "code": "205", "text": "Band onvoldoende profiel", "count": 2 }]
}))]
pub struct Inspection {
    /// The day on which the inspection was reported.
    pub reported_on: Day,
    /// The time of day, in Dutch time, such as `10:15`; null when unknown.
    #[schema(max_length = 5, pattern = "^[0-2][0-9]:[0-5][0-9]$")]
    pub reported_time: Option<String>,
    /// Who reported it; null when unknown.
    pub body: Option<InspectionBody>,
    /// The kind of report, in the register's words; null when unknown.
    pub kind: Option<String>,
    /// The last day on which what was inspected is valid: of an APK, the certificate; of a tachograph, its calibration.
    /// Null when the report states none.
    pub expires_on: Option<Day>,
    /// The defects that were found.
    pub defects: Vec<InspectionDefect>,
}

/// A defect that was found in an inspection.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InspectionDefect {
    /// The register's code for the defect.
    #[schema(max_length = 40)]
    pub code: String,
    /// What the defect is, in the register's words; null when unknown.
    #[schema(max_length = 4000)]
    pub text: Option<String>,
    /// How many times the defect was found; null when unknown.
    pub count: Option<i64>,
}

impl Inspection {
    /// An inspection as it is stored.
    pub fn new(inspection: register::Inspection) -> Self {
        let defect = |defect: register::InspectionDefect| InspectionDefect {
            code: defect.code,
            text: defect.text,
            count: defect.count,
        };
        Self {
            reported_on: Day(inspection.reported_on),
            reported_time: inspection.reported_at.as_deref().and_then(clock_time),
            body: inspection.body.map(InspectionBody),
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
