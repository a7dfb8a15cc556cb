//! What is kept of the register's data about a vehicle, and how a new answer changes it.

mod mistake;
mod questions;

pub use mistake::was_mistake;
pub use questions::{Questions, REPORT_LATENESS};

use crate::register::{
    Inspection, InspectionBody, Recall, RecallDetail, RecallStatus, RegisterData, RegisteredOdometer,
};
use crate::{
    Date, Instant,
    apk::{self, ApkAssessment, ApkFacts, ApkVehicle, DutyLift, EnteredLift, RegisterExpiry},
    coded_enum,
    event::Fact,
    ids::PassportId,
    licence_plate::LicencePlate,
    odometer::CarHistory,
    passport::Vehicle,
    value::Country,
};
use std::collections::{BTreeMap, BTreeSet};

/// The most recalls that are kept for a vehicle. No vehicle has so many; this limits the size of a row.
pub const MAX_RECALLS: usize = 200;
/// The most inspections that are kept for a vehicle; the newest ones are kept.
pub const MAX_INSPECTIONS: usize = 200;

/// Whether there is a register that knows vehicles with plates of this country.
pub fn covers(country: Country) -> bool {
    country == Country::NL
}

coded_enum! {
    /// What is known from the register about a vehicle (rule R18).
    pub enum RegisterStatus {
        /// The register gave data about the vehicle when it was last asked.
        Known => "known",
        /// The register was asked, and never knew the plate.
        Unknown => "unknown",
        /// The register was not asked yet.
        Pending => "pending",
        /// The register gave data before, but gives none now. The last data is shown.
        Stale => "stale",
        /// The register does not have plates of that country.
        NotCovered => "not_covered",
    }
}

/// What is kept of the register's data about a vehicle, by its plate. It is public data that all garages share, and is
/// read only through a passport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The plate.
    pub plate: LicencePlate,
    /// What the register said; none when it has never known the plate.
    pub data: Option<RegisterData>,
    /// When the register was first seen to give this APK date. Seeing the same date again does not change this. The
    /// date of the first answer counts as seen in 1970: nobody knows for how long the register had it, and a garage may
    /// have entered a newer date before.
    pub apk_seen_at: Option<Instant>,
    /// When the register last answered with data.
    pub fetched_at: Option<Instant>,
    /// When the register was last asked, whatever it answered.
    pub checked_at: Option<Instant>,
    /// Since when the register has given no data for this plate, which it knew before.
    pub stale_since: Option<Instant>,
    /// When the register was last asked for the recalls.
    pub recalls_checked_at: Option<Instant>,
    /// When the register was last asked for the inspections.
    pub inspections_checked_at: Option<Instant>,
    /// The vehicle's recalls, by reference.
    pub recalls: Vec<Recall>,
    /// Its inspections, the newest first.
    pub inspections: Vec<Inspection>,
}

/// A change in the register's answers that someone may have to act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterChange {
    /// The APK certificate got its first expiry date, or another one.
    ApkDateChanged {
        /// The date before, if there was one.
        from: Option<Date>,
        /// The date now.
        to: Date,
    },
    /// The vehicle has a new open recall.
    RecallOpened {
        /// The register's reference.
        reference: String,
    },
    /// The producer reports that the vehicle was repaired.
    RecallClosed {
        /// The register's reference.
        reference: String,
    },
    /// The vehicle was exported.
    VehicleExported,
}

impl RegisterChange {
    /// The change as a fact about a passport.
    pub fn fact(self, passport_id: PassportId) -> Fact {
        match self {
            Self::ApkDateChanged { from, to } => Fact::ApkDateChanged { passport_id, from, to },
            Self::RecallOpened { reference } => Fact::RecallOpened { passport_id, reference },
            Self::RecallClosed { reference } => Fact::RecallClosed { passport_id, reference },
            Self::VehicleExported => Fact::VehicleExported { passport_id },
        }
    }
}

impl Registration {
    /// A plate for which the register was not asked yet.
    pub fn new(plate: LicencePlate) -> Self {
        Self {
            plate,
            data: None,
            apk_seen_at: None,
            fetched_at: None,
            checked_at: None,
            stale_since: None,
            recalls_checked_at: None,
            inspections_checked_at: None,
            recalls: vec![],
            inspections: vec![],
        }
    }

    /// Adds an answer of the register. `None` means that it does not know the plate, or gives no data for the time
    /// being (rules R11 to R13 and R15).
    #[must_use]
    pub fn answered(self, answer: Option<RegisterData>, now: Instant) -> (Self, Vec<RegisterChange>) {
        let Some(answer) = answer else {
            let stale_since = self.stale_since.or_else(|| self.data.as_ref().map(|_| now));
            return (Self { checked_at: Some(now), stale_since, ..self }, vec![]);
        };
        let is_first = self.data.is_none();
        let before = self.data.unwrap_or_default();
        let (from, was_exported) = (before.apk_expires_on, before.exported);
        let data = merged(answer, before);
        let mut changes = vec![];
        let is_new_date = data.apk_expires_on != from;
        if let Some(to) = data.apk_expires_on.filter(|_| is_new_date && !is_first) {
            changes.push(RegisterChange::ApkDateChanged { from, to });
        }
        if data.exported == Some(true) && was_exported != Some(true) {
            changes.push(RegisterChange::VehicleExported);
        }
        let registration = Self {
            apk_seen_at: match is_new_date {
                true if is_first => data.apk_expires_on.map(|_| Instant::UNIX_EPOCH),
                true => Some(now),
                false => self.apk_seen_at,
            },
            data: Some(data),
            fetched_at: Some(now),
            checked_at: Some(now),
            stale_since: None,
            ..self
        };
        (registration, changes)
    }

    /// Adds what the register says about the vehicle's recalls (rule R14).
    #[must_use]
    pub fn with_recalls(self, recalls: Vec<Recall>, now: Instant) -> (Self, Vec<RegisterChange>) {
        let mut kept: BTreeMap<String, Recall> =
            self.recalls.into_iter().map(|recall| (recall.reference.clone(), recall)).collect();
        let mut changes = vec![];
        for (reference, told) in one_each(recalls) {
            let before = kept.remove(&reference);
            if before.is_none() && kept.len() >= MAX_RECALLS {
                continue;
            }
            let was = before.as_ref().map(|recall| recall.status);
            let recall = merged_recall(told, before);
            match (was, recall.status) {
                (Some(RecallStatus::Open), RecallStatus::Repaired) => {
                    changes.push(RegisterChange::RecallClosed { reference: reference.clone() });
                }
                (was, RecallStatus::Open) if was != Some(RecallStatus::Open) => {
                    changes.push(RegisterChange::RecallOpened { reference: reference.clone() });
                }
                _ => {}
            }
            kept.insert(reference, recall);
        }
        (Self { recalls: kept.into_values().collect(), recalls_checked_at: Some(now), ..self }, changes)
    }

    /// Adds what the register says about the vehicle's inspections (rule R16).
    #[must_use]
    pub fn with_inspections(self, inspections: Vec<Inspection>, now: Instant) -> Self {
        let days: BTreeSet<Date> = inspections.iter().map(|one| one.reported_on).collect();
        let (same_days, other_days): (Vec<_>, Vec<_>) =
            self.inspections.into_iter().partition(|one| days.contains(&one.reported_on));
        // Nobody knows for how long the register had what it gives when it is asked for the first time.
        let seen_at = self.inspections_checked_at.map_or(Instant::UNIX_EPOCH, |_| now);
        let merged = |told: Inspection| Inspection { seen_at: Some(seen_at), ..told };
        let mut inspections: Vec<_> =
            inspections.into_iter().map(|told| merged_inspection(merged(told), &same_days)).chain(other_days).collect();
        let moment = |one: &Inspection| (one.reported_on, one.reported_at.clone(), one.body);
        inspections.sort_by_cached_key(|one| std::cmp::Reverse(moment(one)));
        inspections.truncate(MAX_INSPECTIONS);
        Self { inspections, inspections_checked_at: Some(now), ..self }
    }

    /// Whether the status of the car is judged by the same as before: what the APK needs to know, the kind of use, the
    /// odometer, the recalls and the inspections (rule ST2).
    pub fn is_judged_like(&self, before: &Self) -> bool {
        // A day of registration that is later ends what people said that lifts the APK duty.
        let of_data =
            |data: &RegisterData| (data.apk_vehicle(), data.registered_on, data.odometer.clone(), data.open_recall);
        let alike = |one: &Self| (one.data.as_ref().map(of_data), one.apk_expiry(), one.undated_apks());
        alike(self) == alike(before) && self.recalls == before.recalls
    }

    /// The APK date in the register: the later of that in the vehicle's own row and that of the newest APK report that
    /// states one, since the row is the later of the two to be updated (rule R40). When both give the same date, it was
    /// first seen where it was seen first.
    pub fn apk_expiry(&self) -> Option<RegisterExpiry> {
        let in_row = self
            .data
            .as_ref()
            .and_then(|data| Some(RegisterExpiry { expires_on: data.apk_expires_on?, seen_at: self.apk_seen_at? }));
        let reported = self.apk_reports().find_map(|one| {
            Some(RegisterExpiry { expires_on: one.expires_on?, seen_at: one.seen_at.unwrap_or(Instant::UNIX_EPOCH) })
        });
        match (in_row, reported) {
            (Some(in_row), Some(reported)) if reported.expires_on == in_row.expires_on => {
                Some(RegisterExpiry { seen_at: in_row.seen_at.min(reported.seen_at), ..in_row })
            }
            (Some(in_row), Some(reported)) if reported.expires_on < in_row.expires_on => Some(in_row),
            (in_row, reported) => reported.or(in_row),
        }
    }

    /// How a vehicle without a passport stands with its APK: by the register and the law alone.
    pub fn assess_apk(&self, today: Date) -> ApkAssessment {
        let vehicle = self.data.as_ref().map(RegisterData::apk_vehicle).unwrap_or_default();
        let inspections = self.undated_apks();
        let facts =
            ApkFacts { vehicle: &vehicle, register: self.apk_expiry(), garage: None, inspections: &inspections };
        apk::assess(&facts, today)
    }

    /// The days of the APK reports that state neither an expiry date nor a defect. They are computed with where nothing
    /// states a date; a report with defects may be of a vehicle that did not pass.
    pub fn undated_apks(&self) -> Vec<Date> {
        let is_undated = |one: &&Inspection| one.expires_on.is_none() && one.defects.is_empty();
        self.apk_reports().filter(is_undated).map(|one| one.reported_on).collect()
    }

    /// The last day on which the tachograph may be used unchecked: the later of that in the vehicle's own row and that of
    /// the newest report of a tachograph workshop (rule R40).
    pub fn tachograph_expires_on(&self) -> Option<Date> {
        let in_row = self.data.as_ref().and_then(|data| data.tachograph_expires_on);
        let of_tachograph = |one: &&Inspection| one.body == Some(InspectionBody::Tachograph);
        in_row.max(self.inspections.iter().filter(of_tachograph).find_map(|one| one.expires_on))
    }

    /// The reports of APK stations, the newest first.
    fn apk_reports(&self) -> impl Iterator<Item = &Inspection> {
        self.inspections.iter().filter(|one| one.is_apk())
    }

    /// What the register knows of the car's past that its odometer is judged by.
    pub fn car_history(&self) -> CarHistory {
        CarHistory {
            admitted_on: self.data.as_ref().and_then(|data| data.admitted_on),
            foreign: self.odometer().is_some_and(RegisteredOdometer::is_foreign_history),
            motorcycle: self.data.as_ref().is_some_and(RegisterData::is_motorcycle),
        }
    }

    /// What the register says about the odometer.
    pub fn odometer(&self) -> Option<&RegisteredOdometer> {
        self.data.as_ref().map(|data| &data.odometer)
    }
}

impl RegisterStatus {
    /// What is known from the register about a plate (rule R18).
    pub fn of(plate: &LicencePlate, registration: Option<&Registration>) -> Self {
        let asked = registration.filter(|registration| registration.checked_at.is_some());
        match asked {
            _ if !covers(plate.country()) => Self::NotCovered,
            None => Self::Pending,
            Some(Registration { data: None, .. }) => Self::Unknown,
            Some(Registration { stale_since: Some(_), .. }) => Self::Stale,
            Some(_) => Self::Known,
        }
    }
}

/// What the rules of the APK need to know about a passport's vehicle (rule R17). If the register gives no fuel, the
/// garage's value counts. A passport knows only the year of first admission, which is not a date. What people said that
/// lifts the duty counts, unless the register says that it has ended (rule APK9).
pub fn apk_vehicle(vehicle: &Vehicle, data: Option<&RegisterData>, lift: Option<&EnteredLift>) -> ApkVehicle {
    let mut known = data.map(RegisterData::apk_vehicle).unwrap_or_default();
    let registered_on = data.and_then(|data| data.registered_on);
    known.lifted = known.lifted.or_else(|| lift?.holds(registered_on));
    if known.fuels.is_empty() {
        known.fuels = vehicle.fuel.into_iter().collect();
    }
    if !covers(vehicle.plate.country()) {
        known.lifted = Some(DutyLift::Foreign);
    }
    known
}

/// The first day on which a passport's vehicle can have been admitted to the road: by the register, and else by the year
/// that the garage knows.
pub fn admitted_on(vehicle: &Vehicle, data: Option<&RegisterData>) -> Option<Date> {
    data.and_then(|data| data.admitted_on).or_else(|| vehicle.admitted_from())
}

/// The answer, completed with what was known before. An absent value is unknown, so it does not remove a known one
/// (rule R12).
fn merged(answer: RegisterData, before: RegisterData) -> RegisterData {
    let odometer = match answer.odometer.verdict {
        // A reason belongs to its verdict, so the two are replaced together.
        Some(_) => {
            RegisteredOdometer { last_year: answer.odometer.last_year.or(before.odometer.last_year), ..answer.odometer }
        }
        None => {
            RegisteredOdometer { last_year: answer.odometer.last_year.or(before.odometer.last_year), ..before.odometer }
        }
    };
    RegisterData {
        kind: answer.kind.or(before.kind),
        eu_category: answer.eu_category.or(before.eu_category),
        make: answer.make.or(before.make),
        model: answer.model.or(before.model),
        body: answer.body.or(before.body),
        colour: answer.colour.or(before.colour),
        admitted_on: answer.admitted_on.or(before.admitted_on),
        first_registered_on: answer.first_registered_on.or(before.first_registered_on),
        registered_on: answer.registered_on.or(before.registered_on),
        max_speed_m_per_h: answer.max_speed_m_per_h.or(before.max_speed_m_per_h),
        on_tracks: answer.on_tracks.or(before.on_tracks),
        empty_mass_kg: answer.empty_mass_kg.or(before.empty_mass_kg),
        max_mass_kg: answer.max_mass_kg.or(before.max_mass_kg),
        seats: answer.seats.or(before.seats),
        doors: answer.doors.or(before.doors),
        engine_cc: answer.engine_cc.or(before.engine_cc),
        catalogue_price_eur: answer.catalogue_price_eur.or(before.catalogue_price_eur),
        efficiency_class: answer.efficiency_class.or(before.efficiency_class),
        apk_expires_on: answer.apk_expires_on.or(before.apk_expires_on),
        tachograph_expires_on: answer.tachograph_expires_on.or(before.tachograph_expires_on),
        taxi: answer.taxi.or(before.taxi),
        exported: answer.exported.or(before.exported),
        registrable: answer.registrable.or(before.registrable),
        insured: answer.insured.or(before.insured),
        open_recall: answer.open_recall.or(before.open_recall),
        odometer,
        fuels: if answer.fuels.is_empty() { before.fuels } else { answer.fuels },
    }
}

/// Each recall once. If two contradict each other, the open one counts, since an open recall must not be missed.
fn one_each(recalls: Vec<Recall>) -> BTreeMap<String, Recall> {
    let mut each = BTreeMap::<String, Recall>::new();
    for recall in recalls {
        let known = each.get(&recall.reference);
        if known.is_none_or(|known| recall.status < known.status) {
            each.insert(recall.reference.clone(), recall);
        }
    }
    each
}

fn merged_recall(told: Recall, before: Option<Recall>) -> Recall {
    let Some(before) = before else { return told };
    let status = if told.status == RecallStatus::Unknown { before.status } else { told.status };
    let detail = match (told.detail, before.detail) {
        (Some(told), Some(before)) => Some(merged_detail(told, before)),
        (told, before) => told.or(before),
    };
    Recall { status, detail, ..told }
}

fn merged_detail(told: RecallDetail, before: RecallDetail) -> RecallDetail {
    RecallDetail {
        defect: told.defect.or(before.defect),
        consequences: told.consequences.or(before.consequences),
        repair: told.repair.or(before.repair),
        producer_reference: told.producer_reference.or(before.producer_reference),
        announced_on: told.announced_on.or(before.announced_on),
        owners_informed_on: told.owners_informed_on.or(before.owners_informed_on),
        hazards: if told.hazards.is_empty() { before.hazards } else { told.hazards },
    }
}

/// An inspection, completed with what was known about the one of the same day, time and body.
fn merged_inspection(told: Inspection, known: &[Inspection]) -> Inspection {
    let Some(before) = known.iter().find(|one| is_same_report(&told, one)).cloned() else { return told };
    Inspection {
        body: told.body.or(before.body),
        seen_at: before.seen_at.or(told.seen_at),
        kind: told.kind.or(before.kind),
        expires_on: told.expires_on.or(before.expires_on),
        defects: if told.defects.is_empty() { before.defects } else { told.defects },
        ..told
    }
}

/// Whether the register gives a report again. Where one of the two lacks the body, an expiry date that both state tells
/// reports of the same moment apart.
fn is_same_report(told: &Inspection, known: &Inspection) -> bool {
    let is_body = match (told.body, known.body) {
        (Some(told), Some(known)) => told == known,
        (Some(_) | None, None) => true,
        (None, Some(_)) => told.expires_on.is_none() || told.expires_on == known.expires_on,
    };
    is_body && (told.reported_on, &told.reported_at) == (known.reported_on, &known.reported_at)
}

#[cfg(test)]
pub(super) mod tests;
