//! Open streams of server-sent events: who listens, and what is sent to them (rule N6).
//!
//! A stream has a short queue. Who reads so slowly that it fills is cut off, and connects again; so no client can make the
//! server keep much for it.

use crate::problem::{Code, Problem};
use actix_web::web::Bytes;
use domain::{
    Instant,
    ids::{AccountId, NotificationId, SessionId},
};
use futures_util::Stream;
use jiff::SignedDuration;
use serde::Serialize;
use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// The media type of server-sent events.
pub const MEDIA_TYPE: &str = "text/event-stream";
/// What was made so shortly before the last event that a client saw is sent again, since several servers store in no exact order.
pub const SENT_AGAIN: SignedDuration = SignedDuration::from_secs(10);
/// How many streams an account can have open.
const PER_ACCOUNT: usize = 8;
/// How many streams a server keeps open.
const MOST: usize = 20_000;
/// How many events wait for a client that reads slowly. What was missed, at most 200 events, fits in it.
const QUEUE: usize = 256;
/// In how many passes of the worker it is asked whether a session has ended, after a command that may have ended it: the command
/// commits a moment after it said so.
const SUSPICION: u8 = 8;
/// How many events are remembered for each stream, so that none is sent twice.
const REMEMBERED: usize = 64;
/// Says after how many milliseconds a client that was cut off connects again.
const GREETING: &[u8] = b"retry: 3000\n\n";
const HEARTBEAT: &[u8] = b": alive\n\n";
const RELOAD: &[u8] = b"event: reload\ndata: {}\n\n";

/// Who listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The account whose notifications are sent.
    pub account: AccountId,
    /// The session with which the stream ends.
    pub session: SessionId,
    /// From when on notifications are sent as they are made; earlier ones are missed or in the list.
    pub since: Instant,
}

/// The streams that this server has open.
#[derive(Debug, Default)]
pub struct Streams(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    /// By number, so the oldest come first.
    streams: BTreeMap<u64, OpenStream>,
    next: u64,
}

#[derive(Debug)]
struct OpenStream {
    listener: Listener,
    queue: Sender<Bytes>,
    /// The latest events that were sent.
    sent: VecDeque<NotificationId>,
    /// In how many of the next passes it is asked whether the session has ended.
    suspicion: u8,
}

impl OpenStream {
    /// Sends an event, unless it was sent already. False when the client has left, or reads too slowly.
    fn send(&mut self, id: NotificationId, event: &Bytes) -> bool {
        if self.sent.contains(&id) {
            return true;
        }
        if self.sent.len() >= REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back(id);
        self.queue.try_send(event.clone()).is_ok()
    }
}

impl Streams {
    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a stream. The oldest of an account ends when it has too many.
    pub fn open(&self, listener: Listener) -> Result<EventStream, Problem> {
        let (queue, events) = mpsc::channel(QUEUE);
        // The queue is empty, so there is room for this.
        drop(queue.try_send(Bytes::from_static(GREETING)));
        let mut open = self.lock();
        let is_own = |stream: &OpenStream| stream.listener.account == listener.account;
        let own: Vec<u64> = open.streams.iter().filter(|(_, one)| is_own(one)).map(|(number, _)| *number).collect();
        if own.len() >= PER_ACCOUNT
            && let Some(oldest) = own.first()
        {
            open.streams.remove(oldest);
        }
        if open.streams.len() >= MOST {
            return Err(Code::Overloaded.into());
        }
        let number = open.next;
        open.next += 1;
        open.streams.insert(number, OpenStream { listener, queue, sent: VecDeque::new(), suspicion: 0 });
        Ok(EventStream { number, events, all: Arc::clone(&self.0) })
    }

    /// Sends a notification that was just made to everyone who listens for this account. Who has left, or reads too slowly, is
    /// forgotten, which ends their stream.
    pub fn send(&self, account: AccountId, id: NotificationId, made_at: Instant, content: &impl Serialize) {
        let mut open = self.lock();
        let is_for = |one: &OpenStream| one.listener.account == account && made_at >= one.listener.since;
        if open.streams.values().any(is_for) {
            let event = event(id, content);
            open.streams.retain(|_, one| !is_for(one) || one.send(id, &event));
        }
    }

    /// The clock was set back: those who listen hear of what is made from now on, and not only when the clock is again where it was.
    pub fn set_back(&self, now: Instant) {
        for one in self.lock().streams.values_mut() {
            one.listener.since = one.listener.since.min(now);
        }
    }

    /// Shows everyone that their stream is alive; those whose client has left are forgotten.
    pub fn beat(&self) {
        self.lock().streams.retain(|_, one| one.queue.try_send(Bytes::from_static(HEARTBEAT)).is_ok());
    }

    /// The sessions that listen.
    pub fn sessions(&self) -> Vec<SessionId> {
        once(self.lock().streams.values().map(|one| one.listener.session).collect())
    }

    /// The sessions that listen for one of these accounts.
    pub fn sessions_of(&self, accounts: &[AccountId]) -> Vec<SessionId> {
        let open = self.lock();
        let theirs = open.streams.values().filter(|one| accounts.contains(&one.listener.account));
        once(theirs.map(|one| one.listener.session).collect())
    }

    /// A command ends sessions of an account: soon it is asked which, and their streams end.
    pub fn suspect(&self, account: AccountId) {
        for one in self.lock().streams.values_mut().filter(|one| one.listener.account == account) {
            one.suspicion = SUSPICION;
        }
    }

    /// The sessions that listen and that a command may just have ended.
    pub fn suspected(&self) -> Vec<SessionId> {
        let mut open = self.lock();
        let suspected = open.streams.values_mut().filter(|one| one.suspicion > 0).map(|one| {
            one.suspicion -= 1;
            one.listener.session
        });
        once(suspected.collect())
    }

    /// Ends the streams of these sessions.
    pub fn end(&self, ended: &[SessionId]) {
        self.lock().streams.retain(|_, one| !ended.contains(&one.listener.session));
    }

    /// How many streams are open.
    pub fn count(&self) -> usize {
        self.lock().streams.len()
    }

    /// Ends all streams.
    pub fn close(&self) {
        self.lock().streams.clear();
    }
}

/// Each session once.
fn once(mut sessions: Vec<SessionId>) -> Vec<SessionId> {
    sessions.sort_unstable();
    sessions.dedup();
    sessions
}

fn event(id: NotificationId, content: &impl Serialize) -> Bytes {
    // JSON has no line breaks but those that are escaped in it.
    let data = serde_json::to_string(content).unwrap_or_default();
    Bytes::from(format!("id: {id}\nevent: notification\ndata: {data}\n\n"))
}

/// A stream as its client reads it. It is forgotten when the client has left.
#[derive(Debug)]
pub struct EventStream {
    number: u64,
    events: Receiver<Bytes>,
    all: Arc<Mutex<Open>>,
}

impl EventStream {
    /// Sends a notification to this client alone: one that was missed.
    pub fn send(&self, id: NotificationId, content: &impl Serialize) {
        self.push(|one| one.send(id, &event(id, content)));
    }

    /// Says that the client has seen a notification already.
    pub fn has_seen(&self, id: NotificationId) {
        self.push(|one| {
            one.sent.push_back(id);
            true
        });
    }

    /// Tells this client to load the list.
    pub fn reload(&self) {
        self.push(|one| one.queue.try_send(Bytes::from_static(RELOAD)).is_ok());
    }

    fn push(&self, send: impl FnOnce(&mut OpenStream) -> bool) {
        let mut open = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if !open.streams.get_mut(&self.number).is_some_and(send) {
            open.streams.remove(&self.number);
        }
    }
}

impl Stream for EventStream {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_recv(context).map(|event| event.map(Ok))
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).streams.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use futures_util::StreamExt as _;
    use uuid::Uuid;

    fn listener(account: u128, session: u128) -> Listener {
        let (account, session) = (AccountId(Uuid::from_u128(account)), SessionId(Uuid::from_u128(session)));
        Listener { account, session, since: at(10) }
    }

    fn at(second: i64) -> Instant {
        Instant::from_second(second).unwrap()
    }

    /// What waits for a client, and whether its stream has ended.
    fn read(stream: &mut EventStream) -> (String, bool) {
        let mut text = String::new();
        loop {
            match stream.next().now_or_never() {
                Some(Some(Ok(bytes))) => text.push_str(std::str::from_utf8(&bytes).unwrap()),
                Some(None) => return (text, true),
                None => return (text, false),
            }
        }
    }

    #[test]
    fn n6_an_account_hears_of_its_own_alone() {
        let streams = Streams::default();
        let mut own = streams.open(listener(1, 1)).unwrap();
        let mut other = streams.open(listener(2, 2)).unwrap();
        let id = NotificationId(Uuid::from_u128(7));
        own.send(id, &"missed");
        let next = NotificationId(Uuid::from_u128(8));
        for made_at in [9, 10] {
            streams.send(listener(1, 1).account, next, at(made_at), &serde_json::json!({ "text": "a\nb" }));
        }
        for seen in [id, next] {
            streams.send(listener(1, 1).account, seen, at(11), &"twice");
        }
        streams.beat();
        let event = |id, data: &str| format!("id: {id}\nevent: notification\ndata: {data}\n\n");
        let told = [event(id, "\"missed\""), event(next, r#"{"text":"a\nb"}"#)].concat();
        let told = format!("retry: 3000\n\n{told}: alive\n\n");
        assert_eq!(read(&mut own), (told, false));
        assert_eq!(read(&mut other), ("retry: 3000\n\n: alive\n\n".into(), false));
    }

    #[test]
    fn n6_a_stream_goes_on_when_the_clock_is_set_back() {
        let streams = Streams::default();
        let mut own = streams.open(listener(1, 1)).unwrap();
        streams.set_back(at(4));
        for (number, made_at) in [(1, at(3)), (2, at(4))] {
            streams.send(listener(1, 1).account, NotificationId(Uuid::from_u128(number)), made_at, &number);
        }
        let (text, _) = read(&mut own);
        assert!(text.contains("data: 2") && !text.contains("data: 1"), "{text}");
        streams.set_back(at(20));
        streams.send(listener(1, 1).account, NotificationId(Uuid::from_u128(3)), at(10), &3);
        assert!(read(&mut own).0.contains("data: 3"), "nothing is missed of what is later");
    }

    #[test]
    fn n6_a_stream_ends_with_its_session() {
        let streams = Streams::default();
        let mut ended = streams.open(listener(1, 1)).unwrap();
        let mut open = streams.open(listener(1, 2)).unwrap();
        let mut other = streams.open(listener(2, 3)).unwrap();
        let [first, second, third] = [1, 2, 3].map(|session| listener(1, session).session);
        assert_eq!(streams.sessions(), [first, second, third]);
        assert_eq!(streams.sessions_of(&[listener(1, 1).account]), [first, second]);
        assert_eq!((streams.suspected(), streams.sessions_of(&[])), (vec![], vec![]));
        streams.suspect(listener(2, 3).account);
        for _ in 0..SUSPICION {
            assert_eq!(streams.suspected(), [third]);
        }
        assert_eq!(streams.suspected(), [], "it is asked for a while only");
        streams.end(&[third]);
        assert!(read(&mut other).1);
        streams.end(&[listener(1, 1).session]);
        assert!(read(&mut ended).1 && !read(&mut open).1);
        streams.close();
        assert!(read(&mut open).1);
        assert_eq!(streams.count(), 0);
    }

    #[test]
    fn who_leaves_or_reads_too_slowly_is_forgotten() {
        let streams = Streams::default();
        let left = streams.open(listener(1, 1)).unwrap();
        drop(left);
        assert_eq!(streams.count(), 0);
        let mut slow = streams.open(listener(1, 1)).unwrap();
        for _ in 0..QUEUE * 2 {
            streams.beat();
        }
        assert_eq!(streams.count(), 0);
        assert!(read(&mut slow).1, "what was queued is read, and then the stream ends");
    }

    #[test]
    fn an_account_has_so_many_streams() {
        let streams = Streams::default();
        let mut all: Vec<EventStream> = (0..=PER_ACCOUNT).map(|_| streams.open(listener(1, 1)).unwrap()).collect();
        assert_eq!(streams.count(), PER_ACCOUNT);
        assert!(read(&mut all[0]).1 && !read(&mut all[1]).1);
    }
}
