//! The vehicle register: what the authority that keeps it (RDW in the Netherlands) says about the vehicle with a plate.
//!
//! An absent value means "unknown", never "no": the register leaves out what it does not know. It gives no vehicle
//! identification number, no owner and no odometer readings; about the odometer it gives only a verdict.
//!
//! What it said is kept as a [`Registration`](crate::registration::Registration), by these rules. A known value is never forgotten because a later answer
//! lacks it: columns are renamed and dropped, and a known plate may get no answer for days. And nothing, such as a
//! recall, is considered finished without evidence.

mod form;

use crate::{
    Date, Instant,
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
        /// The readings rise in the course of time (*logisch*).
        Logical => "logical",
        /// The readings do not rise in the course of time (*onlogisch*).
        Illogical => "illogical",
        /// There is no verdict (*geen oordeel*); the reason says why.
        NoJudgement => "no_judgement",
        /// The register keeps no readings of such a vehicle (*niet geregistreerd*).
        NotRegistered => "not_registered",
    }
}

/// What the register says about the odometer.
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
    /// Whether the register says that it does not know earlier readings, since the vehicle was registered abroad or had
    /// another plate (reason 05).
    pub fn is_foreign_history(&self) -> bool {
        self.reason.as_deref() == Some("05")
    }
}

/// One of the fuels of a vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredFuel {
    /// The fuel; a hybrid has one row for each of its fuels.
    pub fuel: Fuel,
    /// The greatest power with this fuel, in watts.
    pub power_w: Option<i64>,
    /// The combined emission of carbon dioxide, in grams a kilometre: by WLTP if that is known, else by NEDC.
    pub co2_g_per_km: Option<i64>,
}

/// A vehicle as the register has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredVehicle {
    /// Its plate.
    pub plate: LicencePlate,
    /// What the register says about it.
    pub data: RegisterData,
}

/// What the register says about a vehicle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RegisterData {
    /// Its kind (*voertuigsoort*).
    pub kind: Option<VehicleKind>,
    /// Its European category (*Europese voertuigcategorie*).
    pub eu_category: Option<EuCategory>,
    /// Its make (*merk*).
    pub make: Option<String>,
    /// Its model (*handelsbenaming*).
    pub model: Option<String>,
    /// Its body type (*inrichting*), in the register's own word.
    pub body: Option<String>,
    /// Its colour (*eerste kleur*), in the register's own word.
    pub colour: Option<String>,
    /// Its first admission in any country (*datum eerste toelating*).
    pub admitted_on: Option<Date>,
    /// Its first registration in the Netherlands (*datum eerste tenaamstelling in Nederland*).
    pub first_registered_on: Option<Date>,
    /// The day on which it was registered in its present holder's name (*datum tenaamstelling*).
    pub registered_on: Option<Date>,
    /// Its design speed, in metres per hour (*maximale constructiesnelheid*).
    pub max_speed_m_per_h: Option<i64>,
    /// Whether it moves on tracks.
    pub on_tracks: Option<bool>,
    /// Its empty mass, in kilograms (*massa ledig voertuig*).
    pub empty_mass_kg: Option<i64>,
    /// Its permitted maximum mass, in kilograms (*toegestane maximum massa voertuig*).
    pub max_mass_kg: Option<i64>,
    /// The number of seats.
    pub seats: Option<i64>,
    /// The number of doors, which can be 0.
    pub doors: Option<i64>,
    /// The displacement of its engine, in cubic centimetres.
    pub engine_cc: Option<i64>,
    /// Its price when new, in whole euros (*catalogusprijs*).
    pub catalogue_price_eur: Option<i64>,
    /// Its energy label (*zuinigheidsclassificatie*): `A` to `G`.
    pub efficiency_class: Option<String>,
    /// The last day on which its APK certificate is valid (*vervaldatum APK*).
    pub apk_expires_on: Option<Date>,
    /// The last day on which its tachograph may be used unchecked (*vervaldatum tachograaf*), for vehicles that have one.
    pub tachograph_expires_on: Option<Date>,
    /// Whether it is a taxi.
    pub taxi: Option<bool>,
    /// Whether it was exported.
    pub exported: Option<bool>,
    /// Whether it can be registered in someone's name (*tenaamstellen mogelijk*).
    pub registrable: Option<bool>,
    /// Whether it has the insurance that the law requires (*WAM verzekerd*).
    pub insured: Option<bool>,
    /// Whether it has an open recall (*openstaande terugroepactie*).
    pub open_recall: Option<bool>,
    /// What the register says about the odometer.
    pub odometer: RegisteredOdometer,
    /// Its fuels, in the register's order.
    pub fuels: Vec<RegisteredFuel>,
}

impl RegisterData {
    /// The data that the rules of the APK need.
    pub fn apk_vehicle(&self) -> ApkVehicle {
        ApkVehicle {
            kind: self.kind,
            eu_category: self.eu_category,
            max_mass_kg: self.max_mass_kg,
            empty_mass_kg: self.empty_mass_kg,
            max_speed_m_per_h: self.max_speed_m_per_h,
            on_tracks: self.on_tracks,
            fuels: self.fuels.iter().map(|row| row.fuel).collect(),
            admitted_on: self.admitted_on,
            taxi: self.taxi,
            ambulance: self.body.as_ref().map(|body| body.eq_ignore_ascii_case("ambulance")),
            lifted: (self.exported == Some(true)).then_some(DutyLift::Exported),
        }
    }

    /// Whether it is a motorcycle, by its kind, or else by its category.
    pub fn is_motorcycle(&self) -> bool {
        match self.kind {
            Some(kind) => kind == VehicleKind::Motorcycle,
            None => matches!(self.eu_category, Some(EuCategory::L3e | EuCategory::L4e)),
        }
    }

    /// Its fuels as the single value of a passport: a fuel together with electricity is a hybrid.
    pub fn fuel(&self) -> Option<Fuel> {
        let has = |fuel: Fuel| self.fuels.iter().any(|row| row.fuel == fuel);
        match self.fuels.as_slice() {
            [] => None,
            // Two rows of the same fuel are no hybrid.
            [first, rest @ ..] if rest.iter().all(|row| row.fuel == first.fuel) => Some(first.fuel),
            _ if has(Fuel::Electric) && has(Fuel::Petrol) => Some(Fuel::HybridPetrol),
            _ if has(Fuel::Electric) && has(Fuel::Diesel) => Some(Fuel::HybridDiesel),
            // A car on petrol and gas counts as a gas car; other combinations have no value of their own.
            _ => [Fuel::Lpg, Fuel::Cng, Fuel::Hydrogen, Fuel::Alcohol]
                .into_iter()
                .find(|fuel| has(*fuel))
                .or(Some(Fuel::Other)),
        }
    }
}

coded_enum! {
    /// The state of a recall for one vehicle.
    pub enum RecallStatus {
        /// The vehicle has not been repaired yet (`O`).
        Open => "open",
        /// The producer reports that the vehicle was repaired (`P`).
        Repaired => "repaired",
        /// The register says something else, which never counts as "repaired".
        Unknown => "unknown",
    }
}

/// What a recall is about. The register may have the status of a vehicle before it has these details.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecallDetail {
    /// What is wrong, in the producer's words.
    pub defect: Option<String>,
    /// What can happen because of it (*materiële gevolgen*).
    pub consequences: Option<String>,
    /// How it is repaired.
    pub repair: Option<String>,
    /// The producer's own code for it.
    pub producer_reference: Option<String>,
    /// When the producer announced it.
    pub announced_on: Option<Date>,
    /// When the owners were informed (*datum eigenaren geïnformeerd*).
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
    /// The state of the recall for this vehicle.
    pub status: RecallStatus,
    /// What the recall is about, if the register says so.
    pub detail: Option<RecallDetail>,
}

/// A defect that was found at an inspection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InspectionDefect {
    /// The register's code for it (*gebrek identificatie*).
    pub code: String,
    /// What the defect is, in the register's words, if it says so.
    pub text: Option<String>,
    /// How often it was found.
    pub count: Option<i64>,
}

coded_enum! {
    /// The kind of body that reported an inspection, by its recognition (*soort erkenning*). Only the first three report
    /// an APK: the expiry dates of the others are of something else.
    pub enum InspectionBody {
        /// An APK station for light vehicles (*APK lichte voertuigen*).
        ApkLight => "apk_light",
        /// An APK station for heavy vehicles (*APK zware voertuigen*).
        ApkHeavy => "apk_heavy",
        /// An APK station for tractors (*APK landbouw*).
        ApkAgricultural => "apk_agricultural",
        /// A workshop for tachographs (*controleapparaten*).
        Tachograph => "tachograph",
        /// An installer of gas systems (*gasinstallaties*).
        GasInstallation => "gas_installation",
        /// A workshop for the on-board computers of taxis (*boordcomputer taxi*).
        TaxiComputer => "taxi_computer",
        /// Another body.
        Other => "other",
    }
}

impl InspectionBody {
    /// Whether what it reports is an APK.
    pub const fn reports_apk(self) -> bool {
        match self {
            Self::ApkLight | Self::ApkHeavy | Self::ApkAgricultural => true,
            Self::Tachograph | Self::GasInstallation | Self::TaxiComputer | Self::Other => false,
        }
    }
}

/// An inspection, as the body that did it reported it. Two bodies that report at the same moment make two inspections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// When it was reported: the day of the inspection.
    pub reported_on: Date,
    /// The time of day as `HHMM`, in Dutch time.
    pub reported_at: Option<String>,
    /// Who reported it.
    pub body: Option<InspectionBody>,
    /// The kind of report, in the register's words.
    pub kind: Option<String>,
    /// The expiry date that it states: of an APK, that of its certificate.
    pub expires_on: Option<Date>,
    /// The defects that were found.
    pub defects: Vec<InspectionDefect>,
    /// When the register was first seen to give it. That of the first answer about inspections counts as seen in 1970,
    /// as the first APK date does.
    pub seen_at: Option<Instant>,
}

impl Inspection {
    /// Whether it is an APK. A report whose body is unknown counts as one: nearly all reports are.
    pub fn is_apk(&self) -> bool {
        self.body.is_none_or(InspectionBody::reports_apk)
    }
}
