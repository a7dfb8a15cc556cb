//! The brake of the ground: how often something may be done, counted for whom or what it concerns.
//!
//! What is counted, and at which pace, is the matter of each room; here it is counted. Who or what it is counted for is stored
//! as a keyed hash only.

use crate::{
    command::Work,
    problem::{Code, Problem},
    request::{Context, SignedIn},
    secret::Secret,
};
use actix_web::HttpResponse;
use domain::{
    Instant,
    ids::GarageId,
    throttle::{Attempts, Pace},
};
use persistence::{self as store, Tx};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Something for which acts are counted, and how many it takes.
#[derive(Clone, Debug)]
pub struct Subject {
    hash: Vec<u8>,
    pace: Pace,
}

impl Subject {
    /// What is counted for `parts`, such as an account and a network. `of` names what is counted, so that the same account has
    /// a count of each.
    pub fn new(secret: &Secret, of: &str, parts: &[&[u8]], pace: Pace) -> Self {
        Self { hash: secret.mac(&format!("throttle {of}"), parts).to_vec(), pace }
    }

    /// Gives one act back, which was counted and is no longer to count.
    pub fn give_back(&self, tx: &mut Tx<'_>, now: Instant) -> Result<(), Problem> {
        let Some(before) = store::throttle::find(tx, &self.hash)? else { return Ok(()) };
        match self.pace.give_back(before, now) {
            Some(after) => store::throttle::save(tx, &self.hash, Some(before), after)?,
            None => store::throttle::delete(tx, &self.hash)?,
        }
        Ok(())
    }

    /// Forgets all that was counted.
    pub fn forget(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        Ok(store::throttle::delete(tx, &self.hash)?)
    }
}

/// Counts one more act for each subject, or says until when the slowest has to wait; then none is counted.
pub fn count(tx: &mut Tx<'_>, subjects: &[Subject], now: Instant) -> Result<Option<Instant>, Problem> {
    let mut next: Vec<(&Subject, Option<Attempts>, Attempts)> = Vec::new();
    let mut until: Option<Instant> = None;
    for subject in subjects {
        let before = store::throttle::find(tx, &subject.hash)?;
        match subject.pace.attempt(before, now) {
            Ok(after) => next.push((subject, before, after)),
            Err(wait) => until = until.max(Some(wait)),
        }
    }
    if until.is_none() {
        for (subject, before, after) in next {
            store::throttle::save(tx, &subject.hash, before, after)?;
        }
    }
    Ok(until)
}

/// The same within a command: a refusal says when to come back, and undoes what the command did.
pub fn require(tx: &mut Tx<'_>, subjects: &[Subject], now: Instant) -> Result<(), Problem> {
    require_for(tx, subjects, Code::TooManyAttempts, now)
}

/// The same, with a code that says what there was too much of.
pub fn require_for(tx: &mut Tx<'_>, subjects: &[Subject], code: Code, now: Instant) -> Result<(), Problem> {
    count(tx, subjects, now)?.map_or(Ok(()), |until| Err(too_many(code, until, now)))
}

/// Refuses when one more act would have to wait, and counts nothing: for a command of which only some outcomes count.
pub fn check(tx: &mut Tx<'_>, subject: &Subject, now: Instant) -> Result<(), Problem> {
    let before = store::throttle::find(tx, &subject.hash)?;
    subject.pace.attempt(before, now).map(drop).map_err(|until| too_many(Code::TooManyAttempts, until, now))
}

/// Counts in a transaction of its own, for what must count whatever comes of it.
pub async fn count_or_wait(context: &Context, subjects: Vec<Subject>) -> Result<(), Problem> {
    let now = context.app.clock.now();
    let counted = context.app.database.write(move |tx| count(tx, &subjects, now)).await?;
    counted.map_or(Ok(()), |until| Err(too_many(Code::TooManyAttempts, until, now)))
}

/// Counts a refusal that told a garage something of others, in a transaction of its own, since the refused command left
/// nothing. Of many at the same moment, those beyond the last try learn nothing.
pub async fn count_refused(
    signed_in: &SignedIn,
    answer: Result<HttpResponse, Problem>,
    tells: fn(&Problem) -> bool,
    tries: fn(&Work<'_, '_>, GarageId) -> Subject,
) -> Result<HttpResponse, Problem> {
    if answer.as_ref().is_err_and(tells) {
        let count_one = move |work: &mut Work<'_, '_>| {
            let garage = work.actor()?.garage_id().ok_or(Code::WrongAccountKind)?;
            work.lock(garage)?;
            let tries = [tries(work, garage)];
            require(work.tx, &tries, work.now)
        };
        signed_in.part(count_one).await?;
    }
    answer
}

/// Counts in the memory of this server, for what is asked so often that a row for each time would cost more than what it
/// slows. With several servers, each counts for itself.
pub struct ServerCount {
    pace: Pace,
    counted: Mutex<HashMap<[u8; 32], Attempts>>,
}

impl ServerCount {
    /// After so many new subjects those of which all has come back are forgotten, so that they do not fill the memory.
    const TIDY_EACH: usize = 1_024;

    /// Counts at this pace.
    pub fn new(pace: Pace) -> Self {
        Self { pace, counted: Mutex::default() }
    }

    /// Counts one more act for a subject, which is given by its keyed hash, or says after how many seconds to come back.
    pub fn count(&self, subject: [u8; 32], now: Instant) -> Result<(), Problem> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = self.pace.attempt(counted.get(&subject).copied(), now);
        let after = attempt.map_err(|until| too_many(Code::TooManyRequests, until, now))?;
        if counted.insert(subject, after).is_none() && counted.len().is_multiple_of(Self::TIDY_EACH) {
            counted.retain(|_, attempts| attempts.full_at > now);
        }
        Ok(())
    }

    /// Forgets a subject.
    pub fn forget(&self, subject: &[u8; 32]) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).remove(subject);
    }
}

/// The refusal, with the seconds after which the next one is free.
fn too_many(code: Code, until: Instant, now: Instant) -> Problem {
    let seconds = until.duration_since(now).as_secs().max(0) + 1;
    Problem::new(code).retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn what_is_counted_in_memory_comes_back_and_is_forgotten() {
        let count = ServerCount::new(Pace { at_once: 2, each: SignedDuration::from_secs(30) });
        let at = |second| Instant::from_second(1_790_000_000 + second).unwrap();
        let ask = |subject: u8, second| count.count([subject; 32], at(second)).map_err(|problem| problem.retry_after);
        assert_eq!((ask(1, 0), ask(1, 0), ask(1, 0), ask(2, 0)), (Ok(()), Ok(()), Err(Some(31)), Ok(())));
        assert_eq!((ask(1, 29), ask(1, 30), ask(1, 30)), (Err(Some(2)), Ok(()), Err(Some(31))));
        count.forget(&[1; 32]);
        assert_eq!(ask(1, 30), Ok(()));
        for number in 0..10_000_u32 {
            let mut subject = [0; 32];
            subject[..4].copy_from_slice(&number.to_be_bytes());
            count.count(subject, at(100 + i64::from(number))).unwrap();
        }
        assert!(count.counted.lock().unwrap().len() <= 2 * ServerCount::TIDY_EACH);
    }
}
