//! The passports in the actor's reach: finding them to read what belongs to them, locking them to change it, storing what
//! a command did.

use crate::{
    command::Work,
    problem::{Code, Problem},
};
use domain::{
    access::{Action, Actor, Relation},
    custody::Holder,
    event::Stream,
    ids::PassportId,
    passport::{Changed, Passport},
    service_record::RecordReader,
};
use persistence::{self as store, Found, Stamps, StoreError};

/// What the actor is to a passport.
pub fn relation(actor: &Actor, passport: &Passport) -> Relation {
    let driver = actor.driver().map(|(account, _)| account);
    Relation {
        garage: actor.garage_id() == Some(passport.garage_id),
        fleet: actor.fleet_id().is_some() && actor.fleet_id() == passport.hands.fleet,
        driver: driver.is_some() && passport.hands.driver == driver,
        owner: driver.is_some_and(|driver| passport.hands.owner() == Holder::Account(driver)),
        linked: passport.hands.fleet.is_some(),
        ..Relation::default()
    }
}

/// What the actor is to the records of a car (rules SR5 and EC6).
pub fn reader(work: &mut Work<'_, '_>, passport: &Found<Passport>) -> Result<RecordReader, Problem> {
    let actor = work.actor()?.clone();
    let depends_on_fleet = actor.driver().is_some() && passport.hands.fleet.is_some();
    let is_allowed = depends_on_fleet && store::fleet::drivers_see_amounts(work.tx, passport.passport_id())?;
    Ok(RecordReader::of(&actor, passport.hands, is_allowed))
}

/// A passport in the actor's reach, to be changed: its garage's lock is held from here on.
pub fn lock_and_find(
    work: &mut Work<'_, '_>,
    id: PassportId,
    action: Action,
) -> Result<(Found<Passport>, Stamps), Problem> {
    let scope = work.scope()?;
    let garage = store::passport::garage_of(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    work.lock(garage)?;
    let (passport, stamps) = store::passport::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    // It went to another garage before the lock was taken: the command begins anew.
    if passport.garage_id != garage {
        return Err(StoreError::Stale { table: "passports" }.into());
    }
    let relation = relation(work.actor()?, &passport);
    work.require(action, relation)?;
    Ok((passport, stamps))
}

/// A passport in the actor's reach with which they may do `action`: for reading what belongs to it.
pub fn find(work: &mut Work<'_, '_>, id: PassportId, action: Action) -> Result<Found<Passport>, Problem> {
    let scope = work.scope()?;
    let (passport, _) = store::passport::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    let relation = relation(work.actor()?, &passport);
    work.require(action, relation)?;
    Ok(passport)
}

/// Stores what a command did that may have added a reading to the car's odometer. If the passport shows what it showed
/// `before`, it is as it was, and so is its `ETag`.
pub fn save_odometer(
    work: &mut Work<'_, '_>,
    changed: &Changed,
    before: Option<i64>,
    stamps: Stamps,
) -> Result<(), Problem> {
    if changed.passport.vehicle.odometer_km == before {
        work.record(Stream::Garage(changed.passport.garage_id), changed.facts.iter().cloned())
    } else {
        save(work, changed, stamps)
    }
}

/// Stores what a command did to a passport.
pub fn save(work: &mut Work<'_, '_>, changed: &Changed, stamps: Stamps) -> Result<(), Problem> {
    store::passport::update(work.tx, &changed.passport, stamps, work.now)?;
    store::custody::append(work.tx, &changed.custody)?;
    work.record(Stream::Garage(changed.passport.garage_id), changed.facts.iter().cloned())
}
