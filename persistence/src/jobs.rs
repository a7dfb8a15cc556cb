//! Work to be done later: rows written in the transaction that made them needful, claimed by a worker.

use crate::{
    connection::{AnyConnection, insert_all},
    error::StoreError,
    event, row,
    schema::jobs,
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{Instant, event::Stream};
use uuid::Uuid;

/// What a job follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Where its event is numbered.
    pub stream: Stream,
    /// The event's number there.
    pub number: i64,
    /// The job's place among those that follow from it.
    pub position: i64,
}

/// A piece of work.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// What it follows from; none when no event asked for it.
    pub cause: Option<Cause>,
    /// What kind of work.
    pub kind: String,
    /// What it needs to know, as JSON. Never a secret.
    pub payload: String,
    /// How often it was begun.
    pub attempts: i64,
}

/// How many jobs there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Waiting for their time or a worker.
    pub queued: i64,
    /// In a worker's hands.
    pub running: i64,
    /// Given up: an operator has to look.
    pub dead: i64,
}

/// How a job found its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The work was done.
    Done,
    /// It was given up.
    Dead,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The work is done.
    Done,
    /// It failed, and is tried again from an instant on.
    Retry(Instant, String),
    /// It failed for good.
    Dead(String),
}

#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
struct Row<'a> {
    id: Key,
    stream_id: Option<Key>,
    event_number: Option<i64>,
    position: i64,
    kind: &'a str,
    payload: &'a str,
    state: &'static str,
    attempts: i64,
    run_at: Time,
    created_at: Time,
    updated_at: Time,
}

/// Stores a job, to be run from `run_at` on.
pub fn insert(tx: &mut Tx<'_>, job: &Job, run_at: Instant, now: Instant) -> Result<(), StoreError> {
    insert_all(tx, std::slice::from_ref(job), run_at, now)
}

/// Stores jobs, to be run from `run_at` on.
pub fn insert_all(tx: &mut Tx<'_>, new: &[Job], run_at: Instant, now: Instant) -> Result<(), StoreError> {
    let row = |job| -> Row<'_> {
        let Job { id, cause, kind, payload, attempts }: &Job = job;
        Row {
            id: Key(*id),
            stream_id: cause.map(|cause| event::key(cause.stream)),
            event_number: cause.map(|cause| cause.number),
            position: cause.map_or(0, |cause| cause.position),
            kind,
            payload,
            state: "queued",
            attempts: *attempts,
            run_at: run_at.into(),
            created_at: now.into(),
            updated_at: now.into(),
        }
    };
    let rows: Vec<Row<'_>> = new.iter().map(row).collect();
    insert_all!(tx, jobs::table, rows);
    Ok(())
}

/// Takes the job that waits longest, if any: it is this worker's then. Of two workers, one gets it.
pub fn claim(tx: &mut Tx<'_>, now: Instant) -> Result<Option<Job>, StoreError> {
    type Found = (Key, Option<Key>, Option<i64>, i64, String, String, i64);
    let due = jobs::table
        .filter(jobs::state.eq("queued"))
        .filter(jobs::run_at.le(Time(now)))
        .order((jobs::run_at, jobs::id))
        .limit(1)
        .select((
            jobs::id,
            jobs::stream_id,
            jobs::event_number,
            jobs::position,
            jobs::kind,
            jobs::payload,
            jobs::attempts,
        ));
    // On SQLite this transaction is the only one that writes; on PostgreSQL others pass over the row it holds.
    let found: Option<Found> = match tx.conn {
        AnyConnection::Postgres(conn) => due.for_update().skip_locked().first(conn).optional()?,
        AnyConnection::Sqlite(conn) => due.first(conn).optional()?,
    };
    let Some((id, stream, number, position, kind, payload, attempts)) = found else {
        return Ok(None);
    };
    let rows = diesel::update(jobs::table.find(id))
        .set((jobs::state.eq("running"), jobs::attempts.eq(attempts + 1), jobs::updated_at.eq(Time(now))))
        .execute(tx.conn)?;
    row::changed_one("jobs", rows)?;
    let cause = stream.zip(number).map(|(stream, number)| Cause { stream: event::stream(stream), number, position });
    Ok(Some(Job { id: id.0, cause, kind, payload, attempts: attempts + 1 }))
}

/// Writes down how an attempt ended.
pub fn finish(tx: &mut Tx<'_>, id: Uuid, outcome: Outcome, now: Instant) -> Result<(), StoreError> {
    let target = jobs::table.find(Key(id)).filter(jobs::state.eq("running"));
    let (state, run_at, last_error) = match outcome {
        Outcome::Done => ("done", now, None),
        Outcome::Retry(at, error) => ("queued", at, Some(error)),
        Outcome::Dead(error) => ("dead", now, Some(error)),
    };
    let rows = diesel::update(target)
        .set((
            jobs::state.eq(state),
            jobs::run_at.eq(Time(run_at)),
            jobs::last_error.eq(last_error),
            jobs::updated_at.eq(Time(now)),
        ))
        .execute(tx.conn)?;
    row::changed_one("jobs", rows)
}

/// Jobs whose worker vanished while it ran them: nobody can tell how far they came, so they are put away for an
/// operator rather than run twice.
pub fn bury_abandoned(tx: &mut Tx<'_>, since_before: Instant, now: Instant) -> Result<usize, StoreError> {
    let target = jobs::table.filter(jobs::state.eq("running")).filter(jobs::updated_at.lt(Time(since_before)));
    Ok(diesel::update(target)
        .set((
            jobs::state.eq("dead"),
            jobs::last_error.eq(Some("the worker stopped while running it; it may or may not have been done")),
            jobs::updated_at.eq(Time(now)),
        ))
        .execute(tx.conn)?)
}

/// Puts dead jobs back into the queue, as an operator asks. Returns how many.
pub fn revive(tx: &mut Tx<'_>, id: Option<Uuid>, now: Instant) -> Result<usize, StoreError> {
    let set =
        (jobs::state.eq("queued"), jobs::attempts.eq(0), jobs::run_at.eq(Time(now)), jobs::updated_at.eq(Time(now)));
    let dead = jobs::table.filter(jobs::state.eq("dead"));
    Ok(match id {
        Some(id) => diesel::update(dead.filter(jobs::id.eq(Key(id)))).set(set).execute(tx.conn)?,
        None => diesel::update(dead).set(set).execute(tx.conn)?,
    })
}

/// A job that was given up: id, kind, payload, last error.
pub type DeadJob = (Uuid, String, String, Option<String>);

/// The jobs that were given up.
pub fn list_dead(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<DeadJob>, StoreError> {
    type Found = (Key, String, String, Option<String>);
    let found: Vec<Found> = jobs::table
        .filter(jobs::state.eq("dead"))
        .order(jobs::id)
        .limit(limit)
        .select((jobs::id, jobs::kind, jobs::payload, jobs::last_error))
        .load(tx.conn)?;
    Ok(found.into_iter().map(|(id, kind, payload, error)| (id.0, kind, payload, error)).collect())
}

/// How many jobs there are in each state that an operator watches.
pub fn counts(tx: &mut Tx<'_>) -> Result<JobCounts, StoreError> {
    let mut count =
        |state: &str| jobs::table.filter(jobs::state.eq(state.to_owned())).count().get_result::<i64>(tx.conn);
    Ok(JobCounts { queued: count("queued")?, running: count("running")?, dead: count("dead")? })
}

/// Deletes jobs, some at a time, that were done, or given up, before an instant: what they needed to know may name
/// people. Returns how many.
pub fn delete_ended(tx: &mut Tx<'_>, state: Ended, before: Instant) -> Result<usize, StoreError> {
    let state = match state {
        Ended::Done => "done",
        Ended::Dead => "dead",
    };
    let ended = jobs::table
        .filter(jobs::state.eq_any(["done", "dead"]))
        .filter(jobs::state.eq(state))
        .filter(jobs::updated_at.lt(Time(before)))
        .limit(row::BATCH);
    let ids: Vec<Key> = ended.select(jobs::id).load(tx.conn)?;
    Ok(diesel::delete(jobs::table.filter(jobs::id.eq_any(ids))).execute(tx.conn)?)
}
