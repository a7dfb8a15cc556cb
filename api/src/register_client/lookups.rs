//! Asks the register while a person waits. There are limits: how long a question takes, how many run at once, and how
//! often a garage asks. Two requests about the same plate share one question.

use super::{ByPlate, RegisterAt, RegisterError, RegisterSettings, VehicleRegister};
use actix_web::web;
use domain::{Instant, ids::GarageId, licence_plate::LicencePlate, register::RegisterData};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use jiff::SignedDuration;
use quick_cache::sync::Cache;
use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// How many requests may wait for the register at once, since each holds a thread. This is enough for a thousand
/// garages.
const PLACES: usize = 32;
/// How many questions a garage may ask at once; after that, one a second. So no garage takes all the places, or uses up
/// what the register allows for all.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(8).unwrap();
const A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// How many answers are remembered, and for how long: enough for the time between the form and making the passport.
const REMEMBERED: usize = 2_000;
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_mins(1);
/// How much longer than its time limit a request waits for an answer, before it gives up, whatever the thread still
/// does.
const GRACE: Duration = Duration::from_millis(250);
/// How long the register is not asked after it said that it is busy: one question a minute finds out whether it still
/// is.
const LEFT_ALONE: Duration = Duration::from_mins(1);

/// The vehicle's data, none if the register does not know the plate, or why there was no answer.
type LookupResult = Result<Option<RegisterData>, RegisterError>;

/// An answer, when it was asked for, and for which garage.
#[derive(Clone)]
struct Answer {
    told: LookupResult,
    at: Instant,
    garage: GarageId,
}

/// The vehicle register for requests, with limits and a memory.
pub struct Lookups {
    register: Arc<dyn VehicleRegister>,
    budget: Duration,
    is_off: bool,
    places: Arc<Semaphore>,
    garages: DefaultKeyedRateLimiter<GarageId>,
    /// The remembered answers, by plate.
    answers: Cache<LicencePlate, Answer>,
    /// Until when the register is not asked since it is busy, in milliseconds since 1970.
    busy_until: AtomicI64,
}

impl Lookups {
    /// Look-ups in `register`, which was made from `settings`.
    pub fn new(register: Arc<dyn VehicleRegister>, settings: &RegisterSettings) -> Self {
        Self {
            register,
            budget: settings.timeout,
            is_off: settings.at == RegisterAt::Off,
            places: Arc::new(Semaphore::new(PLACES)),
            garages: RateLimiter::keyed(Quota::per_minute(A_MINUTE).allow_burst(AT_ONCE)),
            answers: Cache::new(REMEMBERED),
            busy_until: AtomicI64::new(0),
        }
    }

    /// Whether there is no register at all.
    pub fn is_off(&self) -> bool {
        self.is_off
    }

    /// What the register says about a plate, for a garage; none if it does not know the plate. If another request asks
    /// about the same plate in the meantime, it waits for the same answer. Failures are not remembered.
    pub async fn look_up(&self, garage: GarageId, plate: &LicencePlate, now: Instant) -> LookupResult {
        let is_over = |answer: &Answer| answer.told.is_err() || now.duration_since(answer.at) >= REMEMBERED_FOR;
        self.answers.remove_if(plate, is_over);
        let remembered = self.answers.get(plate);
        // An answer that another garage asked for counts against this garage's limit too: otherwise a garage could find
        // out what others ask for.
        if remembered.as_ref().is_none_or(|answer| answer.garage != garage) {
            self.count(garage)?;
        }
        if let Some(answer) = remembered {
            return answer.told;
        }
        match tokio::time::timeout(self.budget + GRACE, self.answers.get_value_or_guard_async(plate)).await {
            Err(_) => Err(RegisterError::Unavailable("others wait for the same answer".into())),
            Ok(Ok(answer)) => answer.told,
            Ok(Err(first)) => {
                let told = self.ask(plate, now).await;
                // If the answer is no longer in the memory, only the waiting requests get it.
                drop(first.insert(Answer { told: told.clone(), at: now, garage }));
                told
            }
        }
    }

    /// What the register says about many plates, for a garage, by plate; it does not know the others. It counts as one
    /// question, since the register is asked about all of them at once. The answers are remembered, so that the passports that
    /// are made next need not ask again.
    pub async fn look_up_all(
        &self,
        garage: GarageId,
        plates: Vec<LicencePlate>,
        now: Instant,
    ) -> Result<ByPlate<RegisterData>, RegisterError> {
        self.count(garage)?;
        let asked = plates.clone();
        let question = move |register: &dyn VehicleRegister| {
            let mut found = register.vehicles(&asked)?;
            let known: Vec<LicencePlate> = found.keys().cloned().collect();
            for (plate, fuels) in register.fuels(&known)? {
                if let Some(data) = found.get_mut(&plate) {
                    data.fuels = fuels;
                }
            }
            Ok::<_, RegisterError>(found)
        };
        let found = self.prompt(now, question).await?;
        for plate in plates {
            let told = Ok(found.get(&plate).cloned());
            self.answers.insert(plate, Answer { told, at: now, garage });
        }
        Ok(found)
    }

    /// Counts a question of a garage, which may have asked too often.
    fn count(&self, garage: GarageId) -> Result<(), RegisterError> {
        self.garages
            .check_key(&garage)
            .map_err(|wait| RegisterError::TooOften { retry_after: wait.wait_time_from(DefaultClock::default().now()) })
    }

    async fn ask(&self, plate: &LicencePlate, now: Instant) -> LookupResult {
        let asked = plate.clone();
        self.prompt(now, move |register| register.vehicle(&asked)).await
    }

    /// Asks the register on a thread of its own, within the limits.
    async fn prompt<T: Send + 'static>(
        &self,
        now: Instant,
        question: impl FnOnce(&dyn VehicleRegister) -> Result<T, RegisterError> + Send + 'static,
    ) -> Result<T, RegisterError> {
        let left = self.busy_until.load(Ordering::Relaxed) - now.as_millisecond();
        if let Some(retry_after) = u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_millis) {
            return Err(RegisterError::Busy { retry_after });
        }
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(RegisterError::Unavailable(format!("{PLACES} wait for its answer already")));
        };
        let register = Arc::clone(&self.register);
        let asking = web::block(move || {
            // The place becomes free when the thread is done, not when the request stops waiting.
            let _permit = permit;
            question(register.as_ref())
        });
        match tokio::time::timeout(self.budget + GRACE, asking).await {
            Err(_) => Err(RegisterError::Unavailable("it takes too long".into())),
            Ok(Err(error)) => Err(RegisterError::Unavailable(error.to_string())),
            Ok(Ok(Err(RegisterError::Busy { retry_after }))) => {
                let retry_after = retry_after.min(LEFT_ALONE);
                let pause = i64::try_from(retry_after.as_millis()).unwrap_or(i64::MAX);
                self.busy_until.fetch_max(now.as_millisecond().saturating_add(pause), Ordering::Relaxed);
                Err(RegisterError::Busy { retry_after })
            }
            Ok(Ok(told)) => told,
        }
    }
}
