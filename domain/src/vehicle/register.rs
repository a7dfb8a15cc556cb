//! The vehicle register: what the authority that keeps it (RDW in the Netherlands) tells of a vehicle by its plate.
//!
//! Whatever is absent is unknown, never "no" by itself: the register leaves out what it does not tell. It knows no
//! vehicle identification number, no owner and no odometer reading; of the odometer it gives a verdict alone.
//!
//! What it told is kept ([`Registration`]), by these rules: a known thing is never forgotten because an answer lacks it
//! (columns are renamed and dropped, and a plate that is known may answer nothing for days), and nothing is taken to be
//! over without evidence.

mod form;

use crate::{
    Date,
    apk::{ApkVehicle, DutyLift, EuCategory, VehicleKind},
    coded_enum,
    licence_plate::LicencePlate,
    passport::Fuel,
};
pub use form::RegisterWarning;
use serde::{Deserialize, Serialize};

coded_enum! {
    /// The register's verdict on the odometer (*tellerstandoordeel*).
    pub enum RegisterVerdict {
        /// The readings rise with time (*logisch*).
        Logical => "logical",
        /// They do not (*onlogisch*).
        Illogical => "illogical",
        /// It cannot be told (*geen oordeel*); the reason says why.
        NoJudgement => "no_judgement",
        /// It keeps no readings of such a vehicle (*niet geregistreerd*).
        NotRegistered => "not_registered",
    }
}

/// What the register says of the odometer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredOdometer {
    /// The verdict.
    pub verdict: Option<RegisterVerdict>,
    /// The register's code for the reason: `00` to `07`, or `NG`.
    pub reason: Option<String>,
    /// The year of the last reading.
    pub last_year: Option<i64>,
}

impl RegisteredOdometer {
    /// Whether it says that the readings before are not known to it: the vehicle was registered abroad, or had another
    /// plate (reason 05).
    pub fn is_foreign_history(&self) -> bool {
        self.reason.as_deref() == Some("05")
    }
}

/// One of the things a vehicle runs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredFuel {
    /// Which; a hybrid has a row for each.
    pub fuel: Fuel,
    /// The greatest power on it, in watts.
    pub power_w: Option<i64>,
    /// Carbon dioxide, combined, in grams a kilometre; by WLTP where that is known, else by NEDC.
    pub co2_g_per_km: Option<i64>,
}

/// A vehicle as the register has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredVehicle {
    /// Its plate.
    pub plate: LicencePlate,
    /// What is told of it.
    pub data: RegisterData,
}

/// What the register tells of a vehicle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RegisterData {
    /// Its kind (*voertuigsoort*).
    pub kind: Option<VehicleKind>,
    /// Its European category (*Europese voertuigcategorie*).
    pub eu_category: Option<EuCategory>,
    /// Who built it (*merk*).
    pub make: Option<String>,
    /// Under which name (*handelsbenaming*).
    pub model: Option<String>,
    /// Its body (*inrichting*), in the register's own word.
    pub body: Option<String>,
    /// Its colour (*eerste kleur*), in the register's own word.
    pub colour: Option<String>,
    /// Its first admission anywhere (*datum eerste toelating*).
    pub admitted_on: Option<Date>,
    /// Its first registration in the Netherlands (*datum eerste tenaamstelling in Nederland*).
    pub first_registered_on: Option<Date>,
    /// Since when it is registered in its present holder's name (*datum tenaamstelling*).
    pub registered_on: Option<Date>,
    /// Its empty mass, in kilograms (*massa ledig voertuig*).
    pub empty_mass_kg: Option<i64>,
    /// Its permitted maximum mass, in kilograms (*toegestane maximum massa voertuig*).
    pub max_mass_kg: Option<i64>,
    /// Its seats.
    pub seats: Option<i64>,
    /// Its doors; a vehicle may have none.
    pub doors: Option<i64>,
    /// The content of its cylinders, in cubic centimetres.
    pub engine_cc: Option<i64>,
    /// Its price when new, in whole euros (*catalogusprijs*).
    pub catalogue_price_eur: Option<i64>,
    /// Its class of efficiency (*zuinigheidsclassificatie*): `A` to `G`.
    pub efficiency_class: Option<String>,
    /// Until when its APK certificate is valid (*vervaldatum APK*).
    pub apk_expires_on: Option<Date>,
    /// Whether it is a taxi.
    pub taxi: Option<bool>,
    /// Whether it was exported.
    pub exported: Option<bool>,
    /// Whether it is insured as the law asks (*WAM verzekerd*).
    pub insured: Option<bool>,
    /// Whether a recall waits to be answered (*openstaande terugroepactie*).
    pub open_recall: Option<bool>,
    /// What it says of the odometer.
    pub odometer: RegisteredOdometer,
    /// What it runs on, in the register's order.
    pub fuels: Vec<RegisteredFuel>,
}

impl RegisterData {
    /// What the APK asks of the vehicle.
    pub fn apk_vehicle(&self) -> ApkVehicle {
        ApkVehicle {
            kind: self.kind,
            eu_category: self.eu_category,
            max_mass_kg: self.max_mass_kg,
            empty_mass_kg: self.empty_mass_kg,
            fuels: self.fuels.iter().map(|row| row.fuel).collect(),
            admitted_on: self.admitted_on,
            taxi: self.taxi,
            ambulance: self.body.as_ref().map(|body| body.eq_ignore_ascii_case("ambulance")),
            lifted: (self.exported == Some(true)).then_some(DutyLift::Exported),
        }
    }

    /// What it runs on, in the one word of a passport: two fuels with electricity are a hybrid.
    pub fn fuel(&self) -> Option<Fuel> {
        let has = |fuel: Fuel| self.fuels.iter().any(|row| row.fuel == fuel);
        match self.fuels.as_slice() {
            [] => None,
            [only] => Some(only.fuel),
            _ if has(Fuel::Electric) && has(Fuel::Petrol) => Some(Fuel::HybridPetrol),
            _ if has(Fuel::Electric) && has(Fuel::Diesel) => Some(Fuel::HybridDiesel),
            // Petrol with gas runs on gas; what else is put together has no word of its own.
            _ => [Fuel::Lpg, Fuel::Cng, Fuel::Hydrogen, Fuel::Alcohol]
                .into_iter()
                .find(|fuel| has(*fuel))
                .or(Some(Fuel::Other)),
        }
    }
}

coded_enum! {
    /// How a recall stands for a vehicle.
    pub enum RecallStatus {
        /// The vehicle has yet to be repaired (`O`).
        Open => "open",
        /// The producer reports it repaired (`P`).
        Repaired => "repaired",
        /// The register says something else, which is never taken for "repaired".
        Unknown => "unknown",
    }
}

/// What a recall is about. The register may have the status of a vehicle before it has this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecallDetail {
    /// What is wrong, in the producer's words.
    pub defect: Option<String>,
    /// What can come of it (*materiële gevolgen*).
    pub consequences: Option<String>,
    /// What is done about it.
    pub repair: Option<String>,
    /// The producer's own code for it.
    pub producer_reference: Option<String>,
    /// When the producer announced it.
    pub announced_on: Option<Date>,
    /// When owners were told (*datum eigenaren geïnformeerd*).
    pub owners_informed_on: Option<Date>,
    /// The hazards, such as fire or injury.
    pub hazards: Vec<String>,
}

/// A recall of a vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recall {
    /// The register's reference (*referentiecode RDW*).
    pub reference: String,
    /// How it stands for this vehicle.
    pub status: RecallStatus,
    /// What it is about, where the register tells.
    pub detail: Option<RecallDetail>,
}

/// A defect that was found at an inspection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InspectionDefect {
    /// The register's code for it (*gebrek identificatie*).
    pub code: String,
    /// What it is, in the register's words, where it tells.
    pub text: Option<String>,
    /// How often it was found.
    pub count: Option<i64>,
}

/// An inspection as its station reported it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// When it was reported: the day of the inspection.
    pub reported_on: Date,
    /// The time of day, `HHMM`, Dutch time.
    pub reported_at: Option<String>,
    /// What kind of report, in the register's words.
    pub kind: Option<String>,
    /// Until when the certificate is valid that it gave.
    pub expires_on: Option<Date>,
    /// What was found.
    pub defects: Vec<InspectionDefect>,
}
