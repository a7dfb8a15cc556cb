//! The refresh: each day every plate of a passport in use is asked about, the longest unasked first; a new passport's
//! within seconds.
//!
//! A batch is claimed in one transaction, the register is asked outside any, and what it said is stored in short ones. A
//! batch that fails is given back whole and nothing of it is stored, so a round goes on where it stopped, whatever
//! stopped it. Several servers take turns: what one has claimed, no other asks.

use super::{ByPlate, RegisterError, VehicleRegister};
use crate::{command::record, problem::Problem, state::App};
use actix_web::web;
use domain::{
    Instant,
    event::Stream,
    ids::{GarageId, PassportId},
    licence_plate::LicencePlate,
    vehicle_register::{Inspection, Recall, RecallStatus, RegisterChange, RegisterData, Registration},
};
use jiff::SignedDuration;
use persistence::{Scope, Tx, events, passports, vehicle_register};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// How many plates are claimed together. Of some hundred cars there is always one with a recall: the more are taken
/// together, the fewer questions that takes.
const BATCH: i64 = 3_000;
/// How many plates are asked about in one question.
const QUESTION: usize = 300;
/// How long after it was asked about a plate is due again. The register's data change once a day.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// For how long a batch is claimed: longer than all its questions may take.
const CLAIM: SignedDuration = SignedDuration::from_mins(45);
/// For how long a batch is left alone whose answer was nonsense, or a plate that fails by itself, so that others get their
/// turn.
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
    /// Of those, how many changed in a way that someone may have to act on, or were heard of for the first time.
    pub changed: u64,
    /// Of those, how many the register gave no answer for.
    pub silent: u64,
}

/// Why a batch failed.
#[derive(Debug)]
pub enum Trouble {
    /// The register.
    Register(RegisterError),
    /// The database.
    Store(Problem),
}

impl From<RegisterError> for Trouble {
    fn from(error: RegisterError) -> Self {
        Self::Register(error)
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Store(problem)
    }
}

/// What the register said of one plate.
#[derive(Clone)]
struct Heard {
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
                let pause = match refresh.run(refresh.batch.checked_shr(failures).unwrap_or(0).max(1)) {
                    Ok(Tally { plates: 0, .. }) => {
                        round.end();
                        IDLE
                    }
                    Ok(tally) => {
                        failures = 0;
                        round.add(tally);
                        Duration::ZERO
                    }
                    // What was asked so far is given back: the next start asks it again.
                    Err(_) if refresh.stop.load(Ordering::Relaxed) => return,
                    Err(trouble) => {
                        failures += 1;
                        report(&trouble);
                        pause_after(&trouble, failures)
                    }
                };
                sleep(pause, &refresh.stop);
            }
        })
    }

    /// Claims a batch, asks, and stores what the register said. An empty tally: nothing is due.
    pub fn run_batch(&self) -> Result<Tally, Trouble> {
        self.run(self.batch)
    }

    fn run(&self, batch: i64) -> Result<Tally, Trouble> {
        let (store, now) = (self.app.database.store(), self.app.clock.now());
        let since = now - DAY;
        let claimed = store.write(|tx| -> Result<_, Problem> {
            Ok(vehicle_register::claim_due(tx, since, now + CLAIM, now, batch)?)
        })?;
        say_lag(claimed.first(), since);
        if claimed.is_empty() {
            return Ok(Tally::default());
        }
        let tally = self.ask(&claimed, since).map_err(Trouble::from).and_then(|heard| Ok(self.store(&heard)?));
        if let Err(trouble) = &tally {
            metrics::counter!("vehicle_register_plates_total", "outcome" => "failed")
                .increment(claimed.len().try_into().unwrap_or(u64::MAX));
            self.give_back(&claimed, trouble, batch == 1)?;
        }
        tally
    }

    /// What failed keeps its turn. After nonsense it waits for a while, and so does a plate that failed by itself: it may
    /// fail again and again.
    fn give_back(&self, claimed: &[Registration], trouble: &Trouble, alone: bool) -> Result<(), Problem> {
        let plates: Vec<LicencePlate> = claimed.iter().map(|one| one.plate.clone()).collect();
        let aside = match trouble {
            Trouble::Register(RegisterError::Garbage(_)) => true,
            Trouble::Register(RegisterError::Busy { .. }) | Trouble::Store(_) => false,
            Trouble::Register(_) => alone,
        };
        let until = aside.then(|| self.app.clock.now() + ASIDE);
        self.app.database.store().write(|tx| Ok(vehicle_register::release(tx, &plates, until)?))
    }

    /// All that is asked of a batch: the vehicles, and of some of them the rest.
    fn ask(&self, claimed: &[Registration], since: Instant) -> Result<Vec<Heard>, RegisterError> {
        let plates: Vec<LicencePlate> = claimed.iter().map(|one| one.plate.clone()).collect();
        let mut found = self.asked(&plates, |plates| self.register.vehicles(plates))?;
        let those = |wants: &dyn Fn(&Known<'_>) -> bool| -> Vec<LicencePlate> {
            let known = |before| Some(Known { before, now: found.get(&before.plate)?, since });
            claimed.iter().filter_map(known).filter(wants).map(|known| known.before.plate.clone()).collect()
        };
        let with_fuels = those(&|known| known.wants_fuels());
        let with_recalls = those(&|known| known.wants_recalls());
        let with_inspections = those(&|known| known.wants_inspections());
        let mut fuels = self.asked(&with_fuels, |plates| self.register.fuels(plates))?;
        let mut recalls = self.asked(&with_recalls, |plates| self.register.recalls(plates))?;
        let mut inspections = self.asked(&with_inspections, |plates| self.register.inspections(plates))?;
        let (about_recalls, about_inspections) = (set(&with_recalls), set(&with_inspections));
        let heard = plates.into_iter().map(|plate| Heard {
            data: found
                .remove(&plate)
                .map(|data| RegisterData { fuels: fuels.remove(&plate).unwrap_or_default(), ..data }),
            recalls: about_recalls.contains(&plate).then(|| recalls.remove(&plate).unwrap_or_default()),
            inspections: about_inspections.contains(&plate).then(|| inspections.remove(&plate).unwrap_or_default()),
            plate,
        });
        Ok(heard.collect())
    }

    /// Asks about all of them, in as many questions as that takes, each with a budget of its own; no more of them once the
    /// program is to end.
    fn asked<T>(
        &self,
        plates: &[LicencePlate],
        ask: impl Fn(&[LicencePlate]) -> Result<ByPlate<T>, RegisterError>,
    ) -> Result<ByPlate<T>, RegisterError> {
        let mut all = ByPlate::new();
        for part in plates.chunks(QUESTION) {
            if self.stop.load(Ordering::Relaxed) {
                return Err(RegisterError::Unavailable("the program ends".into()));
            }
            all.extend(ask(part)?);
        }
        Ok(all)
    }

    /// Stores what was heard: first all that changes nothing for anyone, then the rest, garage by garage.
    fn store(&self, heard: &[Heard]) -> Result<Tally, Problem> {
        let (store, now) = (self.app.database.store(), self.app.clock.now());
        let mut news = vec![];
        for part in heard.chunks(STORED) {
            let loud = store.write(|tx| {
                let mut loud = vec![];
                for one in part {
                    let taken = take_in(tx, one, now)?;
                    if taken.is_quiet() {
                        vehicle_register::save(tx, &taken.registration, now)?;
                    } else {
                        loud.push(one.clone());
                    }
                }
                Ok::<_, Problem>(loud)
            })?;
            news.extend(loud);
        }
        self.store_news(&news, now)?;
        let count = |of: usize| u64::try_from(of).unwrap_or(u64::MAX);
        let silent = heard.iter().filter(|one| one.data.is_none()).count();
        let tally = Tally { plates: count(heard.len()), changed: count(news.len()), silent: count(silent) };
        let same = tally.plates - tally.changed - tally.silent.min(tally.plates - tally.changed);
        for (outcome, plates) in [("changed", tally.changed), ("silent", tally.silent), ("same", same)] {
            metrics::counter!("vehicle_register_plates_total", "outcome" => outcome).increment(plates);
        }
        Ok(tally)
    }

    /// What a garage may have to act on is stored as its commands are: under its lock, with the events.
    fn store_news(&self, news: &[Heard], now: Instant) -> Result<(), Problem> {
        let store = self.app.database.store();
        let plates: Vec<LicencePlate> = news.iter().map(|one| one.plate.clone()).collect();
        let open = store.read(|tx| Ok::<_, Problem>(vehicle_register::open_passports(tx, &plates)?))?;
        let passport_of: HashMap<&LicencePlate, (PassportId, GarageId)> =
            open.iter().map(|(passport, garage, plate)| (plate, (*passport, *garage))).collect();
        let mut by_garage: HashMap<Option<GarageId>, Vec<(&Heard, Option<PassportId>)>> = HashMap::new();
        for one in news {
            let passport = passport_of.get(&one.plate);
            let group = by_garage.entry(passport.map(|(_, garage)| *garage)).or_default();
            group.push((one, passport.map(|(passport, _)| *passport)));
        }
        let parts = by_garage.iter().flat_map(|(garage, group)| group.chunks(STORED).map(|part| (*garage, part)));
        for (garage, group) in parts {
            store.write(|tx| {
                if let Some(garage) = garage {
                    events::lock(tx, Stream::Garage(garage))?;
                }
                group.iter().try_for_each(|(one, passport)| store_one(tx, one, passport.zip(garage), now))
            })?;
        }
        Ok(())
    }
}

/// A plate whose vehicle was found, with what was known of it before.
struct Known<'k> {
    before: &'k Registration,
    now: &'k RegisterData,
    since: Instant,
}

impl Known<'_> {
    /// Never asked about by the refresh: its turn came though it was asked within the day, or never.
    fn is_new(&self) -> bool {
        self.before.checked_at.is_none_or(|at| at >= self.since)
    }

    fn has_new_apk_date(&self) -> bool {
        let known = self.before.data.as_ref().and_then(|data| data.apk_expires_on);
        self.now.apk_expires_on.is_some() && self.now.apk_expires_on != known
    }

    /// What a vehicle runs on changes seldom; where gas was built in, a new APK came with it.
    fn wants_fuels(&self) -> bool {
        self.before.data.as_ref().is_none_or(|data| data.fuels.is_empty()) || self.has_new_apk_date()
    }

    fn wants_recalls(&self) -> bool {
        self.is_new()
            // Unknown is not "none": the register may have dropped the column.
            || self.now.open_recall != Some(false)
            || self.before.recalls.iter().any(|recall| recall.status == RecallStatus::Open)
    }

    fn wants_inspections(&self) -> bool {
        self.is_new() || self.has_new_apk_date()
    }
}

fn set(plates: &[LicencePlate]) -> HashSet<&LicencePlate> {
    plates.iter().collect()
}

/// A registration with what was heard.
struct Taken {
    registration: Registration,
    changes: Vec<RegisterChange>,
    /// The register told of the vehicle for the first time: its passport may lack what it tells.
    is_first: bool,
}

impl Taken {
    fn is_quiet(&self) -> bool {
        self.changes.is_empty() && !self.is_first
    }
}

/// Takes in what was heard, as the registration stands now: a passport made meanwhile may have taken in an answer too.
fn take_in(tx: &mut Tx<'_>, heard: &Heard, now: Instant) -> Result<Taken, Problem> {
    let known = vehicle_register::find_to_change(tx, &heard.plate)?;
    let known = known.unwrap_or_else(|| Registration::new(heard.plate.clone()));
    let is_first = known.data.is_none() && heard.data.is_some();
    let (mut registration, mut changes) = known.answered(heard.data.clone(), now);
    if let Some(recalls) = &heard.recalls {
        let (next, more) = registration.with_recalls(recalls.clone());
        registration = next;
        changes.extend(more);
    }
    if let Some(inspections) = &heard.inspections {
        registration = registration.with_inspections(inspections.clone());
    }
    Ok(Taken { registration, changes, is_first })
}

fn store_one(
    tx: &mut Tx<'_>,
    heard: &Heard,
    passport: Option<(PassportId, GarageId)>,
    now: Instant,
) -> Result<(), Problem> {
    let taken = take_in(tx, heard, now)?;
    vehicle_register::save(tx, &taken.registration, now)?;
    // Archived since it was claimed: nobody has to act on it.
    let Some((id, garage)) = passport else { return Ok(()) };
    let mut facts: Vec<_> = taken.changes.into_iter().map(|change| change.fact(id)).collect();
    if let Some(data) = taken.registration.data.filter(|_| taken.is_first)
        && let Some((passport, stamps)) = passports::find(tx, &Scope::System, id)?
        && passport.vehicle.plate == heard.plate
    {
        let completed = data.complete(passport.vehicle.clone());
        if let Ok(changed) = passport.revise(completed)
            && !changed.facts.is_empty()
        {
            passports::update(tx, &changed.passport, stamps, now)?;
            facts.extend(changed.facts);
        }
    }
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

fn report(trouble: &Trouble) {
    match trouble {
        // Somebody has to look: it does not get well by waiting.
        Trouble::Register(error @ (RegisterError::Refused(_) | RegisterError::Garbage(_))) => {
            tracing::error!(%error, "the refresh cannot go on");
        }
        Trouble::Register(error) => tracing::warn!(%error, "the refresh waits for the vehicle register"),
        Trouble::Store(problem) => {
            tracing::warn!(code = problem.code.code(), reason = problem.reason(), "the refresh waits for the database");
        }
    }
}

/// As long as the register asks for; else twice as long after each failure, a minute at the most.
fn pause_after(trouble: &Trouble, failures: u32) -> Duration {
    match trouble {
        Trouble::Register(RegisterError::Busy { retry_after }) => *retry_after,
        _ => Duration::from_secs(2_u64.pow(failures.min(6))).min(MAX_PAUSE),
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
        let failing = Trouble::Register(RegisterError::Unavailable(String::new()));
        let seconds: Vec<u64> = (1..=8).map(|failures| pause_after(&failing, failures).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 60, 60, 60]);
        let busy = Trouble::Register(RegisterError::Busy { retry_after: Duration::from_mins(15) });
        assert_eq!(pause_after(&busy, 1).as_secs(), 900);
    }
}
