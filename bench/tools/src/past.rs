//! What was done to the cars before they came: the product's own sample history, of each car some twenty lines of five
//! years, as the store keeps it. The standing of a car is judged from it as the server judges it.

use crate::world::{Car, World, text, wrong};
use api::clock::local_date;
use domain::{
    Date, Instant,
    car_history::{CarHistory, Replaced},
    car_status::Standing,
    check_template::{self, FindingResult, Measure},
    expected_maintenance::{CarRecords, KnownCar, Measured, OpenAdvice, TaskDone, gather},
    ids::{AccountId, GarageId, OdometerReadingId, VehicleCheckId},
    maintenance_schedule::{MaintenanceSchedule, ScheduledCar, choose, platform},
    odometer::{Distance, DistanceUnit, OdometerReading, ReadingSource},
    passport::Vehicle,
    recommendation::{Advice, Happened, Recommendation, Urgency},
    sample_history::{SampleCar, SampleCheck, SampleHistory, SampleLine, SampleNetwork, SamplePlan, SampleRecord},
    service_record::{LineAmount, Quantity, RecordOrigin, RecordOwner, ServiceLine, ServiceRecord, VatRate},
    service_task::TaskKey,
    value::{Country, Currency},
    vehicle_check::{Completed, NewFinding, VehicleCheck},
};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many lines of a car are stored at the most: of each task the latest, and then the latest of the rest. Young cars have
/// fewer, so that it is twenty on average.
const LINES: usize = 22;
const YEARS: i16 = 5;
/// Another seed gives other histories.
const SEED: u64 = 2_026;
/// One car in so many had its last checks with the product, and so many of them.
const CHECKED_EACH: usize = 10;
const CHECKS: usize = 2;
/// One car in so many has a recommendation that no check made, for this.
const ADVISED_EACH: usize = 7;
const ADVISED: &str = "air_conditioning";
/// Of a car, at the most: visits, and recommendations.
const VISITS_OF_CAR: usize = 100;
const RECOMMENDATIONS_OF_CAR: usize = 100;

/// The network that all histories are of.
pub(crate) fn network(garages: usize, now: Instant) -> SampleNetwork {
    let until = now.to_zoned(TimeZone::UTC).date();
    // Each car is asked for by its number, so it need not be known how many there are.
    SampleNetwork::new(SamplePlan { seed: SEED, garages, cars: 0, years: YEARS, until })
}

/// A completed check.
pub(crate) struct PastCheck {
    pub(crate) check: VehicleCheck,
    pub(crate) completed: Completed,
    pub(crate) reading: (OdometerReadingId, i64),
}

/// What is on record of a car.
#[derive(Default)]
pub(crate) struct Past {
    pub(crate) readings: Vec<persistence::odometer::NewReading>,
    pub(crate) records: Vec<ServiceRecord>,
    pub(crate) checks: Vec<PastCheck>,
    pub(crate) recommendations: Vec<Recommendation>,
    pub(crate) standing: Standing,
}

/// Judges cars, and remembers which schedules decide about those that are alike: make and model decide about nothing, since
/// the platform's schedules name none, and nobody else has any here.
#[derive(Default)]
pub(crate) struct Judge(HashMap<ScheduledCar, BTreeMap<TaskKey, &'static MaintenanceSchedule>>);

impl Judge {
    fn standing(
        &mut self,
        car: &Car,
        known_since: Date,
        readings: &[OdometerReading],
        records: &CarRecords,
    ) -> Standing {
        let vehicle = &car.passport.vehicle;
        let alike = Vehicle { make: None, model: None, ..vehicle.clone() };
        let alike = ScheduledCar::of(&alike, None, Some(&car.customer.driving));
        let chosen = self.0.entry(alike).or_insert_with_key(|car| choose(platform(), car));
        Standing::of(&gather(&KnownCar {
            vehicle,
            known_since,
            registration: None,
            lift: None,
            readings,
            readings_before: &[],
            records,
            chosen,
        }))
    }
}

impl Past {
    /// What happened to the car with a number, which was brought in at an instant; its passport then shows the latest
    /// reading. The passport is of a new car before.
    pub(crate) fn of(
        world: &World,
        judge: &mut Judge,
        (number, car): (usize, &mut Car),
        made_at: Instant,
    ) -> Result<Self, String> {
        let sample = world.sample(number)?;
        let history = thinned(number, world.network.history(&sample));
        let mut making = Making { world, number, sample, car, past: Self::default(), known: CarRecords::default() };
        making.add_all(&history)?;
        let Making { mut past, known, car, .. } = making;
        let readings: Vec<OdometerReading> = past.readings.iter().map(|(_, reading)| reading.clone()).collect();
        if let Some(last) = readings.last() {
            car.passport.vehicle.odometer_km = Some(last.shown.km());
        }
        past.standing = judge.standing(car, local_date(made_at, TIME_ZONE), &readings, &known);
        Ok(past)
    }
}

/// Of all garages.
pub(crate) const TIME_ZONE: &str = "Europe/Amsterdam";

/// The part of the history of a car that is stored.
fn thinned(number: usize, history: SampleHistory) -> SampleHistory {
    let SampleHistory { mut records, checks } = history;
    // Each line, the latest first, with whether its task was done again later.
    let mut later: HashSet<TaskKey> = HashSet::new();
    let mut lines: Vec<(bool, Date, SampleLine)> = vec![];
    for record in records.iter().rev() {
        lines.extend(record.lines.iter().map(|line| (later.contains(&line.task), record.done_on, *line)));
        later.extend(record.lines.iter().map(|line| line.task));
    }
    // It keeps that order within each of the two.
    lines.sort_by_key(|(is_repeated, ..)| *is_repeated);
    lines.truncate(LINES);
    for record in &mut records {
        let is_kept = |line: &SampleLine| lines.iter().any(|(_, day, kept)| (day, kept) == (&record.done_on, line));
        record.lines.retain(is_kept);
    }
    records.retain(|record| !record.lines.is_empty());
    let is_stored = |check: &SampleCheck| records.iter().any(|record| record.done_on == check.done_on);
    let mut checks: Vec<SampleCheck> = checks.into_iter().filter(is_stored).collect();
    let former = if number.is_multiple_of(CHECKED_EACH) { checks.len().saturating_sub(CHECKS) } else { checks.len() };
    let checks = checks.split_off(former);
    SampleHistory { records, checks }
}

/// Which of the domain's rules a made-up past would break.
fn refused(refusal: impl std::fmt::Debug) -> String {
    format!("{refusal:?}")
}

/// Noon of a day.
fn noon(day: Date) -> Result<Instant, String> {
    Ok(day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).map_err(text)?.timestamp())
}

/// The making of what is on record of a car.
struct Making<'w, 'c> {
    world: &'w World,
    number: usize,
    sample: SampleCar,
    car: &'c mut Car,
    past: Past,
    /// What the car is judged by.
    known: CarRecords,
}

impl Making<'_, '_> {
    fn add_all(&mut self, history: &SampleHistory) -> Result<(), String> {
        for (index, record) in history.records.iter().enumerate() {
            let reading = self.read_odometer(index, record)?;
            if let Some(check) = history.checks.iter().find(|check| check.done_on == record.done_on) {
                self.check(index, check, reading)?;
            }
            self.record(index, record, reading)?;
        }
        if self.number.is_multiple_of(ADVISED_EACH) {
            let text = "De airconditioning koelt niet meer goed.".to_owned();
            let task = TaskKey::find(ADVISED);
            let advice =
                Advice { task, position: None, urgency: Urgency::Attention, text, found: vec![], expected_on: None };
            let made_on = history.records.last().map_or(self.sample.admitted_on, |record| record.done_on);
            self.recommend(advice, None, (made_on, noon(made_on)?))?;
        }
        self.known.advices = self.past.recommendations.iter().filter(|one| one.is_open()).map(open_advice).collect();
        Ok(())
    }

    fn garage(&self) -> Result<(usize, GarageId), String> {
        let garage = self.number / self.world.data.block % self.world.shape.garages;
        Ok((garage, self.world.data.garage_id(garage)?))
    }

    /// Who writes down what a visit was: the garage's admin, or the driver of work that was done elsewhere.
    fn writer(&self, record: &SampleRecord) -> Result<AccountId, String> {
        if record.is_elsewhere { Ok(self.car.driver.id) } else { self.world.admin_id(self.garage()?.0) }
    }

    fn read_odometer(&mut self, index: usize, record: &SampleRecord) -> Result<OdometerReadingId, String> {
        let number = self.number * VISITS_OF_CAR + index;
        let id = self.world.data.id(&self.world.data.id_kinds.reading, number)?;
        let reading = OdometerReading {
            id,
            shown: Distance::new(record.km, DistanceUnit::Km).map_err(wrong)?,
            read_on: record.done_on,
            recorded_at: noon(record.done_on)?,
            source: if record.is_elsewhere { ReadingSource::Driver } else { ReadingSource::Garage },
            by: Some(self.writer(record)?),
            replaces: None,
            start: None,
            confirmed: false,
        };
        let car = (self.car.passport.id, self.car.passport.vehicle.id);
        self.past.readings.push((car, reading));
        Ok(id)
    }

    fn record(&mut self, index: usize, of: &SampleRecord, reading: OdometerReadingId) -> Result<(), String> {
        let number = self.number * VISITS_OF_CAR + index;
        let vat_rate = VatRate::standard(Country::NL, of.done_on).ok_or("there is no rate of VAT")?;
        let lines = of.lines.iter().map(|line| ServiceLine {
            task: Some(line.task),
            position: None,
            text: None,
            kind: line.kind,
            quantity: Quantity::ONE,
            amount: (!of.is_elsewhere).then_some(LineAmount { net_cents: line.net_cents, vat_rate }),
        });
        let record = ServiceRecord {
            id: self.world.data.id(&self.world.data.id_kinds.record, number)?,
            vehicle_id: self.car.passport.vehicle.id,
            garage_id: self.garage()?.1,
            origin: if of.is_elsewhere { RecordOrigin::Declared } else { RecordOrigin::Garage },
            done_on: of.done_on,
            reading: Some(reading),
            odometer_km: Some(of.km),
            mechanic: None,
            place: of.is_elsewhere.then(|| "Elders".to_owned()),
            lines: lines.collect(),
            currency: Currency::EUR,
            invoice_number: (!of.is_elsewhere).then(|| format!("{}-{number:08}", of.done_on.year())),
            note: None,
            owner: RecordOwner::of(self.car.passport.hands.owner()),
            replaces: None,
            recorded_at: noon(of.done_on)?,
            stands_at: noon(of.done_on)?,
            by: Some(self.writer(of)?),
        };
        let done = |task| TaskDone { task, on: of.done_on, km: Some(of.km) };
        let tasks = of.lines.chunk_by(|one, other| one.task == other.task).filter_map(|lines| lines.first());
        self.known.done.extend(tasks.map(|line| done(line.task)));
        for one in &mut self.past.recommendations {
            if one.is_open() && record.closes(&one.advice, one.advised) {
                *one = next(one.clone().done(record.id).map_err(refused)?);
            }
        }
        self.past.records.push(record);
        Ok(())
    }

    /// A check in which all was found good but for what wears, and what follows from it.
    fn check(&mut self, index: usize, of: &SampleCheck, reading: OdometerReadingId) -> Result<(), String> {
        let (world, at) = (self.world, noon(of.done_on)?);
        let id = world.data.id(&world.data.id_kinds.check, self.number * VISITS_OF_CAR + index)?;
        let list = check_template::platform().first().cloned().ok_or("there is no check template")?;
        let by = world.admin_id(self.garage()?.0)?;
        let vehicle = &self.car.passport.vehicle;
        let mut check = VehicleCheck::start(id, vehicle.id, list, vehicle.fuel, None).map_err(refused)?;
        let good = NewFinding { result: Some(FindingResult::Good), measured: None, reason: None, note: None };
        for place in check.missing() {
            check = check.enter(place, good.clone(), by, at).map_err(refused)?;
        }
        for found in &of.findings {
            let place = (found.item.to_owned(), Some(found.position.code().to_owned()));
            let value = Measure::value(&format!("{}.{}", found.tenths / 10, found.tenths % 10)).map_err(wrong)?;
            let finding = NewFinding { result: None, measured: Some(value), ..good.clone() };
            check = check.enter(place.clone(), finding, by, at).map_err(refused)?;
            self.known.measured.push((place, Measured { on: of.done_on, km: of.km, value }));
        }
        let completed = Completed { by, at, on: of.done_on, stands_at: at };
        let done = check.clone().complete(completed, None, of.done_on).map_err(refused)?;
        let open: Vec<_> = self.past.recommendations.iter().filter(|one| one.is_open()).cloned().collect();
        let consequences = CarHistory::default().consequences(&done, &open, &Replaced::default());
        for changed in consequences.ended {
            for one in self.past.recommendations.iter_mut().filter(|one| one.id == changed.id) {
                *one = next(changed.clone());
            }
        }
        for new in consequences.advised {
            self.recommend(new.advice, Some(id), (of.done_on, at))?;
        }
        self.known.list = Some(check.list.clone());
        self.past.checks.push(PastCheck { check, completed, reading: (reading, of.km) });
        Ok(())
    }

    fn recommend(
        &mut self,
        advice: Advice,
        check: Option<VehicleCheckId>,
        (on, at): (Date, Instant),
    ) -> Result<(), String> {
        let number = self.number * RECOMMENDATIONS_OF_CAR + self.past.recommendations.len();
        let id = self.world.data.id(&self.world.data.id_kinds.recommendation, number)?;
        let vehicle_id = self.car.passport.vehicle.id;
        self.past.recommendations.push(Recommendation::make(id, vehicle_id, advice, check, (Happened { on, at }, at)));
        Ok(())
    }
}

/// As the store leaves it after a change.
fn next(one: Recommendation) -> Recommendation {
    Recommendation { version: one.version + 1, ..one }
}

fn open_advice(one: &Recommendation) -> OpenAdvice {
    OpenAdvice { id: one.id, advice: one.advice.clone(), advised_on: one.advised.on }
}
