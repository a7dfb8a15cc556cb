//! What the register has to do with a passport that is made: it is asked before, outside any transaction, and what it
//! said is taken in with the passport.

use crate::{command::Work, problem::Problem, register_client::RegisterError, request::SignedIn};
use domain::{
    access::Action,
    event::Stream,
    ids::GarageId,
    licence_plate::LicencePlate,
    passport::{Passport, Vehicle},
    register::RegisterData,
    registration::{Registration, covers, was_mistake},
};
use persistence::{self as store, Tx};

/// What the register said of the plate of a passport to be made.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Nothing: it was not asked, or gave no answer. The refresh asks it later.
    Nothing,
    /// That it does not know the plate.
    Unknown,
    /// This.
    Vehicle(Box<RegisterData>),
}

/// The garage that looks plates up at once, which its staff may (rules A3 and K7).
pub fn looking_up(work: &mut Work<'_, '_>) -> Result<GarageId, Problem> {
    work.require_staff(Action::VehicleRegisterRead)
}

/// Asks the register about the plate of a passport to be made, unless the answer would be of no use: to who may not make
/// one, to a repeated request, for a plate of which the garage has a passport. For one of which another garage has a passport
/// it is asked, or the time that the answer takes would tell of that (rule P1). No answer is no reason not to make it (rule R38).
pub async fn ask(signed_in: &SignedIn, plate: &LicencePlate, body: [u8; 32]) -> Result<Answer, Problem> {
    let app = &signed_in.context.app;
    if app.lookups.is_off() || !covers(plate.country()) {
        return Ok(Answer::Nothing);
    }
    let asked = plate.clone();
    let for_garage = signed_in.look(move |work| {
        let garage = work.require_staff(Action::PassportManage)?;
        let in_use = store::plates::in_use(work.tx, std::slice::from_ref(&asked))?;
        let has_own = in_use.values().any(|(_, keeper)| *keeper == garage);
        let is_of_use = work.answer(body)?.is_none() && !has_own;
        Ok(is_of_use.then_some(garage))
    });
    let Some(garage) = for_garage.await? else {
        return Ok(Answer::Nothing);
    };
    Ok(match app.lookups.look_up(garage, plate, app.clock.now()).await {
        Ok(Some(data)) => Answer::Vehicle(Box::new(data)),
        Ok(None) => Answer::Unknown,
        // A garage that makes many at once: nothing is wrong.
        Err(RegisterError::TooOften { .. }) => Answer::Nothing,
        Err(error) => {
            tracing::warn!(%error, "a passport is made without the vehicle register; it is completed later");
            Answer::Nothing
        }
    })
}

/// What is known of a plate, with what the register said now.
pub fn known(work: &mut Work<'_, '_>, plate: &LicencePlate, answer: &Answer) -> Result<Option<Registration>, Problem> {
    let kept = store::registration::kept_of(work.tx, std::slice::from_ref(plate))?.remove(plate);
    Ok(match answer {
        Answer::Vehicle(data) => {
            let before = kept.unwrap_or_else(|| Registration::new(plate.clone()));
            Some(before.answered(Some(RegisterData::clone(data)), work.now).0)
        }
        Answer::Nothing | Answer::Unknown => kept,
    })
}

/// The vehicle with what it lacks: from what the register said now or, when it said nothing, before (rule R36).
pub fn complete(work: &mut Work<'_, '_>, vehicle: Vehicle, answer: &Answer) -> Result<Vehicle, Problem> {
    Ok(match answer {
        Answer::Vehicle(data) => data.complete(vehicle),
        Answer::Unknown => vehicle,
        Answer::Nothing => {
            let told = store::registration::told_of(work.tx, std::slice::from_ref(&vehicle.plate))?;
            match told.get(&vehicle.plate) {
                Some(data) => data.complete(vehicle),
                None => vehicle,
            }
        }
    })
}

/// The vehicle after its plate became another one, with what the register told of that before. What it tells later is
/// taken in by the refresh, for which what it told of the plate before is kept a day longer.
pub fn complete_after(work: &mut Work<'_, '_>, before: &LicencePlate, vehicle: Vehicle) -> Result<Vehicle, Problem> {
    store::registration::postpone(work.tx, before, work.now)?;
    let told = store::registration::told_of(work.tx, std::slice::from_ref(&vehicle.plate))?;
    match told.get(&vehicle.plate) {
        Some(data) => completed(work.tx, data, vehicle),
        None => Ok(vehicle),
    }
}

/// The vehicle with what the register tells of its plate, and without what it had told of plates that were mistakes, so far
/// as that is still kept (rule R36).
pub fn completed(tx: &mut Tx<'_>, data: &RegisterData, vehicle: Vehicle) -> Result<Vehicle, Problem> {
    let former = store::plates::former(tx, &vehicle)?;
    let told = store::registration::told_of(tx, &former)?;
    Ok(data.complete_after(told.values(), vehicle))
}

/// Adds the plate that a vehicle has now to its history, and says whether the one before was a mistake in writing (rule
/// R19).
pub fn give_plate(work: &mut Work<'_, '_>, before: &LicencePlate, vehicle: &Vehicle) -> Result<(), Problem> {
    let told = store::registration::told_of(work.tx, &[before.clone(), vehicle.plate.clone()])?;
    let stood = store::plates::last(work.tx, vehicle.id)?.map(|(_, since)| work.now.duration_since(since));
    let is_mistake = stood.is_some_and(|stood| was_mistake(stood, told.get(before), told.get(&vehicle.plate)));
    let give = if is_mistake { store::plates::correct } else { store::plates::give };
    Ok(give(work.tx, vehicle, work.now)?)
}

/// Takes in what the register said of a passport that was stored just now; recalls and inspections are asked soon.
pub fn store_answer(work: &mut Work<'_, '_>, passport: &Passport, answer: &Answer) -> Result<(), Problem> {
    let answer = match answer {
        Answer::Nothing => return Ok(()),
        Answer::Unknown => None,
        Answer::Vehicle(data) => Some(RegisterData::clone(data)),
    };
    let plate = &passport.vehicle.plate;
    let known = store::registration::find_to_change(work.tx, plate)?;
    let is_known = answer.is_some();
    let (registration, changes) = known.unwrap_or_else(|| Registration::new(plate.clone())).answered(answer, work.now);
    store::registration::save(work.tx, &registration, work.now)?;
    if is_known {
        store::registration::ask_soon(work.tx, plate)?;
    }
    let facts = changes.into_iter().map(|change| change.fact(passport.id));
    work.record(Stream::Garage(passport.garage_id), facts)
}
