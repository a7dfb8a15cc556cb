//! The worker: it sends mails, and does what time makes necessary.
//!
//! Jobs are rows that were inserted with the events they follow from. A job is claimed in one transaction, done outside
//! any, and its outcome is recorded in another, together with those of others and with the next claims. When nobody can
//! know whether a mail was sent (the worker was killed, or the connection broke after the message was handed over), it is
//! sent again with the same `Message-ID`: these mails are about an account or a car, and one that is lost does harm while a
//! second copy does none.
//!
//! One thread claims jobs. Each job then has a thread of its own, and each kind of job can run only so many at once, so
//! that a kind that waits, for example for a mail server that does not answer, does not delay the others. Housekeeping
//! has a thread too. All of them share one connection to the database, one after the other: so jobs take no connections
//! from requests, and no connection is occupied while a job waits for something else.

mod costs;
mod dead;
mod housekeeping;
mod letter;
mod mailings;
mod reminders;
mod streams;
mod tasks;

pub use dead::about;
pub use housekeeping::LEASE;

use crate::{
    mail::Transport,
    problem::{Code, Problem},
    state::App,
    telemetry,
};
use actix_web::web;
use crossbeam_channel::Sender;
use domain::{Instant, job::TaskKind};
use jiff::SignedDuration;
use persistence::{
    self as store, Store, Tx,
    jobs::{Claimed, EndedAttempt, Job, Outcome},
};
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::Scope,
    time::Duration,
};

/// How many times it is tried to write down what became of a letter while the database cannot be reached, or cannot store anything.
const WRITES: u32 = 10;
/// The same once the worker is to stop.
const LAST_WRITES: u32 = 3;
/// Why a job that ended so is dead.
const PANICKED: &str = "it panicked; it may or may not have been done";
/// How long the worker waits when there was nothing to do.
const IDLE: Duration = Duration::from_millis(250);

/// How often housekeeping is done.
const EACH_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Whether something is to be done again that is done `each` so often. When the clock was set back it is, too: else nothing would be
/// done until the clock is again where it was.
fn is_time(now: Instant, next_at: Instant, each: SignedDuration) -> bool {
    now >= next_at || now < next_at - each
}

/// How many jobs of a kind a server runs at once.
const fn at_once(kind: TaskKind) -> usize {
    match kind {
        // With those of reminders and mailings, no more than the connections to the mail server.
        TaskKind::Mail => 4,
        // Most of its time a message waits for the push service.
        TaskKind::Push => 8,
        TaskKind::Reminder
        | TaskKind::MailingLetter
        | TaskKind::Notify
        | TaskKind::PasswordReset
        | TaskKind::DeleteFile => 2,
        // The first three hold the lock of a garage while they work, and the garage's commands wait for it. Of lists there are few.
        TaskKind::RefreshStandings | TaskKind::LookAgain | TaskKind::Mailing | TaskKind::ReminderList => 1,
    }
}

/// Runs jobs.
pub struct Worker {
    app: web::Data<App>,
    transport: Transport,
    /// Locked by the thread that uses the connection that is reserved for the worker.
    turn: Mutex<()>,
}

/// What was claimed of a kind that had room.
struct Taken {
    kind: TaskKind,
    /// How many could be claimed.
    room: usize,
    jobs: Vec<Claimed>,
}

/// A job that ended.
struct Ended {
    kind: TaskKind,
    attempt: EndedAttempt,
}

impl Ended {
    fn new(job: &Job, outcome: Outcome) -> Self {
        let attempt = EndedAttempt { id: job.id, number: job.attempts, outcome };
        Self { kind: job.task.kind(), attempt }
    }
}

/// How many jobs of each kind are running.
type Running = BTreeMap<TaskKind, usize>;

impl Worker {
    /// A worker with the parts that all threads share.
    pub fn new(app: web::Data<App>) -> Result<Self, String> {
        let transport = Transport::from_config(app.settings.smtp_url.as_deref(), &app.settings.mail_folder)?;
        Ok(Self { app, transport, turn: Mutex::new(()) })
    }

    /// Works until it is stopped, on threads of its own. The returned thread ends when all running jobs have finished.
    pub fn spawn(self, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
        std::thread::spawn(move || {
            std::thread::scope(|scope| {
                scope.spawn(|| self.keep_house_until(&stop));
                scope.spawn(|| self.learn_costs_until(&stop));
                scope.spawn(|| self.feed_streams_until(&stop));
                self.run_until(scope, &stop);
            });
        })
    }

    fn now(&self) -> Instant {
        self.app.clock.now()
    }

    /// The database, when it is this thread's turn. It is for short work that does not call this function again.
    fn with_store<T>(&self, work: impl FnOnce(&Store) -> T) -> T {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        work(self.app.database.store())
    }

    fn keep_house_until(&self, stop: &AtomicBool) {
        let mut housekeeping_at = Instant::MIN;
        while !stop.load(Ordering::Relaxed) {
            let now = self.now();
            if is_time(now, housekeeping_at, EACH_MINUTE) {
                let kept = catch_unwind(AssertUnwindSafe(|| self.keep_house()));
                report(kept.unwrap_or_else(|_| Err(Problem::internal("housekeeping panicked"))));
                telemetry::keep_metrics_small();
                self.transport.rest();
                housekeeping_at = now + EACH_MINUTE;
            }
            std::thread::sleep(IDLE);
        }
    }

    /// Claims jobs when there is room for their kind, starts a thread for each, and writes down how they ended. After it is told to
    /// stop it waits for those that run.
    fn run_until<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, stop: &AtomicBool) {
        let (end, ends) = crossbeam_channel::unbounded();
        let mut running = Running::new();
        // Of a kind of which all that was due is running, new jobs are looked for only when they could be there since a while: else
        // each job that ends would ask for those of all kinds.
        let mut looked_at: BTreeMap<TaskKind, std::time::Instant> = BTreeMap::new();
        let (mut ended, mut failures) = (vec![], 0);
        loop {
            let is_stopping = stop.load(Ordering::Relaxed);
            if is_stopping && ended.is_empty() && running.values().all(|count| *count == 0) {
                return;
            }
            self.app.worker_seen.beat(self.now());
            let began = std::time::Instant::now();
            let room = |kind| match looked_at.get(&kind) {
                _ if is_stopping => 0,
                Some(at) if began.duration_since(*at) < IDLE => 0,
                _ => at_once(kind).saturating_sub(running.get(&kind).copied().unwrap_or(0)),
            };
            match self.take_turn(&ended, room) {
                Ok(taken) => {
                    ended.clear();
                    for Taken { kind, room, jobs } in taken {
                        if jobs.len() < room {
                            looked_at.insert(kind, began);
                        }
                        for job in jobs.into_iter().filter_map(readable) {
                            *running.entry(kind).or_default() += 1;
                            self.start(scope, &job, &end);
                        }
                    }
                }
                Err(problem) => {
                    if !may_pass(problem.code) {
                        ended = self.write_down_each(ended);
                    }
                    report(Err(problem));
                    if is_stopping {
                        failures += 1;
                        if failures >= LAST_WRITES {
                            // To the database they are jobs that lost their worker.
                            ended.clear();
                        }
                    }
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
            // The thread waits until a job has ended, which makes room, or until it is time to look for new ones.
            for one in ends.recv_timeout(IDLE).into_iter().chain(ends.try_iter()) {
                running.entry(one.kind).and_modify(|count| *count = count.saturating_sub(1));
                ended.push(one);
            }
        }
    }

    /// Runs a job on a thread of its own, which says how it ended.
    fn start<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, job: &Job, end: &Sender<Ended>) {
        let work = {
            let (job, end) = (job.clone(), end.clone());
            move || {
                let panicked = |_| Ended::new(&job, Outcome::Dead(PANICKED.into()));
                let ended = catch_unwind(AssertUnwindSafe(|| self.complete(&job))).unwrap_or_else(panicked);
                // It is received as long as jobs run.
                let _ = end.send(ended);
            }
        };
        let thread = std::thread::Builder::new().name(format!("job-{}", job.task.kind().code()));
        if let Err(error) = thread.spawn_scoped(scope, work) {
            // That was no attempt. With room in a moment, it is tried again then.
            let reason = format!("no thread could be started: {error}");
            let outcome = Outcome::Postponed(self.now() + SignedDuration::from_secs(10), reason);
            let _ = end.send(Ended::new(job, outcome));
        }
    }

    /// Writes down how jobs ended, and claims those that are due, of each kind as many as there is room for: in one transaction,
    /// since each costs a job more than what most of them do. Returns what was found of each kind that had room.
    fn take_turn(&self, ended: &[Ended], room: impl Fn(TaskKind) -> usize) -> Result<Vec<Taken>, Problem> {
        let room: Vec<(TaskKind, usize)> =
            TaskKind::ALL.iter().map(|kind| (*kind, room(*kind))).filter(|(_, room)| *room > 0).collect();
        if room.is_empty() && ended.is_empty() {
            return Ok(vec![]);
        }
        let (taken, lost) = self.with_store(|store| store.write(|tx| self.end_and_claim(tx, ended, &room)))?;
        say_lost(lost);
        Ok(taken)
    }

    /// Returns also how many of the ended jobs were no longer this worker's.
    fn end_and_claim(
        &self,
        tx: &mut Tx<'_>,
        ended: &[Ended],
        room: &[(TaskKind, usize)],
    ) -> Result<(Vec<Taken>, usize), Problem> {
        let lost = self.end(tx, ended)?;
        let mut taken = vec![];
        for (kind, room) in room {
            let jobs = store::jobs::claim(tx, *kind, *room, self.now())?;
            taken.push(Taken { kind: *kind, room: *room, jobs });
        }
        // Should the database forget an outcome, the job is one that lost its worker: it is done again if it may be, else it waits for
        // a person. Should it forget a claim, the job is claimed again, and done again.
        let mut claimed = taken.iter().flat_map(|taken| &taken.jobs).peekable();
        let writes = !ended.is_empty() || claimed.peek().is_some();
        if writes && claimed.all(may_be_claimed_twice) {
            store::jobs::spare_the_disk(tx)?;
        }
        Ok((taken, lost))
    }

    fn end(&self, tx: &mut Tx<'_>, ended: &[Ended]) -> Result<usize, Problem> {
        let attempts: Vec<EndedAttempt> = ended.iter().map(|one| one.attempt.clone()).collect();
        Ok(store::jobs::finish_all(tx, &attempts, self.now())?)
    }

    /// Runs all jobs that are due, one after the other, on this thread: for tests. Returns how many.
    pub fn run_due(&self) -> Result<usize, Problem> {
        let mut done = 0;
        loop {
            let claimed: Vec<Claimed> = self.take_turn(&[], |_| 1)?.into_iter().flat_map(|taken| taken.jobs).collect();
            if claimed.is_empty() {
                return Ok(done);
            }
            done += claimed.len();
            for job in claimed.into_iter().filter_map(readable) {
                self.write_down(&[self.complete(&job)])?;
            }
        }
    }

    /// Runs a job. When a mail was sent and that is not written down, nobody can know it later.
    fn complete(&self, job: &Job) -> Ended {
        let panicked = |_| Outcome::Dead(PANICKED.into());
        let outcome = catch_unwind(AssertUnwindSafe(|| self.run(job))).unwrap_or_else(panicked);
        let kind = job.task.kind().code();
        if let Outcome::Dead(reason) = &outcome {
            tracing::error!(job = %job.id, kind, reason, "a job is dead; see `autopaspoort jobs list`");
        }
        if let Outcome::Retry(_, reason) = &outcome
            && job.attempts == 1
        {
            tracing::warn!(job = %job.id, kind, reason, "a job failed for the first time, and is tried again");
        }
        metrics::counter!("jobs_run_total", "kind" => kind, "outcome" => outcome_word(&outcome)).increment(1);
        Ended::new(job, outcome)
    }

    /// Writes down how each of several jobs ended, so that one with which that cannot be done holds up none of the others. Returns those
    /// with which it may be done later.
    fn write_down_each(&self, ended: Vec<Ended>) -> Vec<Ended> {
        let mut ended = ended.into_iter();
        while let Some(one) = ended.next() {
            match self.write_down(std::slice::from_ref(&one)) {
                Err(problem) if may_pass(problem.code) => return std::iter::once(one).chain(ended).collect(),
                done => report(done),
            }
        }
        vec![]
    }

    /// Writes down how jobs ended, and nothing else.
    fn write_down(&self, ended: &[Ended]) -> Result<(), Problem> {
        let end = |tx: &mut Tx<'_>| -> Result<usize, Problem> {
            store::jobs::spare_the_disk(tx)?;
            self.end(tx, ended)
        };
        say_lost(self.with_store(|store| store.write(end))?);
        Ok(())
    }
}

/// Jobs that took so long that another worker began them again, or that were given up meanwhile.
fn say_lost(jobs: usize) {
    if jobs > 0 {
        tracing::warn!(jobs, "jobs ended that were no longer this worker's");
    }
}

/// The claimed job; none when it cannot be read, which is logged.
fn readable(claimed: Claimed) -> Option<Job> {
    match claimed {
        Claimed::Job(job) => Some(job),
        Claimed::Unreadable { id, reason } => {
            tracing::error!(job = %id, reason, "a job is dead; see `autopaspoort jobs list`");
            None
        }
    }
}

fn may_be_claimed_twice(claimed: &Claimed) -> bool {
    match claimed {
        Claimed::Job(job) => job.task.kind().may_be_done_twice(),
        Claimed::Unreadable { .. } => false,
    }
}

/// Whether the reason why the database cannot store something may pass.
fn may_pass(code: Code) -> bool {
    matches!(code, Code::DatabaseUnavailable | Code::Overloaded | Code::StorageFull)
}

fn report(result: Result<(), Problem>) {
    if let Err(problem) = result {
        tracing::warn!(code = problem.code.code(), reason = problem.reason(), "the worker could not go on");
    }
}

fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Retry(..) => "retry",
        Outcome::Postponed(..) => "postponed",
        Outcome::Dead(_) => "dead",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_stops_nothing() {
        let at = |minute: i64| Instant::from_second(1_792_890_000 + 60 * minute).unwrap();
        let is_time = |minute| is_time(at(minute), at(10), EACH_MINUTE);
        assert!(is_time(10) && is_time(11) && !is_time(9));
        assert!(is_time(8), "the clock was set back by an hour, or by a minute");
        assert!(is_time(-50));
    }
}
