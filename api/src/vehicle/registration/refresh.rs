//! The refresh: each day every plate of a passport in use is asked about, the longest unasked first; a new passport's
//! within seconds.
//!
//! A batch is claimed in one transaction, the register is asked outside any, and what it said is stored in short ones. Of
//! a batch that fails, the plates of which all was answered are stored and the others given back, so a round goes on where
//! it stopped, whatever stopped it. Several servers take turns: what one has claimed, no other asks.

use crate::{
    car_status::operations::refresh_car,
    command::record,
    problem::{Code, Problem},
    register::operations::completed,
    register_client::{ByPlate, RegisterError, VehicleRegister},
    state::App,
};
use actix_web::web;
use domain::{
    Instant,
    event::Stream,
    ids::{GarageId, PassportId},
    licence_plate::LicencePlate,
    register::{Inspection, Recall, RegisterData},
    registration::{Questions, RegisterChange, Registration},
};
use jiff::SignedDuration;
use persistence::{self as store, Scope, Tx};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// How many plates are claimed together. Of some hundred cars there is always one with a recall: the more are update
/// together, the fewer questions that takes.
const BATCH: i64 = 3_000;
/// How many plates are asked about in one question.
const QUESTION: usize = 300;
/// How long after it was asked about a plate is due again. The register's data change once a day.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// For how long a batch is claimed: longer than all its questions may take.
const CLAIM: SignedDuration = SignedDuration::from_mins(45);
/// For how long a plate is left alone that fails by itself, so that others get their turn.
const ASIDE: SignedDuration = SignedDuration::from_hours(1);
/// How many plates are stored in one transaction: the garage's commands wait for no more than that.
const STORED: usize = 50;
/// How long to wait before looking for due plates again, and the longest pause after failures.
const IDLE: Duration = Duration::from_secs(5);
const MAX_PAUSE: Duration = Duration::from_mins(1);
/// After how many batches the log says how far it is.
const SAY_EVERY: u64 = 10;

/// What came of a batch, or of a round of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Plates asked about.
    pub plates: u64,
    /// Of those, how many changed in a way that someone may have to act on, or were told of for the first time.
    pub changed: u64,
    /// Of those, how many the register gave no answer for.
    pub silent: u64,
}

impl Tally {
    /// Counts plates that were stored, those of them that changed, and those that the register was silent about.
    fn count(&mut self, plates: usize, changed: usize, silent: usize) {
        let (plates, changed, silent) = (count(plates), count(changed), count(silent));
        self.plates += plates;
        self.changed += changed;
        self.silent += silent;
        for (outcome, plates) in [("changed", changed), ("silent", silent), ("same", plates - changed - silent)] {
            metrics::counter!("vehicle_register_plates_total", "outcome" => outcome).increment(plates);
        }
    }
}

fn count(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}

/// Why a batch failed.
#[derive(Debug)]
pub enum RefreshError {
    /// The register.
    Register(RegisterError),
    /// The database.
    Store(Problem),
}

/// What the register said of one plate.
struct Answer {
    plate: LicencePlate,
    data: Option<RegisterData>,
    /// None where it was not asked.
    recalls: Option<Vec<Recall>>,
    inspections: Option<Vec<Inspection>>,
}

/// Asks the register about what is due.
pub struct Refresh {
    app: web::Data<App>,
    register: Arc<dyn VehicleRegister>,
    batch: i64,
    stop: Arc<AtomicBool>,
}

impl Refresh {
    /// The refresh of the program's database; none when there is no register.
    pub fn new(app: web::Data<App>) -> Option<Self> {
        let register = Arc::clone(&app.patient_register);
        (!app.lookups.is_off()).then(|| Self { app, register, batch: BATCH, stop: Arc::default() })
    }

    /// Claims so many plates together.
    #[must_use]
    pub fn in_batches_of(self, plates: i64) -> Self {
        Self { batch: plates, ..self }
    }

    /// Goes on until told to stop, on a thread of its own, so that mails do not wait for it.
    pub fn spawn(self, stop: Arc<AtomicBool>) -> JoinHandle<()> {
        let refresh = Self { stop, ..self };
        std::thread::spawn(move || {
            let (mut round, mut failures) = (Round::default(), 0);
            while !refresh.stop.load(Ordering::Relaxed) {
                // Half as many after each failure: what a part of a batch takes gets through, and one plate alone tells
                // which it is.
                let (tally, error) = refresh.run(refresh.batch.checked_shr(failures).unwrap_or(0).max(1));
                round.add(tally);
                let pause = match error {
                    // What was not asked yet is given back: the next start asks it.
                    Some(_) if refresh.stop.load(Ordering::Relaxed) => return,
                    Some(error) => {
                        failures += 1;
                        report(&error);
                        pause_after(&error, failures)
                    }
                    None if tally.plates == 0 => {
                        round.end();
                        IDLE
                    }
                    None => {
                        failures = 0;
                        Duration::ZERO
                    }
                };
                sleep(pause, &refresh.stop);
            }
        })
    }

    /// Claims a batch, asks, and stores what the register said. An empty tally: nothing is due. After a failure, what was
    /// answered before is stored.
    pub fn run_batch(&self) -> Result<Tally, RefreshError> {
        match self.run(self.batch) {
            (tally, None) => Ok(tally),
            (_, Some(error)) => Err(error),
        }
    }

    /// One batch: what came of it, and what stood in its way.
    fn run(&self, batch: i64) -> (Tally, Option<RefreshError>) {
        let claim = match self.claim(batch) {
            Ok(claim) => claim,
            Err(problem) => return (Tally::default(), Some(RefreshError::Store(problem))),
        };
        if claim.registrations.is_empty() {
            return (Tally::default(), None);
        }
        let (answers, error) = self.ask(&claim);
        let mut tally = Tally::default();
        let stored = self.store(&claim, &answers, &mut tally);
        let error = stored.err().map(RefreshError::Store).or(error.map(RefreshError::Register));
        if let Some(error) = &error {
            let failed = count(claim.registrations.len()).saturating_sub(tally.plates);
            metrics::counter!("vehicle_register_plates_total", "outcome" => "failed").increment(failed);
            if let Err(problem) = self.give_back(&claim, error, batch == 1) {
                return (tally, Some(RefreshError::Store(problem)));
            }
        }
        (tally, error)
    }

    fn claim(&self, batch: i64) -> Result<Claim, Problem> {
        let now = self.app.clock.now();
        let (since, until) = (now - DAY, now + CLAIM);
        let claim = |tx: &mut Tx<'_>| Ok::<_, Problem>(store::registration::claim_due(tx, since, until, now, batch)?);
        let registrations = self.app.database.store().write(claim)?;
        say_lag(registrations.first(), since);
        Ok(Claim { registrations, until })
    }

    /// What failed keeps its turn; a plate that failed by itself waits for a while, since it may fail again and again.
    fn give_back(&self, claim: &Claim, error: &RefreshError, alone: bool) -> Result<(), Problem> {
        let plates: Vec<LicencePlate> = claim.registrations.iter().map(|one| one.plate.clone()).collect();
        let aside = match error {
            // What one plate is answered with may be nonsense for ever; a register that is down comes back.
            RefreshError::Register(RegisterError::Garbage(_)) => plates.len() == 1,
            RefreshError::Register(RegisterError::Busy { .. }) => false,
            RefreshError::Store(problem) => alone && problem.code == Code::Internal,
            RefreshError::Register(_) => alone,
        };
        let aside = aside.then(|| self.app.clock.now() + ASIDE);
        self.app.database.store().write(|tx| Ok(store::registration::release(tx, &plates, claim.until, aside)?))
    }

    /// All that is asked of a batch: the vehicles, and of some of them the rest. What is left of it after a failure is
    /// absent.
    fn ask(&self, claim: &Claim) -> (Vec<Answer>, Option<RegisterError>) {
        let (mut asking, now) = (Asking { refresh: self, error: None }, self.app.clock.now());
        let plates: Vec<LicencePlate> = claim.registrations.iter().map(|one| one.plate.clone()).collect();
        let mut vehicles = asking.about(&plates, |register, plates| register.vehicles(plates));
        let asked = |one: &Registration| Some(one.questions(vehicles.get(&one.plate)?.as_ref()?, now));
        let questions: HashMap<LicencePlate, Questions> =
            claim.registrations.iter().filter_map(|one| Some((one.plate.clone(), asked(one)?))).collect();
        let those = |is_asked: fn(&Questions) -> bool| -> Vec<LicencePlate> {
            plates.iter().filter(|plate| questions.get(plate).is_some_and(is_asked)).cloned().collect()
        };
        let mut fuels = asking.about(&those(|ask| ask.fuels), |register, plates| register.fuels(plates));
        let mut recalls = asking.about(&those(|ask| ask.recalls), |register, plates| register.recalls(plates));
        let mut inspections =
            asking.about(&those(|ask| ask.inspections), |register, plates| register.inspections(plates));
        let answers = plates.into_iter().filter_map(|plate| {
            let data = vehicles.remove(&plate)?;
            let Some(asked) = questions.get(&plate) else {
                return Some(Answer { plate, data, recalls: None, inspections: None });
            };
            let runs_on = if asked.fuels { fuels.remove(&plate)?.unwrap_or_default() } else { vec![] };
            Some(Answer {
                data: data.map(|data| RegisterData { fuels: runs_on, ..data }),
                recalls: if asked.recalls { Some(recalls.remove(&plate)?.unwrap_or_default()) } else { None },
                inspections: if asked.inspections {
                    Some(inspections.remove(&plate)?.unwrap_or_default())
                } else {
                    None
                },
                plate,
            })
        });
        (answers.collect(), asking.error)
    }

    /// Stores the answers, and counts them: first all that change nothing for anyone, then the rest, garage by garage.
    fn store(&self, claim: &Claim, answers: &[Answer], tally: &mut Tally) -> Result<(), Problem> {
        let (store, now) = (self.app.database.store(), self.app.clock.now());
        let mut news = vec![];
        for part in answers.chunks(STORED) {
            let changing = store.write(|tx| {
                let mut changing = vec![];
                for one in part {
                    let update = update_from(tx, one, now)?;
                    if update.changes_nothing() {
                        store::registration::save(tx, &update.registration, now)?;
                    } else {
                        changing.push(one);
                    }
                }
                Ok::<_, Problem>(changing)
            })?;
            let silent = part.iter().filter(|one| one.data.is_none()).count();
            tally.count(part.len() - changing.len(), 0, silent);
            news.extend(changing);
        }
        self.store_news(claim, &news, now, tally)
    }

    /// What a garage may have to act on is stored as its commands are: under its lock, with the events.
    fn store_news(&self, claim: &Claim, news: &[&Answer], now: Instant, tally: &mut Tally) -> Result<(), Problem> {
        let store = self.app.database.store();
        let plates = |news: &[&Answer]| -> Vec<LicencePlate> { news.iter().map(|one| one.plate.clone()).collect() };
        let in_use = store.read(|tx| Ok::<_, Problem>(store::plates::in_use(tx, &plates(news))?))?;
        let mut by_garage: HashMap<Option<GarageId>, Vec<&Answer>> = HashMap::new();
        for one in news {
            by_garage.entry(in_use.get(&one.plate).map(|(_, garage)| *garage)).or_default().push(one);
        }
        let parts = by_garage.iter().flat_map(|(garage, group)| group.chunks(STORED).map(|part| (*garage, part)));
        for (garage, part) in parts {
            let stored = store.write(|tx| {
                if let Some(garage) = garage {
                    store::event::lock(tx, Stream::Garage(garage))?;
                }
                // Once more, with the garage and the plates locked: a passport may have been archived meanwhile, and the
                // plate be another garage's. That one's lock is not held, so its turn comes again.
                let update = part.iter().map(|one| update_from(tx, one, now)).collect::<Result<Vec<_>, _>>()?;
                let in_use = store::plates::in_use(tx, &plates(part))?;
                let mut others = vec![];
                for one in update {
                    match in_use.get(&one.registration.plate) {
                        Some((_, keeper)) if Some(*keeper) != garage => others.push(one.registration.plate),
                        passport => store_one(tx, one, passport.copied(), now)?,
                    }
                }
                store::registration::release(tx, &others, claim.until, None)?;
                Ok::<_, Problem>(part.len() - others.len())
            })?;
            tally.count(stored, stored, 0);
        }
        Ok(())
    }
}

/// Plates that are this server's to ask about, until an instant.
struct Claim {
    registrations: Vec<Registration>,
    until: Instant,
}

/// Questions one after the other, up to the first that fails.
struct Asking<'r> {
    refresh: &'r Refresh,
    error: Option<RegisterError>,
}

impl Asking<'_> {
    /// Asks about all of them, in as many questions as that takes, each with a budget of its own; no more of them once the
    /// program is to end. Holds those that were asked about, with what the register told.
    fn about<T>(
        &mut self,
        plates: &[LicencePlate],
        ask: impl Fn(&dyn VehicleRegister, &[LicencePlate]) -> Result<ByPlate<T>, RegisterError>,
    ) -> ByPlate<Option<T>> {
        let mut all = ByPlate::new();
        for part in plates.chunks(QUESTION) {
            if self.error.is_none() && self.refresh.stop.load(Ordering::Relaxed) {
                self.error = Some(RegisterError::Unavailable("the program ends".into()));
            }
            if self.error.is_some() {
                break;
            }
            match ask(&*self.refresh.register, part) {
                Ok(mut told) => all.extend(part.iter().map(|plate| (plate.clone(), told.remove(plate)))),
                Err(error) => self.error = Some(error),
            }
        }
        all
    }
}

/// A registration after an answer, and what changed in it.
struct Update {
    registration: Registration,
    changes: Vec<RegisterChange>,
    /// The register told of the vehicle for the first time: its passport may lack what it tells.
    is_first: bool,
    /// Something that the car is judged by is another (rule ST2).
    is_judged_anew: bool,
}

impl Update {
    fn changes_nothing(&self) -> bool {
        self.changes.is_empty() && !self.is_first && !self.is_judged_anew
    }
}

/// What an answer makes of the registration as it stands now: a passport that was made meanwhile may have brought an
/// answer too.
fn update_from(tx: &mut Tx<'_>, answer: &Answer, now: Instant) -> Result<Update, Problem> {
    let known = store::registration::find_to_change(tx, &answer.plate)?;
    let known = known.unwrap_or_else(|| Registration::new(answer.plate.clone()));
    let is_first = known.data.is_none() && answer.data.is_some();
    let before = known.clone();
    let (mut registration, mut changes) = known.answered(answer.data.clone(), now);
    if let Some(recalls) = &answer.recalls {
        let (next, more) = registration.with_recalls(recalls.clone(), now);
        registration = next;
        changes.extend(more);
    }
    if let Some(inspections) = &answer.inspections {
        registration = registration.with_inspections(inspections.clone(), now);
    }
    let is_judged_anew = !registration.is_judged_like(&before);
    Ok(Update { registration, changes, is_first, is_judged_anew })
}

fn store_one(
    tx: &mut Tx<'_>,
    update: Update,
    passport: Option<(PassportId, GarageId)>,
    now: Instant,
) -> Result<(), Problem> {
    store::registration::save(tx, &update.registration, now)?;
    // Archived since it was claimed: nobody has to act on it.
    let Some((id, garage)) = passport else { return Ok(()) };
    let mut facts: Vec<_> = update.changes.into_iter().map(|change| change.fact(id)).collect();
    if let Some(data) = update.registration.data.filter(|_| update.is_first)
        && let Some((passport, stamps)) = store::passport::find(tx, &Scope::System, id)?
    {
        let completed = completed(tx, &data, passport.vehicle.clone())?;
        if let Ok(changed) = passport.into_inner().revise(completed)
            && !changed.facts.is_empty()
        {
            store::passport::update(tx, &changed.passport, stamps, now)?;
            facts.extend(changed.facts);
        }
    }
    refresh_car(tx, id, now)?;
    record(tx, Stream::Garage(garage), None, facts, now)
}

/// By how much the plate longest unasked is overdue.
fn say_lag(oldest: Option<&Registration>, since: Instant) {
    let overdue = oldest.and_then(|oldest| oldest.checked_at).map_or(0.0, |at| since.duration_since(at).as_secs_f64());
    metrics::gauge!("vehicle_register_lag_seconds").set(overdue.max(0.0));
}

/// A round: from the first batch that is due to the last.
#[derive(Default)]
struct Round {
    begun: Option<std::time::Instant>,
    batches: u64,
    tally: Tally,
}

impl Round {
    fn add(&mut self, tally: Tally) {
        if tally == Tally::default() {
            return;
        }
        self.begun.get_or_insert_with(std::time::Instant::now);
        self.batches += 1;
        self.tally.plates += tally.plates;
        self.tally.changed += tally.changed;
        self.tally.silent += tally.silent;
        if self.batches.is_multiple_of(SAY_EVERY) {
            self.say("the refresh of the vehicle register goes on");
        }
    }

    fn end(&mut self) {
        if self.batches > 0 {
            self.say("the vehicle register was asked about all that was due");
        }
        *self = Self::default();
    }

    fn say(&self, what: &str) {
        let Tally { plates, changed, silent } = self.tally;
        let seconds = self.begun.map_or(0, |begun| begun.elapsed().as_secs());
        tracing::info!(plates, changed, silent, batches = self.batches, seconds, "{what}");
    }
}

fn report(error: &RefreshError) {
    match error {
        // Somebody has to look: it does not get well by waiting.
        RefreshError::Register(error @ (RegisterError::Refused(_) | RegisterError::Garbage(_))) => {
            tracing::error!(%error, "the refresh cannot go on");
        }
        RefreshError::Register(error) => tracing::warn!(%error, "the refresh waits for the vehicle register"),
        RefreshError::Store(problem) => {
            tracing::warn!(code = problem.code.code(), reason = problem.reason(), "the refresh waits for the database");
        }
    }
}

/// As long as the register asks for; else twice as long after each failure, a minute at the most.
fn pause_after(error: &RefreshError, failures: u32) -> Duration {
    match error {
        RefreshError::Register(RegisterError::Busy { retry_after }) => *retry_after,
        RefreshError::Register(
            RegisterError::Off
            | RegisterError::TooOften { .. }
            | RegisterError::Unavailable(_)
            | RegisterError::Garbage(_)
            | RegisterError::Refused(_),
        )
        | RefreshError::Store(_) => Duration::from_secs(2_u64.pow(failures.min(6))).min(MAX_PAUSE),
    }
}

/// Sleeps, but not through the end of the program.
fn sleep(pause: Duration, stop: &AtomicBool) {
    let end = std::time::Instant::now() + pause;
    while !stop.load(Ordering::Relaxed) {
        let left = end.saturating_duration_since(std::time::Instant::now());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(Duration::from_millis(200)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_the_register_may_ask_for_more() {
        let failing = RefreshError::Register(RegisterError::Unavailable(String::new()));
        let seconds: Vec<u64> = (1..=8).map(|failures| pause_after(&failing, failures).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 60, 60, 60]);
        let busy = RefreshError::Register(RegisterError::Busy { retry_after: Duration::from_mins(15) });
        assert_eq!(pause_after(&busy, 1).as_secs(), 900);
    }
}
