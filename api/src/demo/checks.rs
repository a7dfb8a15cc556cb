//! The checks of the demo's history: of a part of the cars, what a mechanic of the demo garage found at the last inspection,
//! and what became of the work that was advised. Like the rest of the history it follows from a seed alone.

use crate::{clock::new_id, problem::Problem};
use domain::{
    Decimal, Instant,
    car_history::{Advised, CarHistory, Replaced},
    check_template::{self, FindingResult},
    cost::Draws,
    ids::{AccountId, GarageId, OdometerReadingId},
    passport::Passport,
    recommendation::{Decision, DecisionChannel, Happened, Recommendation},
    sample_history::SampleCheck,
    service_record::ServiceRecord,
    vehicle_check::{Completed, NewFinding, Place, VehicleCheck},
};
use persistence::{self as store, Tx};

/// The seed of the checks, another than that of the cars.
const SEED: u64 = 2_019 << 16;
/// Which part of the cars has a check.
const SHARE: f64 = 0.7;
/// What else can be wrong: the item, its position, how bad it is, and what the mechanic says about it.
const WRONG: [(&str, Option<&str>, FindingResult, &str); 6] = [
    ("wipers", Some("front"), FindingResult::Attention, "De wissers strepen."),
    ("windscreen", None, FindingResult::Attention, "Er zit een sterretje in de voorruit."),
    ("lights", None, FindingResult::Urgent, "Een remlicht brandt niet."),
    ("shock_absorbers", Some("rear_left"), FindingResult::Attention, "De schokdemper zweet."),
    ("suspension", Some("front"), FindingResult::Urgent, "Er zit speling op een draagarmkogel."),
    ("exhaust", None, FindingResult::Attention, "De uitlaat roest bij de las."),
];

/// A check of a car, and what followed from it.
pub(super) struct Checked {
    check: VehicleCheck,
    completed: Completed,
    reading: (OdometerReadingId, i64),
    advised: Vec<Recommendation>,
}

/// A car of the history, as a check needs it.
pub(super) struct CheckedCar<'c> {
    /// Its number in the history.
    pub(super) number: usize,
    /// Its passport.
    pub(super) passport: &'c Passport,
    /// The records of what was done to it.
    pub(super) records: &'c [ServiceRecord],
    /// Who drives it.
    pub(super) driver: AccountId,
    /// Who checks it.
    pub(super) mechanic: AccountId,
}

impl CheckedCar<'_> {
    /// The check of the car at its last inspection, if it is one of those that were checked.
    pub(super) fn checked(&self, last: &SampleCheck, at: Instant) -> Result<Option<Checked>, Problem> {
        let mut draws = Draws::of(SEED, u64::try_from(self.number).unwrap_or(u64::MAX));
        let record = self.records.iter().find(|record| record.done_on == last.done_on);
        let Some(reading) = record.and_then(|record| record.reading).filter(|_| draws.uniform() < SHARE) else {
            return Ok(None);
        };
        let check = self.filled_in(last, at, &mut draws)?;
        let completed = Completed { by: self.mechanic, at, on: last.done_on, stands_at: at };
        let done = VehicleCheck { completed: Some(completed), ..check.clone() };
        let advised = CarHistory::default().consequences(&done, &[], &Replaced::default()).advised.into_iter();
        let advised = advised
            .map(|new: Advised| {
                let made = Recommendation::make(
                    new_id(),
                    self.passport.vehicle.id,
                    new.advice,
                    Some(check.id),
                    (Happened { on: last.done_on, at }, at),
                );
                self.decided(made, last, &mut draws)
            })
            .collect::<Result<_, Problem>>()?;
        Ok(Some(Checked { check, completed, reading: (reading, last.km), advised }))
    }

    /// What was measured, up to two things that are wrong, and all else good.
    fn filled_in(&self, last: &SampleCheck, at: Instant, draws: &mut Draws) -> Result<VehicleCheck, Problem> {
        let template = check_template::platform().first().cloned();
        let template = template.ok_or_else(|| Problem::internal("there is no template"))?;
        let vehicle = &self.passport.vehicle;
        let mut check = VehicleCheck::start(new_id(), vehicle.id, template, vehicle.fuel, None)?;
        let good = NewFinding { result: Some(FindingResult::Good), measured: None, reason: None, note: None };
        let mut found: Vec<(Place, NewFinding)> = Vec::new();
        for finding in &last.findings {
            let measured = Some(Decimal::new(finding.tenths, 1));
            found.push((
                (finding.item.to_owned(), Some(finding.position.code().to_owned())),
                NewFinding { result: None, measured, reason: None, note: None },
            ));
        }
        for _ in 0..draws.below(3) {
            let Some((item, position, result, note)) = WRONG.get(draws.below(WRONG.len())) else { continue };
            let is_there = check.list.find(item).is_some_and(|item| item.fits(check.fuel));
            if is_there {
                let place = ((*item).to_owned(), position.map(str::to_owned));
                let finding = NewFinding { result: Some(*result), note: Some((*note).to_owned()), ..good.clone() };
                found.push((place, finding));
            }
        }
        for (place, finding) in found {
            check = check.enter(place, finding, self.mechanic, at)?;
        }
        for place in check.missing() {
            check = check.enter(place, good.clone(), self.mechanic, at)?;
        }
        Ok(check)
    }

    /// What became of a recommendation: it was done on the same day or later, or the owner agreed or declined, or it waits.
    fn decided(&self, one: Recommendation, last: &SampleCheck, draws: &mut Draws) -> Result<Recommendation, Problem> {
        let since = self.records.iter().filter(|record| record.done_on >= last.done_on);
        if let Some(record) = since.into_iter().find(|record| record.closes(&one.advice, one.advised)) {
            return Ok(one.done(record.id)?);
        }
        let decision = Decision { by: self.driver, at: one.made_at, channel: DecisionChannel::App };
        Ok(match draws.below(10) {
            0..3 => one.agree(decision)?,
            3..5 => one.decline(decision)?,
            _ => one,
        })
    }
}

/// Stores the checks, whose readings and records are stored, with what was advised.
pub(super) fn store<'c>(
    tx: &mut Tx<'_>,
    garage: GarageId,
    all: impl Iterator<Item = &'c Checked> + Clone,
) -> Result<(), Problem> {
    let drafts = all.clone().map(|one| (&one.check, one.completed.by, one.completed.at));
    store::vehicle_check::insert_all(tx, garage, drafts)?;
    for Checked { check, completed, reading, advised } in all {
        store::vehicle_check::complete(tx, check, *completed, *reading)?;
        store::recommendation::insert_all(tx, garage, Some(completed.by), advised, completed.at)?;
    }
    Ok(())
}
