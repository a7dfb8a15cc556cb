//! The history of what happened: append-only, numbered per stream without gaps, as readers see it.
//!
//! A stream's row is also its lock. A command that changes a garage's data takes it first, so that the commands of one
//! garage run one after the other and each sees all that the one before left; those of different garages run side by
//! side.

use crate::{
    connection::AnyConnection,
    error::StoreError,
    page::{Page, PageRequest},
    row::Reading,
    schema::{event_streams, events},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Instant,
    event::{Event, Fact, Stream},
    ids::{AccountId, EventId, GarageId},
};
use uuid::Uuid;

fn key(stream: Stream) -> Key {
    match stream {
        Stream::Garage(garage) => garage.into(),
        Stream::Platform => Key(Uuid::nil()),
    }
}

fn stream(key: Key) -> Stream {
    if key.0.is_nil() { Stream::Platform } else { Stream::Garage(GarageId(key.0)) }
}

/// Makes a stream, once.
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

/// Adds an event to its stream, under the next number.
pub fn append(
    tx: &mut Tx<'_>,
    stream: Stream,
    id: EventId,
    by: Option<AccountId>,
    fact: Fact,
    now: Instant,
) -> Result<Event, StoreError> {
    let row = || event_streams::table.find(key(stream));
    diesel::update(row()).set(event_streams::last_number.eq(event_streams::last_number + 1)).execute(tx.conn)?;
    let number: i64 = row().select(event_streams::last_number).first(tx.conn)?;
    let json = serde_json::to_value(&fact).map_err(|error| StoreError::Internal(error.to_string()))?;
    let kind = json.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    diesel::insert_into(events::table)
        .values((
            events::stream_id.eq(key(stream)),
            events::number.eq(number),
            events::id.eq(Key::from(id)),
            events::happened_at.eq(Time(now)),
            events::account_id.eq(by.map(Key::from)),
            events::kind.eq(kind),
            events::passport_id.eq(fact.passport_id().map(Key::from)),
            events::fact.eq(json.to_string()),
        ))
        .execute(tx.conn)?;
    Ok(Event { id, stream, number, at: now, by, fact })
}

type Found = (Key, i64, Key, Time, Option<Key>, String);

fn read((stream_key, number, id, at, by, fact): Found) -> Result<Event, StoreError> {
    let reading = Reading { table: "events", id: id.0 };
    let fact = reading.column("fact", &fact, |fact| serde_json::from_str(fact).ok())?;
    Ok(Event { id: id.into(), stream: stream(stream_key), number, at: at.0, by: by.map(Into::into), fact })
}

/// The events of a stream, in order.
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
    let found: Vec<_> = query.load::<Found>(tx.conn)?.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(request.page(found, |event| event.number))
}

/// One event, for the job that follows from it.
pub fn find(tx: &mut Tx<'_>, id: EventId) -> Result<Option<Event>, StoreError> {
    let query = events::table.filter(events::id.eq(Key::from(id))).select((
        events::stream_id,
        events::number,
        events::id,
        events::happened_at,
        events::account_id,
        events::fact,
    ));
    query.first::<Found>(tx.conn).optional()?.map(read).transpose()
}
