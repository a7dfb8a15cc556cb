//! Taking a plate for a passport: it must be free, or have a passport of another garage that nobody activated in time
//! (rules P1 and P7). It is the last thing that is looked at, so that a request that is refused anyway says nothing about
//! another garage's car.

use crate::{
    brake::{self, Subject, check, count},
    car_status::operations::refresh_car,
    command::{Work, record},
    problem::{Code, FieldProblem, Place, Problem},
    request::SignedIn,
    vehicle_check,
};
use actix_web::HttpResponse;
use domain::{
    event::Stream,
    ids::{GarageId, PassportId},
    invitation::Purpose,
    licence_plate::LicencePlate,
    occupancy::{Occupancy, Occupant},
    throttle::{Pace, TAKEN_PLATES, TAKEN_PLATES_IMPORTED},
};
use persistence::{self as store, Scope, StoreError};

/// Takes the locks of a garage and of those whose passports with these plates lapsed, before anything is read that the
/// command changes.
pub fn lock(work: &mut Work<'_, '_>, garage: GarageId, plates: &[LicencePlate]) -> Result<(), Problem> {
    let occupants = store::occupancy::occupants(work.tx, plates)?;
    let lapsed = occupants.into_values().filter_map(|occupant| match Occupancy::of(garage, Some(occupant), work.now) {
        Occupancy::Lapsed(lapsed) => Some(lapsed.garage_id),
        Occupancy::Free | Occupancy::Own(_) | Occupancy::Taken => None,
    });
    let garages: Vec<GarageId> = lapsed.chain([garage]).collect();
    work.lock_all(garages)
}

/// Takes a plate for a passport of a garage. The locks are held. A passport of another garage that lapsed is archived.
pub fn take(work: &mut Work<'_, '_>, garage: GarageId, plate: &LicencePlate) -> Result<(), Problem> {
    let occupant = store::occupancy::occupants(work.tx, std::slice::from_ref(plate))?.remove(plate);
    match Occupancy::of(garage, occupant, work.now) {
        Occupancy::Free => Ok(()),
        Occupancy::Own(own) => Err(own_passport(own)),
        Occupancy::Taken => Err(Code::PassportExists.into()),
        Occupancy::Lapsed(occupant) => end(work, &occupant),
    }
}

/// The garage has a passport with the plate, which the problem names.
pub fn own_passport(own: PassportId) -> Problem {
    let field = FieldProblem::new(Place::Body("/licencePlate".into()), "plate_of_own_passport");
    Problem::new(Code::PassportExists).with_fields([FieldProblem { other: Some(own.0), ..field }])
}

/// Archives a passport that lapsed, and has its garage told. Who takes the plate stays unknown there, so nobody is named as
/// its author.
pub fn end(work: &mut Work<'_, '_>, lapsed: &Occupant) -> Result<(), Problem> {
    let id = lapsed.passport_id;
    // It lapsed after the locks were taken: the command begins anew, and takes its garage's lock too.
    require_lock(work, lapsed.garage_id)?;
    let (passport, stamps) =
        store::passport::find(work.tx, &Scope::System, id)?.ok_or(StoreError::Stale { table: "passports" })?;
    let vehicle = passport.vehicle_id();
    let mut facts = vehicle_check::operations::discard_drafts(work, id, vehicle, lapsed.garage_id)?;
    let changed = passport.into_inner().lapse();
    facts.extend(changed.facts);
    store::invitation::revoke(work.tx, Purpose::Passport(id), work.now)?;
    store::passport::update(work.tx, &changed.passport, stamps, work.now)?;
    record(work.tx, Stream::Garage(lapsed.garage_id), None, facts, work.now)?;
    Ok(refresh_car(work.tx, id, work.now)?)
}

/// Goes on only with the lock of a garage; else the command begins anew.
pub fn require_lock(work: &Work<'_, '_>, garage: GarageId) -> Result<(), Problem> {
    if work.has_locked(garage) { Ok(()) } else { Err(StoreError::Stale { table: "passports" }.into()) }
}

/// What is counted for a garage: the plates that it asked a passport for, one by one or in imports, and that another garage has
/// (rule P1). What it gets does not count.
fn tries(work: &Work<'_, '_>, garage: GarageId, of: &str, pace: Pace) -> Subject {
    Subject::new(&work.app.secret, of, &[garage.0.as_bytes()], pace)
}

fn single_tries(work: &Work<'_, '_>, garage: GarageId) -> Subject {
    tries(work, garage, "taken plates", TAKEN_PLATES)
}

/// Refuses a garage that asked for too many plates of others of late, whichever plate it asks for now. Its lock is held.
pub fn require_tries(work: &mut Work<'_, '_>, garage: GarageId) -> Result<(), Problem> {
    let tries = single_tries(work, garage);
    check(work.tx, &tries, work.now)
}

/// Counts a command that was refused since another garage has the plate. A garage's own passport is named, and no secret to it.
pub async fn count_refused(
    signed_in: &SignedIn,
    answer: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    let is_of_another = |problem: &Problem| problem.code == Code::PassportExists && problem.fields.is_empty();
    brake::count_refused(signed_in, answer, is_of_another, single_tries).await
}

/// The tries of an import: counted line by line, in the transaction that stores the lines.
pub struct ImportTries {
    subject: Subject,
    is_exhausted: bool,
}

impl ImportTries {
    /// What is left of them, at the beginning of a block.
    pub fn new(work: &mut Work<'_, '_>, garage: GarageId) -> Result<Self, Problem> {
        let subject = tries(work, garage, "taken plates imported", TAKEN_PLATES_IMPORTED);
        match check(work.tx, &subject, work.now) {
            Ok(()) => Ok(Self { subject, is_exhausted: false }),
            Err(problem) if problem.code == Code::TooManyAttempts => Ok(Self { subject, is_exhausted: true }),
            Err(problem) => Err(problem),
        }
    }

    /// Counts one more; false, from then on, when there is none left.
    pub fn count(&mut self, work: &mut Work<'_, '_>) -> Result<bool, Problem> {
        self.is_exhausted =
            self.is_exhausted || count(work.tx, std::slice::from_ref(&self.subject), work.now)?.is_some();
        Ok(!self.is_exhausted)
    }

    /// Whether none is left. Then a line is refused, whichever plate it has.
    pub const fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }
}
