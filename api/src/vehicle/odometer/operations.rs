//! What the operations on the odometer do.

use super::wire::{NewOdometerReading, Odometer, OdometerQuery, OdometerReading};
use crate::{
    car_status::operations::refresh_car,
    clock::new_id,
    command::{Reply, Work},
    garage::operations::today,
    problem::{Code, FieldProblem, Place, Problem},
    reach::{find, lock_and_find, relation, save_odometer},
    wire::ListQuery,
};
use domain::{
    Date, Instant,
    access::{Action, Actor, Standing},
    ids::{OdometerReadingId, PassportId},
    odometer::{
        CarHistory, CounterStart, Distance, DistanceUnit, NewReading, NotRecorded, OdometerLedger,
        OdometerReading as DomainReading, OdometerRefusal, ReadingSource,
    },
    passport::{Changed, Passport},
    register::RegisteredOdometer,
    registration::Registration,
};
use persistence::{self as store, Found};

/// A reading to be added by who acts.
pub struct Draft {
    /// What the odometer showed.
    pub shown: Distance,
    /// The day on which it was read; today unless given.
    pub read_on: Option<Date>,
    /// The reading it corrects.
    pub replaces: Option<OdometerReadingId>,
    /// Set when the counter began anew.
    pub start: Option<CounterStart>,
    /// Whether who acts stands by it in spite of warnings.
    pub confirm: bool,
    /// Where in the body the value stands.
    pub place: &'static str,
}

impl Draft {
    /// What the vehicle's data say that the odometer shows now.
    pub fn of_today(km: i64) -> Result<Self, Problem> {
        let place = "/odometerKm";
        let shown = distance(km, DistanceUnit::Km, place)?;
        Ok(Self { shown, read_on: None, replaces: None, start: None, confirm: false, place })
    }
}

fn distance(value: i64, unit: DistanceUnit, place: &str) -> Result<Distance, Problem> {
    let wrong = |error| Problem::invalid(vec![FieldProblem::from_value(Place::Body(place.into()), error)]);
    Distance::new(value, unit).map_err(wrong)
}

/// What the register knows of the car's past.
fn car_history(known: Option<&Registration>) -> CarHistory {
    CarHistory {
        admitted_on: known.and_then(|known| known.data.as_ref()?.admitted_on),
        foreign: known.and_then(Registration::odometer).is_some_and(RegisteredOdometer::is_foreign_history),
    }
}

/// A ledger opened to be written in: its car and readings, and the one to be added.
struct Book {
    car: CarHistory,
    readings: Vec<DomainReading>,
    new: NewReading,
    today: Date,
}

impl Book {
    /// The ledger of a passport whose garage's lock is held.
    fn open(work: &mut Work<'_, '_>, passport: &Found<Passport>, draft: &Draft) -> Result<Self, Problem> {
        passport.in_use()?;
        let today = today(work, passport.garage_id)?;
        let readings = store::odometer::ledger(work.tx, passport.passport_id())?;
        let known = store::registration::find(work.tx, passport.plate())?;
        Self::new(passport, draft, work.actor()?, today, readings, car_history(known.as_ref()))
    }

    fn new(
        passport: &Passport,
        draft: &Draft,
        actor: &Actor,
        today: Date,
        readings: Vec<DomainReading>,
        told: CarHistory,
    ) -> Result<Self, Problem> {
        let source = match actor.standing {
            Standing::Staff(..) => ReadingSource::Garage,
            Standing::Fleet(..) => ReadingSource::Fleet,
            Standing::Driver(..) => ReadingSource::Driver,
            Standing::Platform => return Err(Code::NotFound.into()),
        };
        let new = NewReading {
            id: new_id(),
            shown: draft.shown,
            read_on: draft.read_on.unwrap_or(today),
            source,
            by: Some(actor.account_id()),
            replaces: draft.replaces,
            start: draft.start,
            confirm: draft.confirm,
        };
        let car = CarHistory { admitted_on: told.admitted_on.or_else(|| passport.vehicle.admitted_from()), ..told };
        Ok(Self { car, readings, new, today })
    }

    fn ledger(&self) -> OdometerLedger<'_> {
        OdometerLedger::new(self.car, &self.readings)
    }

    /// Judges the reading; `place` is where in the body its value stands.
    fn judge(mut self, passport: Passport, place: &str, now: Instant) -> Result<(Changed, DomainReading), Problem> {
        let recorded = self.ledger().record(self.new, self.today, now);
        let reading = recorded.map_err(|refused| problem(&refused, place))?;
        self.readings.push(reading.clone());
        let latest = self.ledger().latest().map(|latest| latest.shown.km());
        Ok((passport.show_odometer(reading.id, latest), reading))
    }

    /// Adds the reading.
    fn write(
        self,
        work: &mut Work<'_, '_>,
        passport: Found<Passport>,
        place: &str,
    ) -> Result<(Changed, DomainReading), Problem> {
        let id = passport.passport_id();
        let (changed, reading) = self.judge(passport.into_inner(), place, work.now)?;
        store::odometer::insert(work.tx, id, &reading)?;
        Ok((changed, reading))
    }
}

/// The first reading of a passport that is new, judged; it and the passport that comes back are the caller's to store.
pub fn first(
    passport: Passport,
    draft: &Draft,
    actor: &Actor,
    today: Date,
    now: Instant,
) -> Result<(Changed, DomainReading), Problem> {
    Book::new(&passport, draft, actor, today, vec![], CarHistory::default())?.judge(passport, draft.place, now)
}

/// Adds a reading to the ledger of a passport whose garage's lock is held (rules OD1 to OD6 and OD11). The passport that
/// comes back shows what the ledger says last (rule OD10); it is the caller's to store. When the same account has recorded
/// the same already, nothing is added.
pub fn add(
    work: &mut Work<'_, '_>,
    passport: Found<Passport>,
    draft: &Draft,
) -> Result<(Changed, DomainReading), Problem> {
    let book = Book::open(work, &passport, draft)?;
    if let Some(known) = book.ledger().same(&book.new).cloned() {
        let changed = Changed::nothing(passport.into_inner());
        return Ok((changed, known));
    }
    book.write(work, passport, draft.place)
}

/// The refusal, with the warnings at the value and an unknown reading at its id.
fn problem(refused: &NotRecorded, place: &str) -> Problem {
    let at = |pointer: &str, code| FieldProblem::new(Place::Body(pointer.into()), code);
    let mut fields: Vec<_> = refused.warnings.iter().map(|warning| at(place, warning.code())).collect();
    if refused.refusal == OdometerRefusal::ReplacesUnknown {
        fields.push(at("/replacesId", "not_found"));
    }
    Problem::from(refused.refusal).with_fields(fields)
}

/// Adds a reading (rules OD1 to OD6, OD10, OD11).
pub fn record(work: &mut Work<'_, '_>, id: PassportId, body: &NewOdometerReading) -> Result<Reply, Problem> {
    let (passport, stamps) = lock_and_find(work, id, Action::OdometerRecord)?;
    if body.confirm == Some(true) {
        let relation = relation(work.actor()?, &passport);
        work.require(Action::OdometerConfirm, relation)?;
    }
    let unit = body.unit.map_or(DistanceUnit::Km, |unit| unit.0);
    let draft = Draft {
        shown: distance(body.value.0, unit, "/value")?,
        read_on: body.read_on.map(|day| day.0),
        replaces: body.replaces_id.map(|id| id.0.into()),
        start: body.counter_start.map(|start| start.0),
        confirm: body.confirm == Some(true),
        place: "/value",
    };
    let before = passport.vehicle.odometer_km;
    let book = Book::open(work, &passport, &draft)?;
    if let Some(known) = book.ledger().same(&book.new).cloned() {
        // Said already: there is nothing to add, and it is no mistake.
        return Reply::ok(&shown(work, known)?);
    }
    let (changed, reading) = book.write(work, passport, draft.place)?;
    save_odometer(work, &changed, before, stamps)?;
    refresh_car(work.tx, id)?;
    let location = format!("/v1/passports/{id}/odometer/readings/{}", reading.id);
    Reply::created(&shown(work, reading)?, location)
}

/// A reading as the actor sees it.
fn shown(work: &mut Work<'_, '_>, reading: DomainReading) -> Result<OdometerReading, Problem> {
    let name = match reading.by {
        Some(by) => store::account::find(work.tx, by)?.map(|(account, _)| account.name),
        None => None,
    };
    Ok(OdometerReading::new((reading, name), work.actor()?))
}

/// One reading (rule T9).
pub fn get_reading(work: &mut Work<'_, '_>, id: PassportId, reading: OdometerReadingId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::OdometerRead)?;
    let view = store::odometer::find(work.tx, passport.passport_id(), reading)?.ok_or(Code::NotFound)?;
    Reply::ok(&OdometerReading::new(view, work.actor()?))
}

/// The readings (rules OD1 and T9).
pub fn list(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::OdometerRead)?;
    let page = store::odometer::list(work.tx, passport.passport_id(), &query.request()?)?;
    let actor = work.actor()?;
    Reply::page(query, page, |view| OdometerReading::new(view, actor))
}

/// What the ledger tells (rules OD7 to OD9).
pub fn get(work: &mut Work<'_, '_>, id: PassportId, query: &OdometerQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::OdometerRead)?;
    let on = match query.on {
        Some(on) => on.0,
        None => today(work, passport.garage_id)?,
    };
    let readings = store::odometer::ledger(work.tx, passport.passport_id())?;
    // The year of first admission alone is too little to count as a reading of 0 km on a day (rule OD8).
    let known = store::registration::find(work.tx, passport.plate())?;
    let ledger = OdometerLedger::new(car_history(known.as_ref()), &readings);
    Reply::ok(&Odometer::new(&ledger, known.as_ref().and_then(Registration::odometer), on))
}
