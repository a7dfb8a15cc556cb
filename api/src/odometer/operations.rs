//! What the operations on the odometer do.

use super::wire::{NewOdometerReading, Odometer, OdometerQuery, OdometerReading};
use crate::{
    clock::{local_date, new_id},
    command::{Reply, Work},
    passports::operations::{lock_and_find, relation, save},
    problem::{Code, FieldProblem, Place, Problem},
    wire::ListQuery,
};
use domain::{
    Date, Instant,
    access::{Action, Actor, Standing},
    event::Stream,
    ids::{GarageId, OdometerReadingId, PassportId},
    odometer::{
        CarHistory, CounterStart, Distance, DistanceUnit, NewReading, NotRecorded, OdometerLedger,
        OdometerReading as DomainReading, OdometerRefusal, ReadingSource,
    },
    passport::{Changed, Passport},
};
use persistence::{garages, odometer, passports};

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

/// The day it is at the garage.
fn today(work: &mut Work<'_, '_>, garage: GarageId) -> Result<Date, Problem> {
    let (garage, _) = garages::find(work.tx, garage)?.ok_or_else(|| Problem::internal("a passport has no garage"))?;
    Ok(local_date(work.now, &garage.time_zone))
}

/// Adds a reading to the ledger of a passport whose garage's lock is held (rules O1 to O6). The passport that comes
/// back shows what the ledger says last (rule O10); it is the caller's to store.
pub fn add(work: &mut Work<'_, '_>, passport: Passport, draft: &Draft) -> Result<(Changed, DomainReading), Problem> {
    passport.in_use()?;
    let today = today(work, passport.garage_id)?;
    let actor = work.actor()?.clone();
    let readings = odometer::ledger(work.tx, passport.id)?;
    let (changed, reading) = judge(passport, &readings, draft, &actor, today, work.now)?;
    odometer::insert(work.tx, changed.passport.id, &reading)?;
    Ok((changed, reading))
}

/// Judges a reading beside those that the ledger of a passport has.
pub fn judge(
    passport: Passport,
    readings: &[DomainReading],
    draft: &Draft,
    actor: &Actor,
    today: Date,
    now: Instant,
) -> Result<(Changed, DomainReading), Problem> {
    let source = match actor.standing {
        Standing::Staff(..) => ReadingSource::Garage,
        Standing::Fleet(_) => ReadingSource::Fleet,
        Standing::Driver => ReadingSource::Driver,
        Standing::Platform => return Err(Code::NotFound.into()),
    };
    let new = NewReading {
        id: new_id(),
        shown: draft.shown,
        read_on: draft.read_on.unwrap_or(today),
        source,
        by: Some(actor.account_id),
        replaces: draft.replaces,
        start: draft.start,
        confirm: draft.confirm,
    };
    let car = CarHistory { admitted_on: passport.vehicle.admitted_from(), foreign: false };
    let recorded = OdometerLedger::new(car, readings).record(new, today, now);
    let reading = recorded.map_err(|refused| problem(&refused, draft.place))?;
    let readings = [readings, std::slice::from_ref(&reading)].concat();
    let latest = OdometerLedger::new(car, &readings).latest().map(|latest| latest.shown.km());
    Ok((passport.show_odometer(reading.id, latest), reading))
}

/// The refusal, with the warnings at the value and an unknown reading at its id.
fn problem(refused: &NotRecorded, place: &str) -> Problem {
    let at = |pointer: &str, code| FieldProblem::new(Place::Body(pointer.into()), code);
    let mut fields: Vec<_> = refused.warnings.iter().map(|warning| at(place, warning.code())).collect();
    if refused.refusal == OdometerRefusal::ReplacesUnknown {
        fields.push(at("/replacesId", "not_found"));
    }
    let mut problem = Problem::from(refused.refusal);
    problem.fields = fields;
    problem
}

/// Adds a reading.
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
    let (changed, reading) = add(work, passport, &draft)?;
    if changed.passport.vehicle.odometer_km == before {
        // The passport is as it was, and so is its `ETag`.
        work.record(Stream::Garage(changed.passport.garage_id), changed.facts)?;
    } else {
        save(work, &changed, stamps)?;
    }
    let name = match reading.by {
        Some(by) => persistence::accounts::find(work.tx, by)?.map(|(account, _)| account.name),
        None => None,
    };
    let shown = OdometerReading::new((reading, name), work.actor()?);
    Reply::created(&shown, format!("/v1/passports/{id}/odometer/readings"))
}

/// The readings.
pub fn list(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    found(work, id)?;
    let page = odometer::list(work.tx, id, &query.request()?)?;
    let actor = work.actor()?;
    Reply::page(page, |view| OdometerReading::new(view, actor))
}

/// A passport in reach, whose ledger the actor may read.
fn found(work: &mut Work<'_, '_>, id: PassportId) -> Result<Passport, Problem> {
    let scope = work.scope()?;
    let (passport, _) = passports::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    let relation = relation(work.actor()?, &passport);
    work.require(Action::OdometerRead, relation)?;
    Ok(passport)
}

/// What the ledger tells.
pub fn get(work: &mut Work<'_, '_>, id: PassportId, query: &OdometerQuery) -> Result<Reply, Problem> {
    let passport = found(work, id)?;
    let on = match query.on {
        Some(on) => on.0,
        None => today(work, passport.garage_id)?,
    };
    let readings = odometer::ledger(work.tx, id)?;
    // Of the first admission the year alone is known: too little to count as a reading of 0 km on a day (rule O8).
    let ledger = OdometerLedger::new(CarHistory::default(), &readings);
    Reply::ok(&Odometer::new(&ledger, on))
}
