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
    known.map(Registration::car_history).unwrap_or_default()
}

/// A ledger opened to be written in: its car and readings, and the one to be added.
struct Book<'r> {
    car: CarHistory,
    readings: &'r mut Vec<DomainReading>,
    new: NewReading,
    today: Date,
}

impl<'r> Book<'r> {
    fn new(
        passport: &Passport,
        draft: &Draft,
        actor: &Actor,
        today: Date,
        readings: &'r mut Vec<DomainReading>,
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
        OdometerLedger::new(self.car, self.readings)
    }

    /// Judges the reading; `place` is where in the body its value stands.
    fn judge(self, passport: Passport, place: &str, now: Instant) -> Result<(Changed, DomainReading), Problem> {
        let recorded = self.ledger().record(self.new, self.today, now);
        let reading = recorded.map_err(|refused| problem(&refused, place))?;
        self.readings.push(reading.clone());
        let latest = self.ledger().latest().map(|latest| latest.shown.km());
        Ok((passport.show_odometer(reading.id, latest), reading))
    }
}

/// The first reading of a passport that is new, judged by the readings of its vehicle, of which there are some when the car comes
/// back (rule P8); it and the passport that comes back are the caller's to store.
pub fn first(
    passport: Passport,
    readings: &mut Vec<DomainReading>,
    draft: &Draft,
    actor: &Actor,
    today: Date,
    now: Instant,
) -> Result<(Changed, DomainReading), Problem> {
    Book::new(&passport, draft, actor, today, readings, CarHistory::default())?.judge(passport, draft.place, now)
}

/// What the latest reading that counts says, of all readings of a car; none without one.
pub fn latest_km(readings: &[DomainReading]) -> Option<i64> {
    OdometerLedger::new(CarHistory::default(), readings).latest().map(|latest| latest.shown.km())
}

/// Whether the first reading of a passport that is not stored yet may be added to the readings of its vehicle, of which there are some
/// when the car comes back (rule P8). `known` is what the register told of its plate.
pub fn check_first(
    work: &mut Work<'_, '_>,
    passport: &Passport,
    readings: &mut Vec<DomainReading>,
    draft: &Draft,
    known: Option<&Registration>,
) -> Result<(), Problem> {
    let today = today(work, passport.garage_id)?;
    let (actor, now) = (work.actor()?.clone(), work.now);
    add_to(readings, passport.clone(), draft, known, (&actor, today, now)).map(drop)
}

/// What came of a reading.
pub struct Added {
    /// The passport, which shows what the ledger says last (rule OD10), and what happened.
    pub changed: Changed,
    /// The reading; the earlier one, when the same account had recorded the same already.
    pub reading: DomainReading,
    /// Whether it is to be stored.
    pub is_new: bool,
}

/// Adds a reading to the readings of a passport (rules OD1 to OD6 and OD11). When the same account has recorded the same
/// already, nothing is added. To store it is the caller's, as is the passport that comes back.
pub fn add_to(
    readings: &mut Vec<DomainReading>,
    passport: Passport,
    draft: &Draft,
    known: Option<&Registration>,
    (actor, today, now): (&Actor, Date, Instant),
) -> Result<Added, Problem> {
    passport.in_use()?;
    let book = Book::new(&passport, draft, actor, today, readings, car_history(known))?;
    if let Some(reading) = book.ledger().same(&book.new).cloned() {
        return Ok(Added { changed: Changed::nothing(passport), reading, is_new: false });
    }
    let (changed, reading) = book.judge(passport, draft.place, now)?;
    Ok(Added { changed, reading, is_new: true })
}

/// Adds a reading to the ledger of a passport's vehicle, whose garage's lock is held (rules OD1 to OD6, OD11 and P8). The passport that
/// comes back shows what the ledger says last (rule OD10); it is the caller's to store. When the same account has recorded
/// the same already, nothing is added.
pub fn add(
    work: &mut Work<'_, '_>,
    passport: Found<Passport>,
    draft: &Draft,
) -> Result<(Changed, DomainReading), Problem> {
    let added = write(work, passport, draft)?;
    Ok((added.changed, added.reading))
}

/// Adds a reading that came with something else, in the place of the one that came with what that corrects, if that is not
/// corrected already. What was right before is kept.
pub fn add_in_place_of(
    work: &mut Work<'_, '_>,
    passport: Found<Passport>,
    mut draft: Draft,
    former: Option<OdometerReadingId>,
) -> Result<(Changed, OdometerReadingId), Problem> {
    if let Some(former) = former {
        let ledger = store::odometer::ledger(work.tx, passport.vehicle_id())?;
        let is_replaced = ledger.iter().any(|reading| reading.replaces == Some(former));
        let known = ledger.iter().find(|reading| reading.id == former && !is_replaced);
        if known.is_some_and(|known| known.shown.km() == draft.shown.km() && Some(known.read_on) == draft.read_on) {
            return Ok((Changed::nothing(passport.into_inner()), former));
        }
        draft.replaces = known.map(|known| known.id);
    }
    let (changed, reading) = add(work, passport, &draft)?;
    Ok((changed, reading.id))
}

fn write(work: &mut Work<'_, '_>, passport: Found<Passport>, draft: &Draft) -> Result<Added, Problem> {
    passport.in_use()?;
    let (car, today) = (passport.car(), today(work, passport.garage_id)?);
    let mut readings = store::odometer::ledger(work.tx, passport.vehicle_id())?;
    let known = store::registration::find(work.tx, passport.plate())?;
    let (actor, now) = (work.actor()?.clone(), work.now);
    let added = add_to(&mut readings, passport.into_inner(), draft, known.as_ref(), (&actor, today, now))?;
    if added.is_new {
        store::odometer::insert(work.tx, car, &added.reading)?;
    }
    Ok(added)
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
    let Added { changed, reading, is_new } = write(work, passport, &draft)?;
    if !is_new {
        // Said already: there is nothing to add, and it is no mistake.
        return Reply::ok(&shown(work, reading, &changed.passport)?);
    }
    save_odometer(work, &changed, before, stamps)?;
    refresh_car(work.tx, id, work.now)?;
    let location = format!("/v1/passports/{id}/odometer/readings/{}", reading.id);
    Reply::created(&shown(work, reading, &changed.passport)?, location)
}

/// A reading as the actor sees it.
fn shown(work: &mut Work<'_, '_>, reading: DomainReading, passport: &Passport) -> Result<OdometerReading, Problem> {
    let name = match reading.by {
        Some(by) => store::account::find(work.tx, by)?.map(|(account, _)| account.name),
        None => None,
    };
    Ok(OdometerReading::new((reading, name), work.actor()?, passport))
}

/// One reading (rule T9).
pub fn get_reading(work: &mut Work<'_, '_>, id: PassportId, reading: OdometerReadingId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::OdometerRead)?;
    let view = store::odometer::find(work.tx, passport.vehicle_id(), reading)?.ok_or(Code::NotFound)?;
    Reply::ok(&OdometerReading::new(view, work.actor()?, &passport))
}

/// The readings (rules OD1, P8 and T9).
pub fn list(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::OdometerRead)?;
    let page = store::odometer::list(work.tx, passport.vehicle_id(), &query.request()?)?;
    let actor = work.actor()?;
    Reply::page(query, page, |view| OdometerReading::new(view, actor, &passport))
}

/// What the ledger tells (rules OD7 to OD9, OD12 and P8).
pub fn get(work: &mut Work<'_, '_>, id: PassportId, query: &OdometerQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::OdometerRead)?;
    let on = match query.on {
        Some(on) => on.0,
        None => today(work, passport.garage_id)?,
    };
    let readings = store::odometer::ledger(work.tx, passport.vehicle_id())?;
    // The year of first admission alone is too little to count as a reading of 0 km on a day (rule OD8).
    let known = store::registration::find(work.tx, passport.plate())?;
    let elsewhere = store::odometer::ledger_before(work.tx, passport.vehicle_id())?;
    let all: Vec<DomainReading> = elsewhere.iter().chain(&readings).cloned().collect();
    let car = car_history(known.as_ref());
    let (ledger, judged) = (OdometerLedger::new(car, &readings), OdometerLedger::new(car, &all));
    let judged = (&judged, !elsewhere.is_empty());
    let registered = known.as_ref().and_then(Registration::odometer);
    Reply::ok(&Odometer::new(&ledger, judged, registered, on, work.context.language))
}
