//! The private calendars of accounts (rule CAL1). A calendar is found by the hash of its secret, without a session, so who
//! looks is read with it, and the cars are read in their scope.

use crate::{
    car_status::standing_of,
    connection::{AnyConnection, insert_all, on_each},
    error::StoreError,
    passport::reach,
    row::{self, Reading},
    schema::{accounts, calendar_entries, calendar_feeds, fleets, passports},
    scope::{Scope, scoped},
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::{prelude::*, upsert::excluded};
use domain::{
    Date, Instant,
    access::{Actor, Identity, Standing},
    calendar::{CalendarCar, Content, Entry, EntryKey, EntryKind, REMEMBERED_FOR},
    ids::AccountId,
    service_task::TaskKey,
    value::{AccountKind, Language},
};

/// When the calendar of an account was made; none when it has none.
pub fn made_at(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Instant>, StoreError> {
    let found: Option<Time> =
        calendar_feeds::table.find(Key::from(account)).select(calendar_feeds::made_at).first(tx.conn).optional()?;
    Ok(found.map(|made_at| made_at.0))
}

/// Gives an account a calendar with this secret, of which the hash is stored. The former secret is worth nothing any more.
pub fn save(tx: &mut Tx<'_>, account: AccountId, secret_hash: &[u8], now: Instant) -> Result<(), StoreError> {
    let insert = diesel::insert_into(calendar_feeds::table).values((
        calendar_feeds::account_id.eq(Key::from(account)),
        calendar_feeds::secret_hash.eq(secret_hash),
        calendar_feeds::made_at.eq(Time(now)),
    ));
    let key = calendar_feeds::account_id;
    let set = (
        calendar_feeds::secret_hash.eq(excluded(calendar_feeds::secret_hash)),
        calendar_feeds::made_at.eq(excluded(calendar_feeds::made_at)),
    );
    match tx.conn {
        AnyConnection::Postgres(conn) => insert.on_conflict(key).do_update().set(set).execute(conn)?,
        AnyConnection::Sqlite(conn) => insert.on_conflict(key).do_update().set(set).execute(conn)?,
    };
    Ok(())
}

/// Deletes the calendar of an account, with what is remembered of it. False when it has none.
pub fn delete(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, StoreError> {
    Ok(diesel::delete(calendar_feeds::table.find(Key::from(account))).execute(tx.conn)? == 1)
}

/// Whose calendar it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The account, with what it has now.
    pub actor: Actor,
    /// The language of the account.
    pub language: Language,
}

/// Whose calendar has a secret with this hash; none when there is no such calendar, or when the account has ended.
pub fn holder(tx: &mut Tx<'_>, secret_hash: &[u8]) -> Result<Option<Holder>, StoreError> {
    type Found = (Key, String, String, String, Option<Key>);
    let found: Option<Found> = on_each!(tx, connection => calendar_feeds::table
        .inner_join(accounts::table.left_join(fleets::table.on(fleets::account_id.eq(accounts::id))))
        .filter(calendar_feeds::secret_hash.eq(secret_hash))
        .filter(accounts::status.eq("active"))
        .select((accounts::id, accounts::kind, accounts::email, accounts::language, fleets::id.nullable()))
        .first(connection)
        .optional()?);
    let Some((id, kind, email, language, fleet)) = found else { return Ok(None) };
    let reading = Reading { table: "accounts", id: id.0 };
    let standing = match (reading.column("kind", &kind, AccountKind::from_code)?, fleet) {
        (AccountKind::Driver, _) => Standing::Driver(id.into(), reading.column("email", &email, row::email)?),
        (AccountKind::Fleet, Some(fleet)) => Standing::Fleet(fleet.into(), id.into()),
        // No other account has a calendar.
        (AccountKind::Fleet | AccountKind::Staff | AccountKind::Platform, _) => return Ok(None),
    };
    let language = reading.column("language", &language, row::language)?;
    Ok(Some(Holder { actor: Actor { by: Identity::Account(id.into()), standing }, language }))
}

/// Locks a calendar until the end of the transaction, so that of two programs that look at once one waits for what the other
/// stores. False when no calendar has a secret with this hash.
pub fn lock(tx: &mut Tx<'_>, secret_hash: &[u8]) -> Result<bool, StoreError> {
    let feed =
        calendar_feeds::table.filter(calendar_feeds::secret_hash.eq(secret_hash)).select(calendar_feeds::account_id);
    let found: Option<Key> = match &mut *tx.conn {
        AnyConnection::Postgres(conn) => feed.for_no_key_update().first(conn).optional()?,
        AnyConnection::Sqlite(conn) => feed.first(conn).optional()?,
    };
    Ok(found.is_some())
}

/// The cars of a scope whose passports are active and on which something comes due, those first on which it is due first.
pub fn list_cars(tx: &mut Tx<'_>, scope: &Scope, limit: i64) -> Result<Vec<CalendarCar>, StoreError> {
    type Columns = (Key, (String, String, Option<String>), Option<String>, Option<String>, Option<String>);
    let found: Vec<Columns> = on_each!(tx, connection => {
        let query = passports::table
            .filter(passports::status.eq("active"))
            .filter(passports::next_due_on.lt(Day(Date::MAX)))
            .order((passports::next_due_on, passports::id))
            .limit(limit)
            .select((
                passports::id,
                (passports::country, passports::plate, passports::plate_typed),
                passports::make,
                passports::model,
                passports::standing,
            ));
        scoped!(reach, query, scope, scoped => scoped.load(connection)?)
    });
    let read = |(id, (country, plate, typed), make, model, standing): Columns| {
        let reading = Reading { table: "passports", id: id.0 };
        let plate = row::plate(reading, &country, &plate, typed)?;
        let standing = standing_of(reading, standing.as_ref())?.unwrap_or_default();
        Ok(CalendarCar { passport: id.into(), plate: plate.shown(), make, model, standing })
    };
    found.into_iter().map(read).collect()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = calendar_entries)]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
#[diesel(primary_key(account_id, passport_id, kind, task))]
struct Row {
    account_id: Key,
    passport_id: Key,
    kind: String,
    task: String,
    due_on: Day,
    plate: String,
    car: Option<String>,
    language: String,
    sequence: i64,
    changed_at: Time,
    cancelled_at: Option<Time>,
}

impl Row {
    fn new(account: AccountId, entry: &Entry) -> Self {
        let (key, content) = (entry.key, &entry.content);
        Self {
            account_id: account.into(),
            passport_id: key.passport.into(),
            kind: key.kind.code().to_owned(),
            task: task(key).to_owned(),
            due_on: Day(content.day),
            plate: content.plate.clone(),
            car: content.car.clone(),
            language: content.language.code().to_owned(),
            sequence: entry.sequence,
            changed_at: entry.changed_at.into(),
            cancelled_at: entry.cancelled_at.map(Time),
        }
    }

    fn read(self) -> Result<Entry, StoreError> {
        let reading = Reading { table: "calendar_entries", id: self.passport_id.0 };
        let task = Some(&self.task).filter(|task| !task.is_empty());
        let key = EntryKey {
            passport: self.passport_id.into(),
            kind: reading.column("kind", &self.kind, EntryKind::from_code)?,
            task: reading.optional("task", task, TaskKey::find)?,
        };
        let content = Content {
            day: self.due_on.0,
            plate: self.plate,
            car: self.car,
            language: reading.column("language", &self.language, row::language)?,
        };
        let cancelled_at = self.cancelled_at.map(|at| at.0);
        Ok(Entry { key, content, sequence: self.sequence, changed_at: self.changed_at.0, cancelled_at })
    }
}

fn task(key: EntryKey) -> &'static str {
    key.task.map_or("", TaskKey::as_str)
}

/// The row of an entry.
macro_rules! row_of {
    ($account:expr, $key:expr) => {
        calendar_entries::table.find((
            Key::from($account),
            Key::from($key.passport),
            $key.kind.code().to_owned(),
            task($key).to_owned(),
        ))
    };
}

/// What is remembered of the calendar of an account.
pub fn list(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Entry>, StoreError> {
    let found: Vec<Row> = on_each!(tx, connection => calendar_entries::table
        .filter(calendar_entries::account_id.eq(Key::from(account)))
        .select(Row::as_select())
        .load(connection)?);
    found.into_iter().map(Row::read).collect()
}

/// Remembers entries that are new or have changed, and forgets others. An entry that someone else changed since it was read is
/// a conflict, after which the transaction is run again.
pub fn save_entries(
    tx: &mut Tx<'_>,
    account: AccountId,
    changed: &[Entry],
    forgotten: &[EntryKey],
) -> Result<(), StoreError> {
    for key in forgotten {
        diesel::delete(row_of!(account, *key)).execute(tx.conn)?;
    }
    let (new, known): (Vec<&Entry>, Vec<&Entry>) = changed.iter().partition(|entry| entry.sequence == 0);
    for entry in known {
        let before = row_of!(account, entry.key).filter(calendar_entries::sequence.eq(entry.sequence - 1));
        let rows = diesel::update(before).set(Row::new(account, entry)).execute(tx.conn)?;
        row::changed_one("calendar_entries", rows)?;
    }
    insert(tx, new.into_iter().map(|entry| Row::new(account, entry)).collect()).map_err(|error| {
        let is_known = matches!(error, StoreError::Duplicate(_));
        if is_known { StoreError::Stale { table: "calendar_entries" } } else { error }
    })
}

fn insert(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<(), StoreError> {
    insert_all!(tx, calendar_entries::table, rows);
    Ok(())
}

/// Deletes what was cancelled so long ago that it need not be remembered any more, some at a time.
pub fn delete_cancelled(tx: &mut Tx<'_>, now: Instant) -> Result<usize, StoreError> {
    type Found = (Key, Key, String, String);
    let before = Time(now.checked_sub(REMEMBERED_FOR).unwrap_or(Instant::MIN));
    let old: Vec<Found> = calendar_entries::table
        .filter(calendar_entries::cancelled_at.le(before))
        .order(calendar_entries::cancelled_at)
        .limit(row::BATCH)
        .select((
            calendar_entries::account_id,
            calendar_entries::passport_id,
            calendar_entries::kind,
            calendar_entries::task,
        ))
        .load(tx.conn)?;
    let mut rows = 0;
    for key in old {
        // Not one that has come back meanwhile.
        let old = calendar_entries::table.find(key).filter(calendar_entries::cancelled_at.le(before));
        rows += diesel::delete(old).execute(tx.conn)?;
    }
    Ok(rows)
}
