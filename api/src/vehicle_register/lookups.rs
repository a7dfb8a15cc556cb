//! Asking the register while someone waits: at most so long, at most so many at once, and the same thing twice only once.

use super::{RegisterAt, RegisterError, RegisterSettings, VehicleRegister};
use actix_web::web;
use domain::{Instant, licence_plate::LicencePlate, vehicle_register::RegisterData};
use jiff::SignedDuration;
use quick_cache::sync::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// How many may wait for the register at once: each holds a thread. Enough for a thousand garages at their desks.
const PLACES: usize = 32;
/// How many answers are remembered, and for how long: from the form to the passport that is made of it.
const REMEMBERED: usize = 2_000;
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_mins(1);
/// How much longer than its budget an answer is waited for, before it is given up whatever its thread still does.
const GRACE: Duration = Duration::from_millis(250);

/// An answer: the vehicle, or that the register does not know the plate.
type Answer = (Instant, Option<RegisterData>);

/// The register, for requests.
pub struct Lookups {
    register: Arc<dyn VehicleRegister>,
    budget: Duration,
    is_off: bool,
    places: Arc<Semaphore>,
    answers: Cache<LicencePlate, Answer>,
    /// Until when it asked to be left alone, in milliseconds since 1970.
    busy_until: AtomicI64,
}

impl Lookups {
    /// Asks `register`, which was set up by `settings`.
    pub fn new(register: Arc<dyn VehicleRegister>, settings: &RegisterSettings) -> Self {
        let (budget, is_off) = (settings.timeout, settings.at == RegisterAt::Off);
        let places = Arc::new(Semaphore::new(PLACES));
        Self { register, budget, is_off, places, answers: Cache::new(REMEMBERED), busy_until: AtomicI64::new(0) }
    }

    /// Whether there is no register at all.
    pub fn is_off(&self) -> bool {
        self.is_off
    }

    /// What the register tells of a plate; none, when it does not know it. Failures are not remembered.
    pub async fn look_up(&self, plate: &LicencePlate, now: Instant) -> Result<Option<RegisterData>, RegisterError> {
        if let Some((at, data)) = self.answers.get(plate)
            && now.duration_since(at) < REMEMBERED_FOR
        {
            return Ok(data);
        }
        let answer = self.ask(plate, now).await;
        match &answer {
            Ok(data) => self.answers.insert(plate.clone(), (now, data.clone())),
            Err(RegisterError::Busy { retry_after }) => {
                let pause = i64::try_from(retry_after.as_millis()).unwrap_or(i64::MAX);
                self.busy_until.fetch_max(now.as_millisecond().saturating_add(pause), Ordering::Relaxed);
            }
            Err(_) => {}
        }
        answer
    }

    async fn ask(&self, plate: &LicencePlate, now: Instant) -> Result<Option<RegisterData>, RegisterError> {
        let left = self.busy_until.load(Ordering::Relaxed) - now.as_millisecond();
        if let Some(retry_after) = u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_millis) {
            return Err(RegisterError::Busy { retry_after });
        }
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(RegisterError::Unavailable(format!("{PLACES} wait for its answer already")));
        };
        let (register, asked) = (Arc::clone(&self.register), plate.clone());
        let asking = web::block(move || {
            // Given back when the thread is done, not when the request has lost its patience.
            let _permit = permit;
            register.vehicle(&asked)
        });
        match tokio::time::timeout(self.budget + GRACE, asking).await {
            Err(_) => Err(RegisterError::Unavailable("it takes too long".into())),
            Ok(Err(error)) => Err(RegisterError::Unavailable(error.to_string())),
            Ok(Ok(answer)) => answer,
        }
    }
}
