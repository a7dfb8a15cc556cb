//! What an import of service records does: each line is decided as a record that is added by itself, and all are stored
//! together.

use super::wire::RecordOfPlate;
use crate::{
    car_status::operations::judge_all,
    clock::local_date,
    command::Work,
    json_lines::Line,
    line_import::Tally,
    odometer::operations::{Added, add_to},
    problem::{Code, Problem},
    service_record::operations::{check_invoice, close, owner_on, problem, recorded_car, shown_then, written},
};
use domain::{
    Date, Instant,
    access::{Action, Actor},
    custody::Holder,
    event::{Fact, Stream},
    garage::Garage,
    ids::{GarageId, RecommendationId, ServiceRecordId, VehicleId},
    licence_plate::LicencePlate,
    odometer::OdometerReading,
    passport::PassportRefusal,
    recommendation::Recommendation,
    service_record::{RecordOrigin, ServiceRecord, Totals},
};
use persistence::{
    self as store, Cars,
    car_status::{CarView, JudgedCar},
};
use std::collections::{HashMap, HashSet};

/// Whether who acts may import; the garage they do it for.
pub(super) fn may_import(work: &mut Work<'_, '_>) -> Result<GarageId, Problem> {
    work.require_staff(Action::ServiceRecordAdd)?;
    work.require_staff(Action::OdometerConfirm)?;
    work.require_staff(Action::ServiceRecordImport)
}

/// Stores what the lines say, in one transaction (rules SR1, SR3, SR5 to SR7, MS4, OD1 to OD6, OD10, OD11, ST2).
pub(super) fn import(work: &mut Work<'_, '_>, lines: &[Line<RecordOfPlate>]) -> Result<Tally, Problem> {
    let garage = may_import(work)?;
    work.lock(garage)?;
    let (garage, _) = store::garage::find(work.tx, garage)?.ok_or(Code::NotFound)?;
    let mut import = Import {
        actor: work.actor()?.clone(),
        now: work.now,
        today: local_date(work.now, &garage.time_zone),
        known: Known::load(work, garage.id, lines)?,
        garage,
        made: Made::default(),
    };
    let mut tally = Tally::default();
    for line in lines {
        let outcome = line.content.as_ref().map_err(Problem::clone).and_then(|new| import.line(new));
        tally.count(line.number, outcome);
    }
    import.save(work)?;
    Ok(tally)
}

/// A car to which lines refer, as the lines before them left it.
struct Car {
    view: CarView,
    readings: Vec<OdometerReading>,
    owners: Vec<(Instant, Holder)>,
    open: Vec<Recommendation>,
    /// What its passport showed of the odometer before the first line.
    showed: Option<i64>,
    /// Whether a line added something to it.
    is_changed: bool,
}

/// What the garage has of what the lines refer to: a look at each table for all of them.
struct Known {
    cars: HashMap<LicencePlate, Car>,
    /// Plates of cars whose passports the garage archived.
    archived: HashSet<LicencePlate>,
    /// What was done to the cars on the days of the lines.
    records: HashMap<(VehicleId, Date), Vec<ServiceRecord>>,
    /// The records that have the numbers of the lines' invoices (rule SR6).
    invoices: HashMap<String, ServiceRecordId>,
}

impl Known {
    fn load(work: &mut Work<'_, '_>, garage: GarageId, lines: &[Line<RecordOfPlate>]) -> Result<Self, Problem> {
        let news = || lines.iter().filter_map(|line| line.content.as_ref().ok());
        let plates: HashSet<&LicencePlate> = news().map(|new| &new.plate).collect();
        let plates: Vec<LicencePlate> = plates.into_iter().cloned().collect();
        let views = store::car_status::of_plates(work.tx, garage, &plates)?;
        let cars = Cars::of(views.iter().map(|view| &view.passport));
        let days: HashSet<Date> = news().map(|new| new.done_on).collect();
        let days: Vec<Date> = days.into_iter().collect();
        let numbers = news().filter_map(|new| new.record.invoice_number.as_ref());
        let numbers: HashSet<&str> = numbers.map(|number| number.0.as_str()).collect();
        let numbers: Vec<&str> = numbers.into_iter().collect();
        let mut readings = store::odometer::ledgers(work.tx, &cars)?;
        let mut owners = store::custody::owners_of_all(work.tx, &cars)?;
        let mut open = store::recommendation::open_of_all(work.tx, &cars)?;
        let car = |view: CarView| {
            let (passport, vehicle) = (view.passport.id, view.passport.vehicle.id);
            let car = Car {
                readings: readings.remove(&vehicle).unwrap_or_default(),
                owners: owners.remove(&passport).unwrap_or_default(),
                open: open.remove(&vehicle).unwrap_or_default(),
                showed: view.passport.vehicle.odometer_km,
                is_changed: false,
                view,
            };
            (car.view.passport.vehicle.plate.clone(), car)
        };
        let mut known = Self {
            cars: views.into_iter().map(car).collect(),
            archived: HashSet::new(),
            records: HashMap::new(),
            invoices: store::service_record::find_by_invoices(work.tx, garage, &numbers)?,
        };
        for record in store::service_record::of_days(work.tx, garage, &cars, &days)? {
            known.remember(record);
        }
        let missing: Vec<LicencePlate> = plates.into_iter().filter(|plate| !known.cars.contains_key(plate)).collect();
        if !missing.is_empty() {
            known.archived = store::plates::archived(work.tx, garage, &missing)?;
        }
        Ok(known)
    }

    fn remember(&mut self, record: ServiceRecord) {
        self.records.entry((record.vehicle_id, record.done_on)).or_default().push(record);
    }
}

/// What the lines have made so far.
#[derive(Default)]
struct Made {
    readings: Vec<store::odometer::NewReading>,
    records: Vec<ServiceRecord>,
    done: Vec<(RecommendationId, ServiceRecordId)>,
    facts: Vec<Fact>,
}

/// An import under way.
struct Import {
    garage: Garage,
    actor: Actor,
    now: Instant,
    today: Date,
    known: Known,
    made: Made,
}

impl Import {
    /// Makes what a line says; false when a record of the garage says the same. Nothing is kept of a line that is refused.
    fn line(&mut self, new: &RecordOfPlate) -> Result<bool, Problem> {
        let Some(car) = self.known.cars.get_mut(&new.plate) else {
            let is_archived = self.known.archived.contains(&new.plate);
            let unknown = || Problem::body("/licencePlate", "not_found");
            return Err(if is_archived { PassportRefusal::Archived.into() } else { unknown() });
        };
        let (body, passport) = (&new.record, &car.view.passport);
        let owner = owner_on(new.done_on, self.today, &self.garage, &car.owners);
        let done = (RecordOrigin::Garage, new.done_on, owner);
        let mut record = written(body, passport, &self.garage, done, (self.actor.account_id(), self.now));
        let of_day = self.known.records.get(&(record.vehicle_id, record.done_on));
        if of_day.into_iter().flatten().any(|known| known.says_same(&record)) {
            return Ok(false);
        }
        let registration = car.view.registration.as_ref();
        let recorded = recorded_car(&passport.vehicle, registration.and_then(|known| known.data.as_ref()));
        let stated = body.totals.clone().map(Totals::from);
        record
            .check(&recorded, stated.as_ref(), None, self.today)
            .map_err(|refusal| problem(refusal, &record, &recorded, stated.as_ref()))?;
        check_invoice(&record, record.own_invoice().and_then(|number| self.known.invoices.get(number)).copied())?;
        if let Some(km) = record.odometer_km {
            let draft = shown_then(km, record.done_on, body.confirm == Some(true))?;
            let when = (&self.actor, self.today, self.now);
            let now_shown = passport.clone().into_inner();
            let Added { changed, reading, is_new } = add_to(&mut car.readings, now_shown, &draft, registration, when)?;
            record.reading = Some(reading.id);
            if is_new {
                self.made.readings.push(((passport.id, passport.vehicle.id), reading));
            }
            self.made.facts.extend(changed.facts);
            car.view.passport = passport.passport_id().with(changed.passport);
        }
        let passport_id = car.view.passport.id;
        self.made.facts.push(Fact::ServiceRecorded { passport_id, record_id: record.id });
        let (ended, facts) = close(&mut car.open, passport_id, &record)?;
        self.made.done.extend(ended.iter().map(|one| (one.id, record.id)));
        self.made.facts.extend(facts);
        if let Some(number) = record.own_invoice() {
            self.known.invoices.insert(number.to_owned(), record.id);
        }
        car.is_changed = true;
        self.made.records.push(record.clone());
        self.known.remember(record);
        Ok(true)
    }

    fn save(self, work: &mut Work<'_, '_>) -> Result<(), Problem> {
        let changed: Vec<&Car> = self.known.cars.values().filter(|car| car.is_changed).collect();
        if changed.is_empty() {
            return Ok(());
        }
        store::odometer::insert_all(work.tx, &self.made.readings)?;
        store::service_record::insert_all(work.tx, &self.made.records)?;
        store::recommendation::done_all(work.tx, &self.made.done, self.now)?;
        let views: Vec<&CarView> = changed.iter().map(|car| &car.view).collect();
        let standings = judge_all(work.tx, self.garage.id, &views)?;
        let judged = changed.iter().zip(&standings).map(|(car, standing)| JudgedCar {
            passport: &car.view.passport,
            showed: car.showed,
            standing,
        });
        let is_news = |judged: &JudgedCar<'_>, kept: &CarView| {
            judged.passport.vehicle.odometer_km != judged.showed || !kept.standing.says(judged.standing)
        };
        let news = judged.zip(&views).filter(|(judged, kept)| is_news(judged, kept)).map(|(judged, _)| judged);
        store::car_status::save_all(work.tx, &news.collect::<Vec<_>>(), self.now)?;
        work.record(Stream::Garage(self.garage.id), self.made.facts)
    }
}
