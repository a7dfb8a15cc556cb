//! The history of what happened: append-only, and numbered in each stream without gaps, in the order in which readers
//! see it.
//!
//! The row of a stream is also its lock. A command that changes a garage's data takes the lock first, so that the
//! commands of one garage run one after the other, and each sees the result of the one before. Commands of different
//! garages run at the same time.

use crate::{
    connection::{AnyConnection, insert_all},
    error::StoreError,
    page::{Page, PageRequest},
    row::Reading,
    schema::{accounts, event_streams, events},
    scope::Found,
    sql_types::{Id, Key, Time},
    store::Tx,
};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt},
};
use domain::{
    Instant,
    event::{Event, Fact, FactKind, Stream},
    ids::{AccountId, EventId, GarageId},
    passport::Passport,
    value::AccountKind,
};
use std::collections::HashMap;
use uuid::Uuid;

/// The key of a stream's row.
pub(crate) fn key(stream: Stream) -> Key {
    match stream {
        Stream::Garage(garage) => garage.into(),
        Stream::Platform => Key(Uuid::nil()),
    }
}

/// The stream with this key of its row.
pub(crate) fn stream(key: Key) -> Stream {
    if key.0.is_nil() { Stream::Platform } else { Stream::Garage(GarageId(key.0)) }
}

/// Inserts a stream, if it does not exist yet.
pub fn create_stream(tx: &mut Tx<'_>, stream: Stream) -> Result<(), StoreError> {
    let key = key(stream);
    let exists: i64 = event_streams::table.find(key).count().get_result(tx.conn)?;
    if exists == 0 {
        diesel::insert_into(event_streams::table)
            .values((event_streams::id.eq(key), event_streams::last_number.eq(0)))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Waits until no other transaction holds the stream. On SQLite a writing transaction is alone already.
pub fn lock(tx: &mut Tx<'_>, stream: Stream) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(conn) = tx.conn {
        event_streams::table
            .find(key(stream))
            .select(event_streams::last_number)
            .for_no_key_update()
            .first::<i64>(conn)?;
    }
    Ok(())
}

/// Waits until no other transaction holds any of these streams. They are taken in the order of their ids, as everyone does who takes
/// several.
pub fn lock_all(tx: &mut Tx<'_>, streams: &[Stream]) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(conn) = tx.conn {
        let keys: Vec<Key> = streams.iter().copied().map(key).collect();
        event_streams::table
            .filter(event_streams::id.eq_any(keys))
            .order(event_streams::id)
            .select(event_streams::last_number)
            .for_no_key_update()
            .load::<i64>(conn)?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct Row {
    stream_id: Key,
    number: i64,
    id: Key,
    happened_at: Time,
    account_id: Option<Key>,
    kind: &'static str,
    passport_id: Option<Key>,
    fact: String,
}

impl Row {
    fn new(event: &Event) -> Result<Self, StoreError> {
        Ok(Self {
            stream_id: key(event.stream),
            number: event.number,
            id: event.id.into(),
            happened_at: event.at.into(),
            account_id: event.by.map(Key::from),
            kind: event.fact.kind().code(),
            passport_id: event.fact.passport_id().map(Key::from),
            fact: serde_json::to_string(&event.fact).map_err(|error| StoreError::Internal(error.to_string()))?,
        })
    }
}

/// Appends an event to its stream, with the next number.
pub fn append(
    tx: &mut Tx<'_>,
    stream: Stream,
    id: EventId,
    by: Option<AccountId>,
    fact: Fact,
    now: Instant,
) -> Result<Event, StoreError> {
    let appended = append_all(tx, stream, by, vec![(id, fact)], now)?;
    appended.into_iter().next().ok_or_else(|| StoreError::Internal("an event was not appended".into()))
}

/// Appends events to their stream, with the next numbers.
pub fn append_all(
    tx: &mut Tx<'_>,
    stream: Stream,
    by: Option<AccountId>,
    facts: Vec<(EventId, Fact)>,
    now: Instant,
) -> Result<Vec<Event>, StoreError> {
    if facts.is_empty() {
        return Ok(vec![]);
    }
    let last = raise(tx, stream, length(&facts)?)?;
    let appended = numbered(stream, by, facts, last, now)?;
    store(tx, &appended)?;
    Ok(appended)
}

/// Appends what the system itself did to several streams, each named once, with the next numbers of each. The streams' locks are
/// held.
pub fn append_to_each(
    tx: &mut Tx<'_>,
    facts: Vec<(Stream, Vec<(EventId, Fact)>)>,
    now: Instant,
) -> Result<Vec<Event>, StoreError> {
    let counts = facts.iter().map(|(stream, facts)| Ok((*stream, length(facts)?)));
    let last = raise_each(tx, &counts.collect::<Result<Vec<_>, StoreError>>()?)?;
    let mut appended = vec![];
    for (stream, facts) in facts {
        let last = last.get(&key(stream)).ok_or_else(|| StoreError::Internal("a stream is missing".into()))?;
        appended.extend(numbered(stream, None, facts, *last, now)?);
    }
    store(tx, &appended)?;
    Ok(appended)
}

fn length<T>(all: &[T]) -> Result<i64, StoreError> {
    i64::try_from(all.len()).map_err(|error| StoreError::Internal(error.to_string()))
}

/// Raises the last number of a stream, which it returns.
fn raise(tx: &mut Tx<'_>, stream: Stream, count: i64) -> Result<i64, StoreError> {
    let raised = event_streams::last_number.eq(event_streams::last_number + count);
    Ok(diesel::update(event_streams::table.find(key(stream)))
        .set(raised)
        .returning(event_streams::last_number)
        .get_result(tx.conn)?)
}

/// A statement that raises the last numbers of many streams.
const RAISE: &str = "UPDATE event_streams SET last_number = last_number + raised.more
    FROM unnest($1, $2) AS raised (id, more) WHERE event_streams.id = raised.id
    RETURNING event_streams.id, event_streams.last_number";

#[derive(QueryableByName)]
struct Raised {
    #[diesel(sql_type = Id)]
    id: Key,
    #[diesel(sql_type = BigInt)]
    last_number: i64,
}

/// Raises the last numbers of streams, which it returns by their keys.
fn raise_each(tx: &mut Tx<'_>, counts: &[(Stream, i64)]) -> Result<HashMap<Key, i64>, StoreError> {
    match &mut *tx.conn {
        AnyConnection::Postgres(conn) => {
            let raised: Vec<Raised> = sql_query(RAISE)
                .bind::<Array<Id>, _>(counts.iter().map(|(stream, _)| key(*stream)).collect::<Vec<_>>())
                .bind::<Array<BigInt>, _>(counts.iter().map(|(_, count)| *count).collect::<Vec<_>>())
                .load(conn)?;
            Ok(raised.into_iter().map(|one| (one.id, one.last_number)).collect())
        }
        AnyConnection::Sqlite(_) => {
            counts.iter().map(|(stream, count)| Ok((key(*stream), raise(tx, *stream, *count)?))).collect()
        }
    }
}

/// The events of facts, of which the last one gets this number.
fn numbered(
    stream: Stream,
    by: Option<AccountId>,
    facts: Vec<(EventId, Fact)>,
    last: i64,
    now: Instant,
) -> Result<Vec<Event>, StoreError> {
    let first = last - length(&facts)? + 1;
    let event = |((id, fact), number)| Event { id, stream, number, at: now, by, fact };
    Ok(facts.into_iter().zip(first..).map(event).collect())
}

fn store(tx: &mut Tx<'_>, appended: &[Event]) -> Result<(), StoreError> {
    let rows: Vec<Row> = appended.iter().map(Row::new).collect::<Result<_, _>>()?;
    insert_all!(tx, events::table, rows);
    Ok(())
}

type Columns = (Key, i64, Key, Time, Option<Key>, String);

fn read((stream_key, number, id, at, by, fact): Columns) -> Result<Event, StoreError> {
    let reading = Reading { table: "events", id: id.0 };
    let fact = reading.column("fact", &fact, |fact| serde_json::from_str(fact).ok())?;
    Ok(Event { id: id.into(), stream: stream(stream_key), number, at: at.0, by: by.map(Into::into), fact })
}

/// The events of a stream, in the order of their numbers.
pub fn list(tx: &mut Tx<'_>, stream: Stream, request: &PageRequest<i64>) -> Result<Page<Event, i64>, StoreError> {
    let mut query = events::table
        .filter(events::stream_id.eq(key(stream)))
        .order(events::number)
        .limit(request.sql_limit())
        .select((events::stream_id, events::number, events::id, events::happened_at, events::account_id, events::fact))
        .into_boxed();
    if let Some(after) = request.after {
        query = query.filter(events::number.gt(after));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(events::happened_at.ge(Time(since)));
    }
    let found: Vec<_> = query.load::<Columns>(tx.conn)?.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(request.page(found, |event| event.number))
}

/// The author of an event, with the present name of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// The kind of account.
    pub kind: AccountKind,
}

/// An event as it is shown, with its author; none when time or the system itself did it.
pub type EventView = (Event, Option<Author>);

type ViewRow = (Columns, Option<(Key, String, String)>);

fn read_view((columns, author): ViewRow) -> Result<EventView, StoreError> {
    let Some((id, name, kind)) = author else {
        return Ok((read(columns)?, None));
    };
    let kind = Reading { table: "accounts", id: id.0 }.column("kind", &kind, AccountKind::from_code)?;
    Ok((read(columns)?, Some(Author { id: id.into(), name, kind })))
}

/// What happened with a passport at the garage that keeps it, the newest event first: a page has the events before its
/// key. A garage that kept the passport earlier has a stream of its own, which is not read.
pub fn list_of_passport(
    tx: &mut Tx<'_>,
    passport: &Found<Passport>,
    kind: Option<FactKind>,
    request: &PageRequest<i64>,
) -> Result<Page<EventView, i64>, StoreError> {
    let mut query = events::table
        .left_join(accounts::table)
        .filter(events::stream_id.eq(key(Stream::Garage(passport.garage_id))))
        .filter(events::passport_id.eq(Key::from(passport.id)))
        .order(events::number.desc())
        .limit(request.sql_limit())
        .select((
            (events::stream_id, events::number, events::id, events::happened_at, events::account_id, events::fact),
            (accounts::id, accounts::name, accounts::kind).nullable(),
        ))
        .into_boxed();
    if let Some(kind) = kind {
        query = query.filter(events::kind.eq(kind.code()));
    }
    if let Some(before) = request.after {
        query = query.filter(events::number.lt(before));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(events::happened_at.ge(Time(since)));
    }
    let found = query.load::<ViewRow>(tx.conn)?;
    let items: Vec<_> = found.into_iter().map(read_view).collect::<Result<_, _>>()?;
    Ok(request.page(items, |(event, _)| event.number))
}

/// One event, for the job that follows from it.
pub fn find(tx: &mut Tx<'_>, stream: Stream, number: i64) -> Result<Option<Event>, StoreError> {
    let query = events::table.find((key(stream), number)).select((
        events::stream_id,
        events::number,
        events::id,
        events::happened_at,
        events::account_id,
        events::fact,
    ));
    query.first::<Columns>(tx.conn).optional()?.map(read).transpose()
}
