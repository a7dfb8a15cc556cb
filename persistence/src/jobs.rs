//! Work that is done later: rows that are written in the transaction that made the work necessary, and that a worker
//! claims.

use crate::{
    connection::{AnyConnection, insert_all},
    error::StoreError,
    event, row,
    schema::jobs,
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_query, sql_types::Bool};
use domain::{
    Instant,
    event::Stream,
    ids::ApkMailingId,
    job::{Task, TaskKind},
};
use uuid::Uuid;

/// The event that a job follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The stream that has the event.
    pub stream: Stream,
    /// The number of the event in that stream.
    pub number: i64,
    /// The place of the job among those that follow from the event.
    pub position: i64,
}

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// The event that it follows from; none when no event led to it.
    pub cause: Option<Cause>,
    /// The work itself.
    pub task: Task,
    /// How many times it was started.
    pub attempts: i64,
}

impl Job {
    /// A new piece of work that no event led to.
    pub const fn without_cause(id: Uuid, task: Task) -> Self {
        Self { id, cause: None, task, attempts: 0 }
    }
}

/// The result of a worker's request for work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// A job, which now belongs to this worker.
    Job(Job),
    /// A job whose data cannot be read. It is already stored as dead.
    Unreadable {
        /// The job's id.
        id: Uuid,
        /// Why it cannot be read.
        reason: String,
    },
}

/// How many jobs of a kind are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Jobs that wait for their time or for a worker.
    pub queued: i64,
    /// Those of them that were tried before and failed.
    pub retrying: i64,
    /// Jobs that a worker has claimed.
    pub running: i64,
    /// Jobs that were given up: an operator has to look at them.
    pub dead: i64,
    /// Since when the job that waits for the longest time could have been done: one that waits to be tried again since it first was
    /// due. None when no job is due and none waits to be tried again.
    pub due_since: Option<Instant>,
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadJob {
    /// Its id.
    pub id: Uuid,
    /// Its kind as it was stored, which this version may not know.
    pub kind: String,
    /// How many times it was started.
    pub attempts: i64,
    /// When it was given up.
    pub since: Instant,
    /// Why it was given up.
    pub last_error: Option<String>,
    /// The event that it follows from.
    pub cause: Option<Cause>,
    /// The work itself; none when this version cannot read it.
    pub task: Option<Task>,
}

/// A job that a worker has claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningJob {
    /// Its id.
    pub id: Uuid,
    /// Its kind as it was stored, which this version may not know.
    pub kind: String,
    /// How many times it was started.
    pub attempts: i64,
    /// When it was claimed.
    pub since: Instant,
}

/// How a job ended.
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
    /// It failed, and is tried again from this instant on.
    Retry(Instant, String),
    /// Nothing failed, but it is to be done from this instant on only: that was no attempt.
    Postponed(Instant, String),
    /// It failed, and is not tried again.
    Dead(String),
}

#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    stream_id: Option<Key>,
    event_number: Option<i64>,
    position: i64,
    kind: &'static str,
    payload: String,
    state: &'static str,
    attempts: i64,
    run_at: Time,
    /// When it was made or, when it was made for later, from when on it can be done: the age of a job that fails again and again
    /// counts from then.
    created_at: Time,
    updated_at: Time,
}

/// The jobs that wait. It is written as in the index: the plan of a prepared statement, which is made for any state, could not use
/// an index of those that wait, and would read all jobs.
fn waits() -> SqlLiteral<Bool> {
    sql("jobs.state = 'queued'")
}

/// The jobs that workers have claimed, written as in the index as well.
fn runs() -> SqlLiteral<Bool> {
    sql("jobs.state = 'running'")
}

/// Stores a job, to be run from `run_at` on.
pub fn insert(tx: &mut Tx<'_>, job: &Job, run_at: Instant, now: Instant) -> Result<(), StoreError> {
    insert_all(tx, std::slice::from_ref(job), run_at, now)
}

/// Stores jobs, to be run from `run_at` on.
pub fn insert_all(tx: &mut Tx<'_>, new: &[Job], run_at: Instant, now: Instant) -> Result<(), StoreError> {
    let row = |job: &Job| -> Result<Row, StoreError> {
        let Job { id, cause, task, attempts } = job;
        Ok(Row {
            id: Key(*id),
            stream_id: cause.map(|cause| event::key(cause.stream)),
            event_number: cause.map(|cause| cause.number),
            position: cause.map_or(0, |cause| cause.position),
            kind: task.kind().code(),
            payload: task.payload().map_err(|error| StoreError::Internal(error.to_string()))?,
            state: "queued",
            attempts: *attempts,
            run_at: run_at.into(),
            created_at: run_at.max(now).into(),
            updated_at: now.into(),
        })
    };
    let rows: Vec<Row> = new.iter().map(row).collect::<Result<_, _>>()?;
    insert_all!(tx, jobs::table, rows);
    Ok(())
}

/// Claims the jobs of a kind that have been due for the longest time, at most `room` of them. However many workers
/// there are, in this process or in others, each job is claimed by one.
pub fn claim(tx: &mut Tx<'_>, kind: TaskKind, room: usize, now: Instant) -> Result<Vec<Claimed>, StoreError> {
    type Found = (Key, Option<Key>, Option<i64>, i64, String, i64);
    let due = jobs::table
        .filter(waits())
        .filter(jobs::kind.eq(kind.code()))
        .filter(jobs::run_at.le(Time(now)))
        .order((jobs::run_at, jobs::id))
        .limit(i64::try_from(room).unwrap_or(i64::MAX))
        .select((jobs::id, jobs::stream_id, jobs::event_number, jobs::position, jobs::payload, jobs::attempts));
    // On SQLite this transaction is the only one that writes; on PostgreSQL others skip the rows that it has locked.
    let found: Vec<Found> = match tx.conn {
        AnyConnection::Postgres(conn) => due.for_update().skip_locked().load(conn)?,
        AnyConnection::Sqlite(conn) => due.load(conn)?,
    };
    let ids: Vec<Key> = found.iter().map(|(id, ..)| *id).collect();
    let begun = (jobs::state.eq("running"), jobs::attempts.eq(jobs::attempts + 1), jobs::updated_at.eq(Time(now)));
    if !ids.is_empty() {
        let rows = diesel::update(jobs::table.filter(jobs::id.eq_any(&ids))).set(begun).execute(tx.conn)?;
        row::changed("jobs", rows, ids.len())?;
    }
    let mut claimed = vec![];
    for (id, stream, number, position, payload, attempts) in found {
        let cause =
            stream.zip(number).map(|(stream, number)| Cause { stream: event::stream(stream), number, position });
        claimed.push(match Task::read(kind, &payload) {
            Ok(task) => Claimed::Job(Job { id: id.0, cause, task, attempts: attempts + 1 }),
            Err(reason) => {
                let reason = format!("what it needs to know cannot be read: {reason}");
                finish(tx, id.0, Outcome::Dead(reason.clone()), now)?;
                Claimed::Unreadable { id: id.0, reason }
            }
        });
    }
    Ok(claimed)
}

/// Stores due jobs of an unknown kind as dead, for an operator: no worker would ever claim them. Returns how many.
pub fn bury_unknown(tx: &mut Tx<'_>, now: Instant) -> Result<usize, StoreError> {
    let known: Vec<&str> = TaskKind::ALL.iter().map(|kind| kind.code()).collect();
    let target = jobs::table.filter(waits()).filter(jobs::kind.ne_all(known)).filter(jobs::run_at.le(Time(now)));
    Ok(diesel::update(target)
        .set((
            jobs::state.eq("dead"),
            jobs::last_error.eq(Some("this version of the program knows no such kind of job")),
            jobs::updated_at.eq(Time(now)),
        ))
        .execute(tx.conn)?)
}

/// Lets the transaction be committed before it is on the disk, which saves most of its time. When the database's machine fails in the
/// next second, it may not have happened: so it is for what happens again by itself then, and may.
pub fn spare_the_disk(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(conn) = &mut *tx.conn {
        sql_query("SET LOCAL synchronous_commit = off").execute(conn)?;
    }
    Ok(())
}

/// An attempt that ended.
#[derive(Clone, Debug)]
pub struct EndedAttempt {
    /// The job.
    pub id: Uuid,
    /// Which of its attempts it was, counted from 1.
    pub number: i64,
    /// How it ended.
    pub outcome: Outcome,
}

/// What an attempt that ended leaves in its row.
#[derive(AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_null = true)]
struct EndedRow {
    state: &'static str,
    run_at: Time,
    last_error: Option<String>,
    updated_at: Time,
}

/// Records how an attempt ended.
pub fn finish(tx: &mut Tx<'_>, id: Uuid, outcome: Outcome, now: Instant) -> Result<(), StoreError> {
    row::changed_one("jobs", end(tx, id, None, outcome, now)?)
}

/// Records how attempts ended. Of a job that another worker has begun again meanwhile, nothing but that it is done is recorded. Returns
/// of how many nothing was: they are not running any more, or run for another worker.
pub fn finish_all(tx: &mut Tx<'_>, ended: &[EndedAttempt], now: Instant) -> Result<usize, StoreError> {
    let (done, others): (Vec<_>, Vec<_>) = ended.iter().partition(|one| matches!(one.outcome, Outcome::Done));
    let mut rows = 0;
    if !done.is_empty() {
        let ids: Vec<Key> = done.iter().map(|one| Key(one.id)).collect();
        let target = jobs::table.filter(jobs::id.eq_any(ids)).filter(jobs::state.eq("running"));
        let set = EndedRow { state: "done", run_at: Time(now), last_error: None, updated_at: Time(now) };
        rows += diesel::update(target).set(set).execute(tx.conn)?;
    }
    for EndedAttempt { id, number, outcome } in others {
        rows += end(tx, *id, Some(*number), outcome.clone(), now)?;
    }
    Ok(ended.len().saturating_sub(rows))
}

/// Records how an attempt ended. Returns how many jobs have this id and are running, for this attempt if one is named.
fn end(tx: &mut Tx<'_>, id: Uuid, attempt: Option<i64>, outcome: Outcome, now: Instant) -> Result<usize, StoreError> {
    let attempts = attempt.map_or(0..=i64::MAX, |number| number..=number);
    let target = jobs::table
        .find(Key(id))
        .filter(jobs::state.eq("running"))
        .filter(jobs::attempts.between(*attempts.start(), *attempts.end()));
    let (state, run_at, last_error) = match outcome {
        Outcome::Postponed(at, reason) => {
            let set = (
                jobs::state.eq("queued"),
                jobs::attempts.eq(jobs::attempts - 1),
                jobs::run_at.eq(Time(at)),
                jobs::created_at.eq(Time(at)),
                jobs::last_error.eq(Some(reason)),
                jobs::updated_at.eq(Time(now)),
            );
            return Ok(diesel::update(target).set(set).execute(tx.conn)?);
        }
        Outcome::Done => ("done", now, None),
        Outcome::Retry(at, error) => ("queued", at, Some(error)),
        Outcome::Dead(error) => ("dead", now, Some(error)),
    };
    let set = EndedRow { state, run_at: Time(run_at), last_error, updated_at: Time(now) };
    Ok(diesel::update(target).set(set).execute(tx.conn)?)
}

/// Stores as dead the jobs whose worker vanished while it ran them, for an operator: nobody knows how far they came. Those
/// that may be done twice are put back into the queue before, by [`requeue_abandoned`].
pub fn bury_abandoned(tx: &mut Tx<'_>, since_before: Instant, now: Instant) -> Result<usize, StoreError> {
    let target = jobs::table.filter(runs()).filter(jobs::updated_at.lt(Time(since_before)));
    Ok(diesel::update(target)
        .set((
            jobs::state.eq("dead"),
            jobs::last_error.eq(Some("the worker stopped while running it; it may or may not have been done")),
            jobs::updated_at.eq(Time(now)),
        ))
        .execute(tx.conn)?)
}

/// Puts the jobs that may be done twice back into the queue when their worker vanished, unless they were started as often
/// as a job is tried: then it may be the job that ends its workers. Returns how many.
pub fn requeue_abandoned(
    tx: &mut Tx<'_>,
    most_attempts: i64,
    since_before: Instant,
    now: Instant,
) -> Result<usize, StoreError> {
    let kinds: Vec<&str> =
        TaskKind::ALL.iter().filter(|kind| kind.may_be_done_twice()).map(|kind| kind.code()).collect();
    let target = jobs::table
        .filter(runs())
        .filter(jobs::kind.eq_any(kinds))
        .filter(jobs::attempts.lt(most_attempts))
        .filter(jobs::updated_at.lt(Time(since_before)));
    Ok(diesel::update(target)
        .set((jobs::state.eq("queued"), jobs::run_at.eq(Time(now)), jobs::updated_at.eq(Time(now))))
        .execute(tx.conn)?)
}

/// Whether the same work waits already, so that it need not be queued again.
pub fn is_queued(tx: &mut Tx<'_>, task: &Task) -> Result<bool, StoreError> {
    let payload = task.payload().map_err(|error| StoreError::Internal(error.to_string()))?;
    let same = jobs::table.filter(waits()).filter(jobs::kind.eq(task.kind().code())).filter(jobs::payload.eq(payload));
    Ok(diesel::select(diesel::dsl::exists(same)).get_result(tx.conn)?)
}

/// Takes back the job that waits to go through the cars of a mailing, if there is one. Returns how many there were.
pub fn withdraw_mailing(tx: &mut Tx<'_>, id: ApkMailingId) -> Result<usize, StoreError> {
    // As the work is written: the mailing comes first.
    let begins = format!("{{\"mailingId\":\"{id}\"%");
    let waiting =
        jobs::table.filter(waits()).filter(jobs::kind.eq(TaskKind::Mailing.code())).filter(jobs::payload.like(begins));
    Ok(diesel::delete(waiting).execute(tx.conn)?)
}

/// Puts dead jobs back into the queue, at an operator's request: one, or all that may be done twice. Returns how many.
pub fn revive(tx: &mut Tx<'_>, id: Option<Uuid>, now: Instant) -> Result<usize, StoreError> {
    let set = (
        jobs::state.eq("queued"),
        jobs::attempts.eq(0),
        jobs::run_at.eq(Time(now)),
        jobs::created_at.eq(Time(now)),
        jobs::updated_at.eq(Time(now)),
    );
    let dead = jobs::table.filter(jobs::state.eq("dead"));
    if let Some(id) = id {
        return Ok(diesel::update(dead.filter(jobs::id.eq(Key(id)))).set(set).execute(tx.conn)?);
    }
    let once = TaskKind::ALL.iter().filter(|kind| !kind.may_be_done_twice()).map(|kind| kind.code());
    Ok(diesel::update(dead.filter(jobs::kind.ne_all(once))).set(set).execute(tx.conn)?)
}

/// The jobs that were given up.
pub fn list_dead(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<DeadJob>, StoreError> {
    type Found = ((Key, String, i64, Time, Option<String>), (Option<Key>, Option<i64>, i64, String));
    let found: Vec<Found> = jobs::table
        .filter(jobs::state.eq("dead"))
        .order(jobs::id)
        .limit(limit)
        .select((
            (jobs::id, jobs::kind, jobs::attempts, jobs::updated_at, jobs::last_error),
            (jobs::stream_id, jobs::event_number, jobs::position, jobs::payload),
        ))
        .load(tx.conn)?;
    let read = |((id, kind, attempts, since, last_error), (stream, number, position, payload)): Found| DeadJob {
        id: id.0,
        attempts,
        since: since.0,
        last_error,
        cause: stream.zip(number).map(|(stream, number)| Cause { stream: event::stream(stream), number, position }),
        task: TaskKind::from_code(&kind).and_then(|kind| Task::read(kind, &payload).ok()),
        kind,
    };
    Ok(found.into_iter().map(read).collect())
}

/// The jobs that workers have claimed, those that run for the longest time first.
pub fn list_running(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<RunningJob>, StoreError> {
    type Found = (Key, String, i64, Time);
    let found: Vec<Found> = jobs::table
        .filter(runs())
        .order((jobs::updated_at, jobs::id))
        .limit(limit)
        .select((jobs::id, jobs::kind, jobs::attempts, jobs::updated_at))
        .load(tx.conn)?;
    let read = |(id, kind, attempts, since): Found| RunningJob { id: id.0, kind, attempts, since: since.0 };
    Ok(found.into_iter().map(read).collect())
}

/// How many jobs of each kind are in each state that an operator watches. The kind is none for all unknown kinds. Every
/// kind is in the answer, so that a kind without jobs is shown with zeros.
pub fn counts(tx: &mut Tx<'_>, now: Instant) -> Result<Vec<(Option<TaskKind>, JobCounts)>, StoreError> {
    let mut count = |state: &str, least_attempts: i64| -> Result<Vec<(String, i64)>, StoreError> {
        let of_state = jobs::table.filter(jobs::state.eq(state.to_owned())).filter(jobs::attempts.ge(least_attempts));
        Ok(of_state.group_by(jobs::kind).select((jobs::kind, diesel::dsl::count_star())).load(tx.conn)?)
    };
    let (queued, retrying) = (count("queued", 0)?, count("queued", 1)?);
    let (running, dead) = (count("running", 0)?, count("dead", 0)?);
    let mut counts = vec![];
    for kind in TaskKind::ALL.iter().copied().map(Some).chain([None]) {
        let sum = |found: &[(String, i64)]| {
            found.iter().filter(|(code, _)| TaskKind::from_code(code) == kind).map(|(_, count)| count).sum()
        };
        let due_since = kind.map(|kind| due_since(tx, kind, now)).transpose()?.flatten();
        let (queued, retrying) = (sum(&queued), sum(&retrying));
        let of_kind = JobCounts { queued, retrying, running: sum(&running), dead: sum(&dead), due_since };
        counts.push((kind, of_kind));
    }
    Ok(counts)
}

fn due_since(tx: &mut Tx<'_>, kind: TaskKind, now: Instant) -> Result<Option<Instant>, StoreError> {
    let longest: Option<Time> = jobs::table
        .filter(waits())
        .filter(jobs::kind.eq(kind.code()))
        .filter(jobs::run_at.le(Time(now)))
        .order((jobs::run_at, jobs::id))
        .select(jobs::run_at)
        .first(tx.conn)
        .optional()?;
    // What is tried again waits since it was first due, and not since the last attempt.
    let retried: Option<Time> = jobs::table
        .filter(waits())
        .filter(jobs::kind.eq(kind.code()))
        .filter(jobs::attempts.ge(1))
        .filter(jobs::created_at.le(Time(now)))
        .order(jobs::created_at)
        .select(jobs::created_at)
        .first(tx.conn)
        .optional()?;
    Ok(longest.into_iter().chain(retried).map(|at| at.0).min())
}

/// Deletes jobs that were done, or given up, before an instant, a limited number at a time, since their data may name
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
