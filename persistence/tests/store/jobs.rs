//! Work to be done later: each piece to one worker, and none forgotten.

use crate::support::{Database, sample, together};
use domain::{
    Instant,
    job::{Task, TaskKind},
};
use persistence::jobs::{self, Claimed, DeadJob, Ended, EndedAttempt, Job, JobCounts, Outcome};
use std::{
    collections::HashSet,
    sync::atomic::{AtomicUsize, Ordering},
};
use uuid::Uuid;

on_both!(
    each_job_goes_to_one_worker,
    the_job_that_waits_longest_goes_first,
    a_long_queue_of_one_kind_holds_up_none_of_another,
    a_failed_job_is_tried_again_in_its_time,
    a_job_that_is_tried_again_ages_on,
    attempts_that_end_together_are_recorded_each_for_itself,
    a_dead_job_waits_for_an_operator,
    a_job_that_cannot_be_read_is_put_away_and_the_others_go_on,
    a_job_of_an_unknown_kind_is_put_away,
    a_job_whose_worker_vanished_is_put_away,
    a_job_that_may_be_done_twice_is_done_again,
    done_jobs_are_deleted_in_time,
);

fn queue(db: &Database, run_at: Instant) -> Uuid {
    let job = sample::job();
    db.write(|tx| jobs::insert(tx, &job, run_at, sample::at(0)));
    job.id
}

fn claim_some(db: &Database, kind: TaskKind, room: usize, now: i64) -> Vec<(Uuid, i64)> {
    let claimed = db.write(|tx| jobs::claim(tx, kind, room, sample::at(now)));
    let known = |claimed| match claimed {
        Claimed::Job(job) => (job.id, job.attempts),
        Claimed::Unreadable { reason, .. } => panic!("{reason}"),
    };
    claimed.into_iter().map(known).collect()
}

fn claim(db: &Database, now: i64) -> Option<(Uuid, i64)> {
    claim_some(db, TaskKind::Mail, 1, now).pop()
}

fn finish(db: &Database, id: Uuid, outcome: &Outcome, now: i64) {
    db.write(|tx| jobs::finish(tx, id, outcome.clone(), sample::at(now)));
}

fn mails(db: &Database) -> JobCounts {
    sample::job_counts(db, Some(TaskKind::Mail))
}

/// A mail server that is down must not look well between two attempts.
fn a_job_that_is_tried_again_ages_on(db: &Database) {
    let due_since = |now| {
        db.read(|tx| jobs::counts(tx, sample::at(now)))
            .into_iter()
            .find(|(kind, _)| *kind == Some(TaskKind::Mail))
            .unwrap()
            .1
            .due_since
    };
    let id = queue(db, sample::at(10));
    assert_eq!(due_since(9), None, "it is for later");
    assert_eq!(due_since(11), Some(sample::at(10)));
    for attempt in 1..4 {
        assert_eq!(claim(db, attempt * 100), Some((id, attempt)));
        finish(db, id, &Outcome::Retry(sample::at(attempt * 100 + 50), "no answer".into()), attempt * 100);
        assert_eq!(due_since(attempt * 100 + 1), Some(sample::at(10)), "it waits to be tried again");
    }
    // What waits for its hour has no age before it, and no attempt that failed.
    let other = queue(db, sample::at(0));
    assert_eq!(claim(db, 305), Some((other, 1)));
    finish(db, other, &Outcome::Postponed(sample::at(900), "not yet".into()), 305);
    assert_eq!(claim(db, 360), Some((id, 4)));
    finish(db, id, &Outcome::Done, 361);
    assert_eq!((mails(db).queued, mails(db).retrying, due_since(899)), (1, 0, None));
    assert_eq!(claim(db, 901), Some((other, 1)));
    finish(db, other, &Outcome::Retry(sample::at(950), "no answer".into()), 902);
    assert_eq!((mails(db).retrying, due_since(903)), (1, Some(sample::at(900))));
}

/// A worker that comes late, or says again what it does not know to be written down, takes no job from the one that has begun it again.
fn attempts_that_end_together_are_recorded_each_for_itself(db: &Database) {
    let [done, failed, given_up, late] = std::array::from_fn(|n| queue(db, sample::at(i64::try_from(n).unwrap())));
    assert_eq!(claim_some(db, TaskKind::Mail, 4, 10).len(), 4);
    let ended = |id, number, outcome| EndedAttempt { id, number, outcome };
    let retry = |at| Outcome::Retry(sample::at(at), "no answer".into());
    let end_all = |all: &[EndedAttempt]| db.write(|tx| jobs::finish_all(tx, all, sample::at(11)));
    assert_eq!(end_all(&[ended(late, 1, retry(12))]), 0);
    assert_eq!(claim(db, 12), Some((late, 2)));
    let all = [
        ended(late, 1, retry(13)),
        ended(done, 1, Outcome::Done),
        ended(failed, 1, retry(20)),
        ended(given_up, 1, Outcome::Dead("no".into())),
    ];
    assert_eq!(end_all(&all), 1, "the first attempt of one ended long ago");
    assert_eq!((mails(db).queued, mails(db).running, mails(db).dead), (1, 1, 1));
    assert_eq!(end_all(&all), 4);
    assert_eq!((mails(db).queued, mails(db).running, mails(db).dead), (1, 1, 1));
    assert_eq!(end_all(&[ended(late, 2, Outcome::Done)]), 0);
    assert_eq!((claim(db, 19), claim(db, 20)), (None, Some((failed, 2))));
}

fn counts(queued: i64, running: i64, dead: i64) -> JobCounts {
    JobCounts { queued, retrying: 0, running, dead, due_since: None }
}

/// Threads of this process and of another, as the store of a second server is, claim from one to three at a time.
fn each_job_goes_to_one_worker(db: &Database) {
    let queued: HashSet<Uuid> = (0..200).map(|n| queue(db, sample::at(n % 7))).collect();
    let other = db.another_store(8);
    let left = AtomicUsize::new(200);
    let claimed = together(16, |thread| {
        let store = if thread % 2 == 0 { &db.store } else { &other };
        let mut mine = Vec::new();
        while left.load(Ordering::SeqCst) > 0 {
            let claimed = store.write(|tx| jobs::claim(tx, TaskKind::Mail, 1 + thread % 3, sample::at(10))).unwrap();
            assert!(claimed.len() <= 1 + thread % 3);
            left.fetch_sub(claimed.len(), Ordering::SeqCst);
            for job in claimed {
                let Claimed::Job(job) = job else { panic!("{job:?}") };
                assert_eq!(job.attempts, 1);
                store.write(|tx| jobs::finish(tx, job.id, Outcome::Done, sample::at(11))).unwrap();
                mine.push(job.id);
            }
        }
        mine
    })
    .concat();
    assert_eq!(claimed.len(), queued.len(), "none twice");
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>(), queued, "none forgotten");
    assert_eq!(mails(db), counts(0, 0, 0));
}

fn a_long_queue_of_one_kind_holds_up_none_of_another(db: &Database) {
    let mails: Vec<Uuid> = (0..5).map(|at| queue(db, sample::at(at))).collect();
    let task = Task::PasswordReset(sample::email("jan@jansen.example"));
    let reset = Job { task, ..sample::job() };
    db.write(|tx| jobs::insert(tx, &reset, sample::at(9), sample::at(0)));
    assert_eq!(claim_some(db, TaskKind::PasswordReset, 5, 8), [], "it is not due");
    assert_eq!(claim_some(db, TaskKind::PasswordReset, 5, 9), [(reset.id, 1)]);
    let first: Vec<_> = mails[..3].iter().map(|id| (*id, 1)).collect();
    assert_eq!(claim_some(db, TaskKind::Mail, 0, 9), [], "there is no room");
    let mut claimed = claim_some(db, TaskKind::Mail, 3, 9);
    claimed.sort_by_key(|(id, _)| mails.iter().position(|mail| mail == id));
    assert_eq!(claimed, first, "those that have been due longest");
    let counts = db.read(|tx| jobs::counts(tx, sample::at(9)));
    let of = |kind| counts.iter().find(|(found, _)| *found == kind).unwrap().1;
    let waiting = JobCounts { queued: 2, retrying: 0, running: 3, dead: 0, due_since: Some(sample::at(3)) };
    assert_eq!(of(Some(TaskKind::Mail)), waiting);
    assert_eq!(of(Some(TaskKind::PasswordReset)), JobCounts { running: 1, ..JobCounts::default() });
    assert_eq!(of(None), JobCounts::default());
}

fn a_job_that_cannot_be_read_is_put_away_and_the_others_go_on(db: &Database) {
    let [good, bad, fine] = [0, 1, 2].map(|at| queue(db, sample::at(at)));
    let broken = format!(
        "UPDATE jobs SET payload = '{{\"template\":\"gone\"}}' WHERE run_at = {}",
        match db.backend() {
            persistence::Backend::Sqlite => sample::at(1).as_microsecond().to_string(),
            persistence::Backend::Postgres => format!("'{}'", sample::at(1)),
        }
    );
    db.raw().run(&broken).unwrap();
    let claimed = db.write(|tx| jobs::claim(tx, TaskKind::Mail, 9, sample::at(5)));
    let [Claimed::Job(first), Claimed::Unreadable { id, reason }, Claimed::Job(last)] = &claimed[..] else {
        panic!("{claimed:?}")
    };
    assert_eq!((first.id, *id, last.id), (good, bad, fine));
    assert!(reason.contains("cannot be read") && reason.contains("gone"), "{reason}");
    let dead = db.read(|tx| jobs::list_dead(tx, 9));
    let cause = dead.first().and_then(|dead| dead.cause);
    let last_error = Some(reason.clone());
    let expected =
        DeadJob { id: bad, kind: "mail".into(), attempts: 1, since: sample::at(5), last_error, cause, task: None };
    assert_eq!(dead, [expected]);
    assert_eq!(mails(db), counts(0, 2, 1));
}

fn a_job_of_an_unknown_kind_is_put_away(db: &Database) {
    let id = queue(db, sample::at(5));
    db.raw().run("UPDATE jobs SET kind = 'from_the_future'").unwrap();
    let known = queue(db, sample::at(5));
    let bury = |now| db.write(|tx| jobs::bury_unknown(tx, sample::at(now)));
    assert_eq!(bury(4), 0, "it is not due");
    assert_eq!(sample::job_counts(db, None), counts(1, 0, 0));
    assert_eq!(bury(5), 1);
    assert_eq!(bury(5), 0);
    assert_eq!(sample::job_counts(db, None), counts(0, 0, 1));
    let dead = db.read(|tx| jobs::list_dead(tx, 9));
    assert_eq!(
        (dead.len(), dead[0].id, dead[0].kind.as_str(), dead[0].since),
        (1, id, "from_the_future", sample::at(5))
    );
    assert!(dead[0].last_error.as_deref().unwrap().contains("no such kind"), "{dead:?}");
    assert_eq!(claim(db, 9), Some((known, 1)));
}

fn the_job_that_waits_longest_goes_first(db: &Database) {
    let [late, early, later] = [5, 1, 9].map(|at| queue(db, sample::at(at)));
    assert_eq!(claim(db, 0), None, "nothing is due");
    assert_eq!(claim(db, 5), Some((early, 1)));
    assert_eq!(claim(db, 5), Some((late, 1)), "due in this very microsecond");
    assert_eq!(claim(db, 5), None);
    assert_eq!(claim(db, 9), Some((later, 1)));
}

fn a_failed_job_is_tried_again_in_its_time(db: &Database) {
    let id = queue(db, sample::at(0));
    for attempt in 1..=3 {
        assert_eq!(claim(db, attempt * 10), Some((id, attempt)));
        assert_eq!(mails(db), counts(0, 1, 0));
        finish(db, id, &Outcome::Retry(sample::at(attempt * 10 + 5), "no answer".into()), attempt * 10);
        assert_eq!(mails(db), JobCounts { retrying: 1, ..counts(1, 0, 0) });
        assert_eq!(claim(db, attempt * 10 + 4), None, "not yet");
    }
    assert_eq!(claim(db, 100), Some((id, 4)));
    finish(db, id, &Outcome::Done, 101);
    assert_eq!(mails(db), counts(0, 0, 0));
}

fn a_dead_job_waits_for_an_operator(db: &Database) {
    let ids: Vec<Uuid> = (0..4).map(|_| queue(db, sample::at(0))).collect();
    for id in &ids {
        assert_eq!(claim(db, 1).unwrap().0, *id);
    }
    for id in &ids[..3] {
        finish(db, *id, &Outcome::Dead("refused".into()), 2);
    }
    let dead = |limit| db.read(|tx| jobs::list_dead(tx, limit));
    assert_eq!(mails(db), counts(0, 1, 3));
    assert_eq!(dead(2).len(), 2);
    let shown: Vec<_> =
        dead(10).into_iter().map(|dead| (dead.id, dead.kind, dead.attempts, dead.since, dead.last_error)).collect();
    let expected: Vec<_> =
        ids[..3].iter().map(|id| (*id, "mail".into(), 1, sample::at(2), Some("refused".into()))).collect();
    assert_eq!(shown, expected);
    assert_eq!(claim(db, 9), None);

    let revive = |id| db.write(|tx| jobs::revive(tx, id, sample::at(10)));
    assert_eq!(revive(Some(ids[1])), 1);
    assert_eq!(revive(Some(ids[1])), 0, "it is no longer dead");
    assert_eq!(revive(Some(ids[3])), 0, "one that runs is not dead");
    assert_eq!(claim(db, 9), None);
    assert_eq!(claim(db, 10), Some((ids[1], 1)), "counted from the start");
    assert_eq!(revive(None), 2);
    assert_eq!(mails(db), counts(2, 2, 0));
}

fn a_job_whose_worker_vanished_is_put_away(db: &Database) {
    let [old, fresh, waiting] = [0, 1, 50].map(|at| queue(db, sample::at(at)));
    assert_eq!(claim(db, 10), Some((old, 1)));
    assert_eq!(claim(db, 20), Some((fresh, 1)));
    let running = |limit| -> Vec<_> {
        let found = db.read(|tx| jobs::list_running(tx, limit));
        found.into_iter().map(|job| (job.id, job.kind, job.attempts, job.since)).collect()
    };
    let of = |id, at| (id, "mail".to_owned(), 1, sample::at(at));
    assert_eq!(running(9), [of(old, 10), of(fresh, 20)]);
    assert_eq!(running(1), [of(old, 10)]);
    let bury = |before| db.write(|tx| jobs::bury_abandoned(tx, sample::at(before), sample::at(99)));
    assert_eq!(bury(10), 0);
    assert_eq!(bury(11), 1);
    let dead = db.read(|tx| jobs::list_dead(tx, 10));
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].id, old);
    assert_eq!(running(9), [of(fresh, 20)]);
    assert!(dead[0].last_error.as_deref().unwrap().contains("worker stopped"));
    finish(db, fresh, &Outcome::Done, 30);
    assert_eq!(claim(db, 50), Some((waiting, 1)));
}

fn a_job_that_may_be_done_twice_is_done_again(db: &Database) {
    let [old, fresh] = [0, 1].map(|at| queue(db, sample::at(at)));
    assert_eq!(claim(db, 10), Some((old, 1)));
    assert_eq!(claim(db, 20), Some((fresh, 1)));
    let requeue = |most| db.write(|tx| jobs::requeue_abandoned(tx, most, sample::at(11), sample::at(30)));
    assert_eq!(requeue(1), 0, "it was started as often as it is tried");
    assert_eq!(requeue(2), 1);
    assert_eq!(requeue(2), 0, "the other still has its worker");
    assert_eq!(claim(db, 29), None);
    assert_eq!(claim(db, 30), Some((old, 2)));
    assert_eq!(mails(db), counts(0, 2, 0));
}

fn done_jobs_are_deleted_in_time(db: &Database) {
    for at in 0..3 {
        let id = queue(db, sample::at(0));
        assert_eq!(claim(db, 0), Some((id, 1)));
        finish(db, id, &Outcome::Done, at);
    }
    let dead = queue(db, sample::at(0));
    assert_eq!(claim(db, 0), Some((dead, 1)));
    finish(db, dead, &Outcome::Dead("no such mailbox".into()), 3);
    queue(db, sample::at(0));
    let delete = |state, before| db.write(|tx| jobs::delete_ended(tx, state, sample::at(before)));
    assert_eq!(delete(Ended::Done, 2), 2);
    assert_eq!(delete(Ended::Done, 99), 1);
    assert_eq!(delete(Ended::Dead, 3), 0);
    assert_eq!(mails(db), counts(1, 0, 1));
    assert_eq!(delete(Ended::Dead, 4), 1);
    assert_eq!(mails(db), counts(1, 0, 0));
}
