//! The APK, the Dutch periodic inspection: until when a vehicle's certificate is valid, what comes next, and why.
//!
//! The law is the *Besluit voertuigen*, arts. 4 to 8 (from when there is a duty, and who has none), 15 (when a
//! certificate's time begins) and 16 (how long it is valid):
//!
//! | group | first APK | then |
//! |---|---|---|
//! | light, petrol, electric or alcohol, admitted from 2005 | 4 years | 2 years when issued under 7 years old, else 1 |
//! | light, diesel, gas, other fuels, hybrids with these | 3 years | 1 year |
//! | light, admitted before 2005 | 3 years | 1 year |
//! | light, from 30 years old | – | 2 years |
//! | from 50 years old, but no taxi, public transport or bus | exempt | – |
//! | over 3,500 kg, trailers too; taxi, ambulance, bus | 1 year | 1 year |
//! | motorcycle, moped, light three-wheeler, light trailer | none | – |
//!
//! A certificate is valid to its expiry, that day included. An inspection in the two months before it, or on that day,
//! keeps the anniversary; any other starts a time of its own on the day it takes place. What the register does not know
//! is not asked: a vehicle of fifty years that carries dangerous goods is not exempt, but counts as such here.
//!
//! The register's date always wins; computing is for vehicles of which it has none yet, and for the dates to come.

mod calendar;
mod entry;
mod rule;
mod vehicle;

pub use calendar::WINDOW_MONTHS;
pub use entry::{ApkEntry, ApkEntryRefusal};
pub use rule::{ApkMissing, ApkRule, FIFTY_YEARS_SINCE, FUEL_COUNTS_FROM};
pub use vehicle::{ApkVehicle, DutyLift, EuCategory, LIGHT_THREE_WHEELER_UNTIL_KG, LIGHT_UNTIL_KG, VehicleKind};

use crate::{Date, Instant, coded_enum};
use calendar::{add_years, anniversary, window_start};
use jiff::ToSpan;
use rule::{duty_on, exempt_from, first_due, rule_on};

/// How many inspections are foretold.
const FORETOLD: usize = 2;

coded_enum! {
    /// Where an expiry date comes from (rule APK1).
    pub enum ApkSource {
        /// The vehicle register.
        Register => "register",
        /// A garage entered it, and the register has yet to catch up.
        Garage => "garage",
        /// Computed from the law.
        Computed => "computed",
    }
}

coded_enum! {
    /// How a vehicle stands with its APK today (rule APK3).
    pub enum ApkStatus {
        /// Its certificate is valid, and it is too early for the next.
        Valid => "valid",
        /// Its certificate is valid, and an inspection now keeps the anniversary.
        Inspectable => "inspectable",
        /// Its certificate is no longer valid, or its first inspection is overdue.
        Expired => "expired",
        /// Its age exempts it.
        Exempt => "exempt",
        /// A vehicle like this needs no APK.
        NotSubject => "not_subject",
        /// The duty is lifted for the time being.
        Suspended => "suspended",
        /// Too little is known.
        Unknown => "unknown",
    }
}

/// The expiry date of which the register tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterExpiry {
    /// The last day on which the certificate is valid.
    pub expires_on: Date,
    /// When the register was first seen to give *this* date. Fetching the same date again does not move it: else a
    /// refresh that still brings the old date would undo what a garage entered in the meantime.
    pub seen_at: Instant,
}

/// An expiry date that a garage entered, ahead of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GarageExpiry {
    /// The last day on which the certificate is valid.
    pub expires_on: Date,
    /// When it was entered.
    pub entered_at: Instant,
}

/// What is known when a vehicle's APK is assessed.
#[derive(Clone, Copy, Debug)]
pub struct ApkFacts<'a> {
    /// The vehicle.
    pub vehicle: &'a ApkVehicle,
    /// The register's date, if it has one.
    pub register: Option<RegisterExpiry>,
    /// The garage's date, if one was entered.
    pub garage: Option<GarageExpiry>,
    /// The days on which it passed an inspection, in any order, as far as known.
    pub inspections: &'a [Date],
}

/// An expiry date, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApkExpiry {
    /// The last day on which the certificate is valid; of a vehicle never inspected, the last before the duty begins.
    pub expires_on: Date,
    /// Who says so.
    pub source: ApkSource,
}

/// An inspection to come, at its best moment: that which gives the latest expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedApk {
    /// The first of the best days.
    pub inspect_from: Date,
    /// The last of the best days.
    pub inspect_by: Date,
    /// The expiry that an inspection on these days gives.
    pub expires_on: Date,
    /// The rule by which the new certificate is valid that long.
    pub rule: ApkRule,
}

/// How a vehicle stands with its APK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApkAssessment {
    /// In a word.
    pub status: ApkStatus,
    /// The current expiry; also given while the duty is lifted, and none when nothing is known.
    pub expiry: Option<ApkExpiry>,
    /// From when an inspection keeps the anniversary (*keurbaar vanaf*); none without a duty.
    pub inspectable_from: Option<Date>,
    /// The next two inspections, or fewer where the vehicle becomes exempt or too little is known.
    pub next: Vec<ExpectedApk>,
    /// From when its age exempts the vehicle, if it ever does.
    pub exempt_from: Option<Date>,
    /// The rule that governs it today.
    pub rule: Option<ApkRule>,
    /// What must be known to tell the rule, when there is none.
    pub missing: Vec<ApkMissing>,
}

/// Tells how a vehicle stands with its APK on the day `today`, in the Netherlands.
pub fn assess(facts: &ApkFacts<'_>, today: Date) -> ApkAssessment {
    let vehicle = facts.vehicle;
    let (rule, missing) = match rule_on(vehicle, today) {
        Ok(rule) => (Some(rule), vec![]),
        Err(missing) => (None, missing),
    };
    let expiry = known_expiry(facts.register, facts.garage).or_else(|| {
        let expires_on = computed_expiry(vehicle, facts.inspections, today)?;
        Some(ApkExpiry { expires_on, source: ApkSource::Computed })
    });
    let status = status(rule, expiry, today);
    let due = match status {
        ApkStatus::Valid | ApkStatus::Inspectable | ApkStatus::Expired => expiry.map(|expiry| expiry.expires_on),
        ApkStatus::Exempt | ApkStatus::NotSubject | ApkStatus::Suspended | ApkStatus::Unknown => None,
    };
    ApkAssessment {
        status,
        expiry,
        inspectable_from: due.map(window_start),
        next: due.map_or_else(Vec::new, |due| foretell(vehicle, due, today)),
        exempt_from: exempt_from(vehicle),
        rule,
        missing,
    }
}

/// Until when the certificate is valid that an inspection on `inspected_on` gives (rules APK4 to APK6).
///
/// `current_expiry` is that of the certificate before; without one, the vehicle's first inspection is meant. None when
/// the vehicle has no duty that day or the rule cannot be told. A lifted duty plays no part: a suspended car that is
/// inspected gets its certificate.
pub fn next_expiry(vehicle: &ApkVehicle, current_expiry: Option<Date>, inspected_on: Date) -> Option<Date> {
    let years = duty_on(vehicle, inspected_on).ok()?.certificate_years()?;
    let kept = current_expiry
        .or_else(|| first_due(vehicle))
        .filter(|expiry| (window_start(*expiry)..=*expiry).contains(&inspected_on));
    match kept {
        Some(expiry) => anniversary(expiry, years, vehicle.admitted_on),
        // Before the duty begins no certificate is needed, so an early one cannot shorten that time.
        None => add_years(inspected_on, years).map(|expiry| first_due(vehicle).map_or(expiry, |due| due.max(expiry))),
    }
}

/// The date that counts of the two that people or registers gave (rule APK1).
fn known_expiry(register: Option<RegisterExpiry>, garage: Option<GarageExpiry>) -> Option<ApkExpiry> {
    match (register, garage) {
        (Some(register), Some(garage))
            if garage.entered_at > register.seen_at && garage.expires_on > register.expires_on =>
        {
            Some(ApkExpiry { expires_on: garage.expires_on, source: ApkSource::Garage })
        }
        (Some(register), _) => Some(ApkExpiry { expires_on: register.expires_on, source: ApkSource::Register }),
        (None, Some(garage)) => Some(ApkExpiry { expires_on: garage.expires_on, source: ApkSource::Garage }),
        (None, None) => None,
    }
}

/// The expiry by the law alone: from the known inspections or, without any, the day the first is due (rule APK2).
///
/// It is a guess that nothing happened since, and stands only until the certificate would have run out that an
/// inspection in time would have given: from then on a vehicle that met its duty has another date in any case.
fn computed_expiry(vehicle: &ApkVehicle, inspections: &[Date], today: Date) -> Option<Date> {
    let mut passed: Vec<Date> = inspections.iter().copied().filter(|day| *day <= today).collect();
    passed.sort_unstable();
    let by_inspections = passed.into_iter().fold(None, |expiry, day| next_expiry(vehicle, expiry, day).or(expiry));
    let expires_on = by_inspections.or_else(|| first_due(vehicle))?;
    let is_news = today <= expires_on || today <= next_expiry(vehicle, Some(expires_on), expires_on)?;
    is_news.then_some(expires_on)
}

fn status(rule: Option<ApkRule>, expiry: Option<ApkExpiry>, today: Date) -> ApkStatus {
    match rule {
        Some(ApkRule::Suspended | ApkRule::DealerStock) => return ApkStatus::Suspended,
        Some(ApkRule::FiftyYears) => return ApkStatus::Exempt,
        Some(rule) if rule.certificate_years().is_none() => return ApkStatus::NotSubject,
        Some(_) | None => {}
    }
    match expiry.map(|expiry| expiry.expires_on) {
        None => ApkStatus::Unknown,
        Some(expires_on) if today > expires_on => ApkStatus::Expired,
        Some(expires_on) if today >= window_start(expires_on) => ApkStatus::Inspectable,
        Some(_) => ApkStatus::Valid,
    }
}

/// The inspections to come, each at its best moment, until the vehicle is exempt (rule APK7).
fn foretell(vehicle: &ApkVehicle, due: Date, today: Date) -> Vec<ExpectedApk> {
    let exempt_from = exempt_from(vehicle);
    let step = |due: Date| {
        // Valid to the day before the exemption begins, or longer: nothing more is due.
        let covered = due.tomorrow().unwrap_or(Date::MAX);
        if exempt_from.is_some_and(|from| from <= covered) { None } else { best_inspection(vehicle, due, today) }
    };
    std::iter::successors(step(due), |expected| step(expected.expires_on)).take(FORETOLD).collect()
}

/// The best of the days that remain in the two-month window or, when it is over, today.
///
/// Mostly all days of the window give the same. Not so at the ages where certificates change: a petrol car is best
/// inspected before it is seven, and any car once it is thirty.
fn best_inspection(vehicle: &ApkVehicle, due: Date, today: Date) -> Option<ExpectedApk> {
    let from = window_start(due).max(today);
    let by = due.max(from);
    let mut best: Option<ExpectedApk> = None;
    for day in from.series(1.day()).take_while(|day| *day <= by) {
        let (Some(expires_on), Ok(rule)) = (next_expiry(vehicle, Some(due), day), duty_on(vehicle, day)) else {
            continue;
        };
        best = match best {
            Some(best) if best.expires_on > expires_on => Some(best),
            Some(best) if best.expires_on == expires_on => Some(ExpectedApk { inspect_by: day, ..best }),
            _ => Some(ExpectedApk { inspect_from: day, inspect_by: day, expires_on, rule }),
        };
    }
    best
}

#[cfg(test)]
mod tests;
