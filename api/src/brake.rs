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

/// The refusal, with the seconds after which the next one is free.
fn too_many(code: Code, until: Instant, now: Instant) -> Problem {
    let seconds = until.duration_since(now).as_secs().max(0) + 1;
    Problem::new(code).retry_after(seconds)
}
