//! Work to be done later: each piece to one worker, and none forgotten.

use crate::support::{Database, sample, together};
use domain::Instant;
use persistence::jobs::{self, Ended, Job, JobCounts, Outcome};
use std::collections::HashSet;
use uuid::Uuid;

on_both!(
    each_job_goes_to_one_worker,
    the_job_that_waits_longest_goes_first,
    a_failed_job_is_tried_again_in_its_time,
    a_dead_job_waits_for_an_operator,
    a_job_whose_worker_vanished_is_put_away,
    done_jobs_are_deleted_in_time,
);

fn queue(db: &Database, run_at: Instant) -> Uuid {
    let job = Job { id: sample::id(), cause: None, kind: "mail".into(), payload: "{}".into(), attempts: 0 };
    db.write(|tx| jobs::insert(tx, &job, run_at, sample::at(0)));
    job.id
}

fn claim(db: &Database, now: i64) -> Option<(Uuid, i64)> {
    db.write(|tx| jobs::claim(tx, sample::at(now))).map(|job| (job.id, job.attempts))
}

fn finish(db: &Database, id: Uuid, outcome: &Outcome, now: i64) {
    db.write(|tx| jobs::finish(tx, id, outcome.clone(), sample::at(now)));
}

fn counts(queued: i64, running: i64, dead: i64) -> JobCounts {
    JobCounts { queued, running, dead }
}

fn each_job_goes_to_one_worker(db: &Database) {
    let queued: HashSet<Uuid> = (0..100).map(|n| queue(db, sample::at(n % 7))).collect();
    let claimed = together(16, |_| {
        let mut mine = Vec::new();
        while db.read(jobs::counts).queued > 0 {
            if let Some((id, attempts)) = claim(db, 10) {
                assert_eq!(attempts, 1);
                finish(db, id, &Outcome::Done, 11);
                mine.push(id);
            }
        }
        mine
    })
    .concat();
    assert_eq!(claimed.len(), queued.len(), "none twice");
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>(), queued, "none forgotten");
    assert_eq!(db.read(jobs::counts), counts(0, 0, 0));
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
        assert_eq!(db.read(jobs::counts), counts(0, 1, 0));
        finish(db, id, &Outcome::Retry(sample::at(attempt * 10 + 5), "no answer".into()), attempt * 10);
        assert_eq!(db.read(jobs::counts), counts(1, 0, 0));
        assert_eq!(claim(db, attempt * 10 + 4), None, "not yet");
    }
    assert_eq!(claim(db, 100), Some((id, 4)));
    finish(db, id, &Outcome::Done, 101);
    assert_eq!(db.read(jobs::counts), counts(0, 0, 0));
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
    assert_eq!(db.read(jobs::counts), counts(0, 1, 3));
    assert_eq!(dead(2).len(), 2);
    let shown: Vec<_> = dead(10).into_iter().map(|(id, kind, _, error)| (id, kind, error)).collect();
    let expected: Vec<_> = ids[..3].iter().map(|id| (*id, "mail".into(), Some("refused".into()))).collect();
    assert_eq!(shown, expected);
    assert_eq!(claim(db, 9), None);

    let revive = |id| db.write(|tx| jobs::revive(tx, id, sample::at(10)));
    assert_eq!(revive(Some(ids[1])), 1);
    assert_eq!(revive(Some(ids[1])), 0, "it is no longer dead");
    assert_eq!(revive(Some(ids[3])), 0, "one that runs is not dead");
    assert_eq!(claim(db, 9), None);
    assert_eq!(claim(db, 10), Some((ids[1], 1)), "counted from the start");
    assert_eq!(revive(None), 2);
    assert_eq!(db.read(jobs::counts), counts(2, 2, 0));
}

fn a_job_whose_worker_vanished_is_put_away(db: &Database) {
    let [old, fresh, waiting] = [0, 1, 50].map(|at| queue(db, sample::at(at)));
    assert_eq!(claim(db, 10), Some((old, 1)));
    assert_eq!(claim(db, 20), Some((fresh, 1)));
    let bury = |before| db.write(|tx| jobs::bury_abandoned(tx, sample::at(before), sample::at(99)));
    assert_eq!(bury(10), 0);
    assert_eq!(bury(11), 1);
    let dead = db.read(|tx| jobs::list_dead(tx, 10));
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].0, old);
    assert!(dead[0].3.as_deref().unwrap().contains("worker stopped"));
    finish(db, fresh, &Outcome::Done, 30);
    assert_eq!(claim(db, 50), Some((waiting, 1)));
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
    assert_eq!(db.read(jobs::counts), counts(1, 0, 1));
    assert_eq!(delete(Ended::Dead, 4), 1);
    assert_eq!(db.read(jobs::counts), counts(1, 0, 0));
}
