//! The APK, the Dutch periodic inspection: until when a vehicle's certificate is valid, what comes next, and why.
//!
//! The law is the *Besluit voertuigen*, arts. 4 to 8 (which vehicles need an APK, and from when), 15 (when the validity
//! of a certificate begins) and 16 (how long it is valid):
//!
//! | group | first APK | then |
//! |---|---|---|
//! | light, petrol, electric or alcohol, admitted from 2005 | 4 years | 2 years when issued under 7 years old, else 1 |
//! | light, diesel, gas, other fuels, hybrids with these | 3 years | 1 year |
//! | light, admitted before 2005 | 3 years | 1 year |
//! | light, from 30 years old | – | 2 years |
//! | from 50 years old, but no taxi, public transport or bus | exempt | – |
//! | over 3,500 kg, trailers too; taxi, ambulance, bus | 1 year | 1 year |
//! | tractor on wheels above 40 km/h, since May 2021 | 4 years | 2 years |
//! | motorcycle, moped, light three-wheeler, light trailer | none | – |
//! | other tractor, vehicle of limited speed, mobile machine, agricultural trailer | none | – |
//!
//! A certificate is valid until its expiry date, that day included. An inspection in the two months before that date,
//! or on it, keeps the anniversary: the new certificate counts from the old expiry date. After any other inspection the
//! new certificate counts from the day of the inspection. The rules use only what the register knows: by law a vehicle
//! of fifty years that carries dangerous goods is not exempt, but here it counts as exempt.
//!
//! The date in the register counts, unless a garage entered a newer one (rule APK1). A date is computed only for
//! vehicles for which the register has none yet, as long as that date is still to come, and for the inspections to come.

mod calendar;
mod entry;
mod lift;
mod listed;
mod rule;
mod vehicle;

pub use calendar::WINDOW_MONTHS;
pub use entry::{ApkEntry, ApkEntryRefusal, ApkEntryWarning, Inspected, certificate_before};
pub use lift::{EnteredLift, LiftReason, LiftRefusal};
pub use listed::{inspectable_from, inspectable_until, status_by};
pub use rule::{ApkMissing, ApkRule, FIFTY_YEARS_SINCE, FUEL_COUNTS_FROM, TRACTORS_SINCE};
pub use vehicle::{
    ApkVehicle, DutyLift, ELECTRIC_VAN_UNTIL_KG, EuCategory, LIGHT_THREE_WHEELER_UNTIL_KG, LIGHT_UNTIL_KG,
    SLOW_TRACTOR_UNTIL_M_PER_H, VehicleKind,
};

use crate::{Date, Instant, coded_enum};
use calendar::{add_years, window_start};
use jiff::ToSpan;
use rule::{duty_on, exempt_from, first_due, rule_on};

/// How many future inspections are computed.
const FORETOLD: usize = 2;

coded_enum! {
    /// Where an expiry date of an APK certificate comes from (rule APK1).
    pub enum ApkSource {
        /// The vehicle register.
        Register => "register",
        /// A garage entered it, and the register does not have it yet.
        Garage => "garage",
        /// It was computed by the rules of the law.
        Computed => "computed",
    }
}

coded_enum! {
    /// The state of a vehicle's APK today (rule APK3).
    pub enum ApkStatus {
        /// The certificate is valid, and it is too early to renew it.
        Valid => "valid",
        /// The certificate is valid, and an inspection now keeps the anniversary.
        Inspectable => "inspectable",
        /// The certificate is no longer valid, by the register or by what the garage entered.
        Expired => "expired",
        /// The vehicle is so old that it is exempt.
        Exempt => "exempt",
        /// This kind of vehicle needs no APK.
        NotSubject => "not_subject",
        /// The vehicle needs no APK for the time being, for instance because its registration is suspended.
        Suspended => "suspended",
        /// Too little is known about the vehicle.
        Unknown => "unknown",
    }
}

/// The expiry date in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterExpiry {
    /// The last day on which the certificate is valid.
    pub expires_on: Date,
    /// When the register was first seen to give *this* date. Fetching the same date again does not change it: otherwise
    /// a refresh that still gives the old date would undo what a garage entered in the meantime.
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

/// What is known about a vehicle when its APK is assessed.
#[derive(Clone, Copy, Debug)]
pub struct ApkFacts<'a> {
    /// The vehicle.
    pub vehicle: &'a ApkVehicle,
    /// The register's date, if it has one.
    pub register: Option<RegisterExpiry>,
    /// The garage's date, if one was entered.
    pub garage: Option<GarageExpiry>,
    /// The known days on which it passed an inspection of which no expiry date is known, in any order.
    pub inspections: &'a [Date],
}

/// An expiry date, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApkExpiry {
    /// The last day on which the certificate is valid; for a vehicle that was never inspected, the last day before the
    /// duty begins.
    pub expires_on: Date,
    /// Where it comes from.
    pub source: ApkSource,
}

/// Days on which an inspection is safe to plan: any of them, whether a station is closed on some, gives a certificate until
/// this date or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafePlan {
    /// The first day.
    pub inspect_from: Date,
    /// The last day.
    pub inspect_by: Date,
    /// The earliest of the expiry dates that these days give.
    pub expires_on: Date,
}

/// A future inspection at the best moment: the days that give the latest expiry date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedApk {
    /// The first of the best days.
    pub inspect_from: Date,
    /// The last of the best days.
    pub inspect_by: Date,
    /// The expiry date that an inspection on these days gives.
    pub expires_on: Date,
    /// The rule that says how long the new certificate is valid.
    pub rule: ApkRule,
    /// All days of the window, for those who cannot come on the best ones, which can be a single Sunday.
    pub safe: SafePlan,
}

/// The state of a vehicle's APK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApkAssessment {
    /// The state in one word.
    pub status: ApkStatus,
    /// The current expiry date, also while the duty is lifted; none when it is not known.
    pub expiry: Option<ApkExpiry>,
    /// The first day on which an inspection keeps the anniversary (*keurbaar vanaf*); none for a vehicle without a
    /// duty.
    pub inspectable_from: Option<Date>,
    /// The next two inspections, or fewer where the vehicle becomes exempt or too little is known.
    pub next: Vec<ExpectedApk>,
    /// The day on which the vehicle becomes exempt by its age, if it ever does.
    pub exempt_from: Option<Date>,
    /// The rule that applies to it today.
    pub rule: Option<ApkRule>,
    /// What must be known to find the rule, when none could be found, and to know the state, when that is unknown.
    pub missing: Vec<ApkMissing>,
}

/// Assesses a vehicle's APK on the day `today`, in the Netherlands.
pub fn assess(facts: &ApkFacts<'_>, today: Date) -> ApkAssessment {
    let vehicle = facts.vehicle;
    let (rule, mut missing) = match rule_on(vehicle, today) {
        Ok(rule) => (Some(rule), vec![]),
        Err(missing) => (None, missing),
    };
    let expiry = known_expiry(facts.register, facts.garage).or_else(|| {
        let expires_on = computed_expiry(vehicle, facts.inspections, today)?;
        Some(ApkExpiry { expires_on, source: ApkSource::Computed })
    });
    let status = status(rule, expiry, today);
    if status == ApkStatus::Unknown && missing.is_empty() {
        missing.push(ApkMissing::Certificate);
    }
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

/// The expiry date of the certificate that an inspection on `inspected_on` gives (rules APK4 to APK6).
///
/// `current_expiry` is the expiry date of the certificate before; none means that this is the first inspection. Returns
/// none when the vehicle has no duty on that day, or when its rule is not known. It does not matter whether the duty is
/// lifted: a suspended car that is inspected gets its certificate.
pub fn next_expiry(vehicle: &ApkVehicle, current_expiry: Option<Date>, inspected_on: Date) -> Option<Date> {
    let years = duty_on(vehicle, inspected_on).ok()?.certificate_years()?;
    let kept = current_expiry
        .or_else(|| first_due(vehicle))
        .filter(|expiry| (window_start(*expiry)..=*expiry).contains(&inspected_on));
    match kept {
        Some(expiry) => add_years(expiry, years),
        // No certificate is needed before the duty begins, so an early inspection cannot shorten that time.
        None => add_years(inspected_on, years).map(|expiry| first_due(vehicle).map_or(expiry, |due| due.max(expiry))),
    }
}

/// Whether the law gives this expiry date for an inspection on one of the days from `earliest` to `latest`; none when it
/// gives no date for any of them (rule APK11).
fn is_by_law(
    vehicle: &ApkVehicle,
    current_expiry: Option<Date>,
    expires_on: Date,
    (earliest, latest): (Date, Date),
) -> Option<bool> {
    let days = earliest.series(1.day()).take_while(|day| *day <= latest);
    let mut dates = days.filter_map(|day| next_expiry(vehicle, current_expiry, day)).peekable();
    dates.peek()?;
    Some(dates.any(|date| date == expires_on))
}

/// Which of the two known dates counts, the register's or the garage's (rule APK1).
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

/// The expiry date computed by the law alone: from the known inspections or, if there are none, from the day on which
/// the first is due (rule APK2).
///
/// This assumes that no other inspection took place, of which nobody can be sure: a car that came from abroad has a
/// certificate that nothing here knows of, and reports may be missing. So the date counts only while it is still to come,
/// and nobody is told that a certificate has expired because of it.
fn computed_expiry(vehicle: &ApkVehicle, inspections: &[Date], today: Date) -> Option<Date> {
    let mut passed: Vec<Date> = inspections.iter().copied().filter(|day| *day <= today).collect();
    passed.sort_unstable();
    let by_inspections = passed.into_iter().fold(None, |expiry, day| next_expiry(vehicle, expiry, day).or(expiry));
    let expires_on = by_inspections.or_else(|| first_due(vehicle))?;
    (today <= expires_on).then_some(expires_on)
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

/// The future inspections, each at its best moment, until the vehicle is exempt (rule APK7).
fn foretell(vehicle: &ApkVehicle, due: Date, today: Date) -> Vec<ExpectedApk> {
    let exempt_from = exempt_from(vehicle);
    let step = |due: Date| {
        // The certificate is valid until the day before the exemption begins, or longer: no more inspections are due.
        let covered = due.tomorrow().unwrap_or(Date::MAX);
        if exempt_from.is_some_and(|from| from <= covered) { None } else { best_inspection(vehicle, due, today) }
    };
    std::iter::successors(step(due), |expected| step(expected.expires_on)).take(FORETOLD).collect()
}

/// The best days of those that are left in the two-month window or, when that is over, today.
///
/// Usually all days of the window give the same expiry date. They differ at the ages where the validity changes: a
/// petrol car is best inspected before it is seven years old, and any car after it is thirty.
fn best_inspection(vehicle: &ApkVehicle, due: Date, today: Date) -> Option<ExpectedApk> {
    let from = window_start(due).max(today);
    let by = due.max(from);
    let mut best: Option<ExpectedApk> = None;
    let mut safe: Option<SafePlan> = None;
    for day in from.series(1.day()).take_while(|day| *day <= by) {
        let (Some(expires_on), Ok(rule)) = (next_expiry(vehicle, Some(due), day), duty_on(vehicle, day)) else {
            continue;
        };
        let until = |plan: SafePlan| SafePlan { inspect_by: day, expires_on: plan.expires_on.min(expires_on), ..plan };
        let only = SafePlan { inspect_from: day, inspect_by: day, expires_on };
        let plan = safe.map_or(only, until);
        safe = Some(plan);
        best = match best {
            Some(best) if best.expires_on > expires_on => Some(best),
            Some(best) if best.expires_on == expires_on => Some(ExpectedApk { inspect_by: day, ..best }),
            _ => Some(ExpectedApk { inspect_from: day, inspect_by: day, expires_on, rule, safe: plan }),
        };
    }
    Some(ExpectedApk { safe: safe?, ..best? })
}

#[cfg(test)]
mod tests;
