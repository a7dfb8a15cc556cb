//! What is told while people look: the notifications that were stored go to the streams of this server, whichever server made
//! them (rule N6).

use super::{Worker, is_time, report};
use crate::{notification::wire::Notification, problem::Problem, streams::SENT_AGAIN};
use domain::{
    Instant,
    ids::{NotificationId, SessionId},
};
use jiff::SignedDuration;
use persistence::{self as store, Tx};
use std::{
    collections::{HashSet, VecDeque},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// How often the database is asked for what is new: a notification reaches its stream within a second.
const PACE: Duration = Duration::from_millis(400);
/// How often it is asked whether the sessions have ended, and the clients are shown that the stream is alive.
const BEAT: SignedDuration = SignedDuration::from_secs(10);
/// How many are read at once.
const MOST: i64 = 500;

/// What was read already. The stores of several servers are in no exact order, so a little of the past is read again.
struct Feed {
    since: Instant,
    /// When it was last read.
    read_at: Instant,
    seen: HashSet<NotificationId>,
    order: VecDeque<(Instant, NotificationId)>,
}

impl Feed {
    fn new(now: Instant) -> Self {
        Self { since: now, read_at: now, seen: HashSet::new(), order: VecDeque::new() }
    }

    fn knows(&self, id: NotificationId) -> bool {
        self.seen.contains(&id)
    }

    /// Whether something is new. It is known from then on.
    fn is_new(&mut self, made_at: Instant, id: NotificationId) -> bool {
        let is_new = self.seen.insert(id);
        if is_new {
            self.order.push_back((made_at, id));
            self.since = self.since.max(made_at);
        }
        is_new
    }

    /// From when on is read.
    fn from(&self) -> Instant {
        self.since - SENT_AGAIN
    }

    /// Forgets what is not read again.
    fn forget(&mut self) {
        let from = self.from();
        while let Some((made_at, id)) = self.order.front()
            && *made_at < from
        {
            self.seen.remove(id);
            self.order.pop_front();
        }
    }
}

impl Worker {
    pub(super) fn feed_streams_until(&self, stop: &AtomicBool) {
        let (mut feed, mut beat_at) = (None, Instant::MIN);
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(PACE);
            let streams = &self.app.streams;
            if streams.count() == 0 {
                // Who comes later hears of what is made later.
                feed = None;
                continue;
            }
            let now = self.now();
            report(self.end_streams(streams.suspected()));
            report(self.feed_streams(feed.get_or_insert_with(|| Feed::new(now))));
            if is_time(now, beat_at, BEAT) {
                report(self.end_streams(streams.sessions()));
                streams.beat();
                beat_at = now + BEAT;
            }
        }
        self.app.streams.close();
    }

    fn feed_streams(&self, feed: &mut Feed) -> Result<(), Problem> {
        let now = self.now();
        if now < feed.read_at {
            self.app.streams.set_back(now);
        }
        feed.read_at = now;
        // A server whose clock is ahead, or was, must not hide what others make.
        feed.since = feed.since.min(now);
        let (mut from, mut after) = (feed.from(), None);
        loop {
            let list = |tx: &mut Tx<'_>| Ok::<_, Problem>(store::notification::list_made_since(tx, from, after, MOST)?);
            let made = self.with_store(|store| store.read(list))?;
            let is_last = i64::try_from(made.len()).is_ok_and(|many| many < MOST);
            // What ended a session may be what is told: nobody hears of it whose session it ended.
            let mut told: Vec<_> = made.iter().filter(|one| !feed.knows(one.id)).map(|one| one.account).collect();
            told.sort_unstable();
            told.dedup();
            self.end_streams(self.app.streams.sessions_of(&told))?;
            for one in made {
                (from, after) = (one.made_at, Some(one.id));
                if feed.is_new(one.made_at, one.id) {
                    self.app.streams.send(one.account, one.id, one.made_at, &Notification::from(one));
                }
            }
            if is_last {
                break;
            }
        }
        // A server whose clock is ahead must not hide what others make.
        feed.since = feed.since.min(self.now());
        feed.forget();
        Ok(())
    }

    /// Ends the streams of those of these sessions that have ended.
    fn end_streams(&self, listening: Vec<SessionId>) -> Result<(), Problem> {
        if listening.is_empty() {
            return Ok(());
        }
        let find = |tx: &mut Tx<'_>| Ok::<_, Problem>(store::session::list_open(tx, &listening, self.open_sessions())?);
        let open: HashSet<_> = self.with_store(|store| store.read(find))?.into_iter().collect();
        let ended: Vec<_> = listening.into_iter().filter(|session| !open.contains(session)).collect();
        self.app.streams.end(&ended);
        Ok(())
    }
}
