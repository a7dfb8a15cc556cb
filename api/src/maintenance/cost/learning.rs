//! Learning from the records of the network, once a month (rules EC2 and EC3).
//!
//! The records are read page by page, and what they say is kept in sixteen bytes for each payment. Then the groups of each
//! task are learned and stored, one task after the other, and published together.

use super::progress::Progress;
use crate::problem::Problem;
use domain::{
    Date, Instant,
    cost::{Ledger, LeftOut, Network, learn},
};
use jiff::{SignedDuration, tz::TimeZone};
use persistence::{self as store, Store, Tx, cost::Snapshot};

/// After this time a snapshot that was begun and not published is taken over.
const ABANDONED: SignedDuration = SignedDuration::from_hours(6);

/// Who has the database: for each piece of work a connection is needed only as long as that lasts.
pub trait Turns {
    /// Runs a short piece of work.
    fn with_store<T>(&self, work: impl FnOnce(&Store) -> T) -> T;

    /// Whether to go on.
    fn goes_on(&self) -> bool;
}

/// A command has the database for itself.
impl Turns for Store {
    fn with_store<T>(&self, work: impl FnOnce(&Store) -> T) -> T {
        work(self)
    }

    fn goes_on(&self) -> bool {
        true
    }
}

/// What came of an attempt to learn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A snapshot was published.
    Published {
        /// The first day of its month.
        month: Date,
        /// How many payments it rests on.
        entries: i64,
        /// What was left out.
        left_out: LeftOut,
        /// How many results of groups it has.
        groups: usize,
    },
    /// This month's snapshot was published before.
    Standing(Snapshot),
    /// Another server is learning.
    Elsewhere,
    /// There are no records that could be learned from.
    Nothing(LeftOut),
    /// The server is stopping.
    Stopped,
}

fn read<T>(turns: &impl Turns, work: impl FnMut(&mut Tx<'_>) -> Result<T, Problem>) -> Result<T, Problem> {
    turns.with_store(|store| store.read(work))
}

fn write<T>(turns: &impl Turns, work: impl FnMut(&mut Tx<'_>) -> Result<T, Problem>) -> Result<T, Problem> {
    turns.with_store(|store| store.write(work))
}

/// The day of an instant. Snapshots are of the whole network, so their months are those of UTC.
pub fn day(now: Instant) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// What everyone paid, as far as it can be compared; none when the server stops meanwhile.
pub fn read_ledger(turns: &impl Turns, progress: &mut Progress) -> Result<Option<(Network, Ledger)>, Problem> {
    let (mut network, mut ledger) = (Network::default(), Ledger::default());
    progress.step("Reading garages and cars");
    read(turns, |tx| {
        network = Network::default();
        Ok(store::cost::read_garages(tx, &mut network)?)
    })?;
    let mut after = None;
    loop {
        let last = read(turns, |tx| Ok(store::cost::read_cars(tx, &mut network, after)?))?;
        let Some(last) = last else { break };
        after = Some(last);
        if !turns.goes_on() {
            return Ok(None);
        }
    }
    progress.step("Reading records");
    let mut after = None;
    loop {
        let (paid, last) = read(turns, |tx| Ok(store::cost::read_records(tx, after)?))?;
        for paid in &paid {
            ledger.add(&network, paid);
        }
        let Some(last) = last else { break };
        after = Some(last);
        progress.count(ledger.len());
        if !turns.goes_on() {
            return Ok(None);
        }
    }
    Ok(Some((network, ledger)))
}

/// Learns the snapshot of this month, unless it is published.
pub fn learn_month(turns: &impl Turns, now: Instant, progress: &mut Progress) -> Result<Outcome, Problem> {
    let today = day(now);
    let month = today.first_of_month();
    if let Some(standing) = read(turns, |tx| Ok(store::cost::latest(tx)?))?.filter(|latest| latest.month >= month) {
        return Ok(Outcome::Standing(standing));
    }
    if !read(turns, |tx| Ok(store::cost::has_records(tx)?))? {
        return Ok(Outcome::Nothing(LeftOut::default()));
    }
    if !write(turns, |tx| Ok(store::cost::begin(tx, month, now, now - ABANDONED)?))? {
        return Ok(Outcome::Elsewhere);
    }
    let learned = learn_begun(turns, (month, now), progress);
    if !matches!(learned, Ok(Outcome::Published { .. } | Outcome::Elsewhere)) {
        // Another attempt can begin at once.
        give_up(turns, month, now)?;
    }
    learned
}

fn learn_begun(
    turns: &impl Turns,
    (month, begun_at): (Date, Instant),
    progress: &mut Progress,
) -> Result<Outcome, Problem> {
    let Some((network, ledger)) = read_ledger(turns, progress)? else { return Ok(Outcome::Stopped) };
    let left_out = ledger.left_out;
    if ledger.is_empty() {
        return Ok(Outcome::Nothing(left_out));
    }
    let tasks: Vec<_> = ledger.tasks().collect();
    let mut count = 0;
    progress.step("Learning");
    for (index, task) in tasks.iter().copied().enumerate() {
        if !turns.goes_on() {
            return Ok(Outcome::Stopped);
        }
        let told = read(turns, |tx| Ok(store::cost::list_told(tx, task)?))?;
        let groups = learn(&network, &ledger, task, day(begun_at), &told);
        for block in groups.chunks(BLOCK) {
            write(turns, |tx| Ok(store::cost::insert_all(tx, month, block)?))?;
        }
        count += groups.len();
        progress.part(index + 1, tasks.len());
    }
    let entries = i64::try_from(ledger.len()).unwrap_or(i64::MAX);
    let publish = |tx: &mut Tx<'_>| Ok(store::cost::publish(tx, (month, begun_at), (entries, &left_out), begun_at)?);
    if !write(turns, publish)? {
        return Ok(Outcome::Elsewhere);
    }
    for task in domain::service_task::catalogue() {
        write(turns, |tx| Ok(store::cost::delete_older(tx, month, task.key())?))?;
    }
    progress.end();
    Ok(Outcome::Published { month, entries, left_out, groups: count })
}

/// How many groups are stored in one transaction.
const BLOCK: usize = 2_000;

fn give_up(turns: &impl Turns, month: Date, begun_at: Instant) -> Result<(), Problem> {
    write(turns, |tx| Ok(store::cost::abandon(tx, month, begun_at)?))
}
