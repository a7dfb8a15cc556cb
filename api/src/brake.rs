//! The brake of the ground: how often something may be done, counted for whom or what it concerns.
//!
//! What is counted, and at which pace, is the matter of each room; here it is counted. Who or what it is counted for is stored
//! as a keyed hash only.

use crate::{
    problem::{Code, Problem},
    request::Context,
    secret::Secret,
};
use domain::{
    Instant,
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
    count(tx, subjects, now)?.map_or(Ok(()), |until| Err(too_many(until, now)))
}

/// The same in a transaction of its own, for what must count whatever comes of it.
pub async fn count_or_wait(context: &Context, subjects: Vec<Subject>) -> Result<(), Problem> {
    let now = context.app.clock.now();
    let counted = context.app.database.write(move |tx| count(tx, &subjects, now)).await?;
    counted.map_or(Ok(()), |until| Err(too_many(until, now)))
}

/// The refusal, with the seconds after which the next one is free.
fn too_many(until: Instant, now: Instant) -> Problem {
    let seconds = until.duration_since(now).as_secs().max(0) + 1;
    Problem::new(Code::TooManyAttempts).retry_after(seconds)
}
