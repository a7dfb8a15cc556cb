//! Notifications: what accounts are told in the app, and what they want to hear.

use crate::{
    connection::{AnyConnection, on_each},
    error::StoreError,
    page::{Page, PageRequest, page_by_id},
    row::{self, Reading},
    schema::{fleets, notification_settings, notifications, passports},
    scope::held,
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{dsl::exists, prelude::*};
use domain::{
    Instant,
    consequence::Template,
    ids::{AccountId, NotificationId, SessionId},
    notification::{Channel, KEPT, MOST_UNREAD, Notification, Settings},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    account_id: Key,
    cause_id: Key,
    kind: String,
    passport_id: Option<Key>,
    needs_access: bool,
    title: String,
    text: String,
    link: Option<String>,
    made_at: Time,
    read_at: Option<Time>,
    updated_at: Time,
}

impl Row {
    fn new(new: &Notification) -> Self {
        Self {
            id: new.id.into(),
            account_id: new.account.into(),
            cause_id: new.cause.into(),
            kind: new.kind.code().to_owned(),
            passport_id: new.passport.map(Key::from),
            needs_access: new.passport.is_some() && new.kind.needs_access(),
            title: new.title.clone(),
            text: new.text.clone(),
            link: new.link.clone(),
            made_at: new.made_at.into(),
            read_at: new.read_at.map(Time),
            updated_at: new.made_at.into(),
        }
    }

    /// None when an older or newer version of the program made it, of a kind that this one does not know.
    fn read(self) -> Option<Notification> {
        Some(Notification {
            id: self.id.into(),
            account: self.account_id.into(),
            cause: self.cause_id.into(),
            kind: Template::from_code(&self.kind)?,
            passport: self.passport_id.map(Into::into),
            title: self.title,
            text: self.text,
            link: self.link,
            made_at: self.made_at.0,
            read_at: self.read_at.map(|at| at.0),
        })
    }
}

/// Which notifications a list has.
#[derive(Clone, Debug, Default)]
pub struct NotificationFilter {
    /// Only those that were read, or only those that were not.
    pub read: Option<bool>,
}

/// Those of the account of a session that it may still see (rule N4): what was read, what needs no access to a car, and what
/// is about a car that the account has now.
macro_rules! visible {
    ($session:expr) => {
        notifications::table.filter(notifications::account_id.nullable().eq(held!($session, account))).filter(
            notifications::read_at.is_not_null().or(notifications::needs_access.eq(false)).or(exists(
                passports::table.filter(passports::id.nullable().eq(notifications::passport_id)).filter(
                    passports::driver_account_id
                        .eq(notifications::account_id.nullable())
                        .or(passports::garage_id.nullable().eq(held!($session, garage)))
                        .or(exists(
                            fleets::table
                                .filter(fleets::id.nullable().eq(passports::fleet_id))
                                .filter(fleets::account_id.eq(notifications::account_id)),
                        )),
                ),
            )),
        )
    };
}

/// Stores notifications. What an account was told of an event already is left as it is (rule N2), so it does not matter how
/// often this is done. Returns those that are new.
pub fn insert_all(tx: &mut Tx<'_>, new: Vec<Notification>) -> Result<Vec<Notification>, StoreError> {
    let mut stored = vec![];
    for one in new {
        let insert = diesel::insert_into(notifications::table).values(Row::new(&one));
        let rows = match &mut *tx.conn {
            AnyConnection::Postgres(conn) => insert.on_conflict_do_nothing().execute(conn)?,
            AnyConnection::Sqlite(conn) => insert.on_conflict_do_nothing().execute(conn)?,
        };
        stored.extend((rows == 1).then_some(one));
    }
    Ok(stored)
}

/// The notifications of the account of a session, the newest first.
pub fn list(
    tx: &mut Tx<'_>,
    session: SessionId,
    filter: &NotificationFilter,
    request: &PageRequest<NotificationId>,
) -> Result<Page<Notification, NotificationId>, StoreError> {
    let session = &session;
    let mut query = visible!(session).select(Row::as_select()).into_boxed();
    query = match filter.read {
        Some(true) => query.filter(notifications::read_at.is_not_null()),
        Some(false) => query.filter(notifications::read_at.is_null()),
        None => query,
    };
    let query = page_by_id!(query, notifications, request, true);
    let found: Vec<Row> = query.load(tx.conn)?;
    let page = request.page(found, |row| NotificationId::from(row.id));
    // The page goes on after its last row, also when this version cannot show that one.
    Ok(Page { items: page.items.into_iter().filter_map(Row::read).collect(), next: page.next })
}

/// How many notifications the account of a session has not read, at most [`MOST_UNREAD`].
pub fn count_unread(tx: &mut Tx<'_>, session: SessionId) -> Result<usize, StoreError> {
    let session = &session;
    let most = i64::try_from(MOST_UNREAD).unwrap_or(i64::MAX);
    let unread: Vec<Key> = on_each!(tx, connection => visible!(session)
        .filter(notifications::read_at.is_null())
        .select(notifications::id)
        .limit(most)
        .load(connection)?);
    Ok(unread.len())
}

/// A notification of the account of a session, as long as it may see it and has not read it (rule N4).
pub fn find_unread(
    tx: &mut Tx<'_>,
    session: SessionId,
    id: NotificationId,
) -> Result<Option<Notification>, StoreError> {
    let session = &session;
    let found: Option<Row> = visible!(session)
        .filter(notifications::id.eq(Key::from(id)))
        .filter(notifications::read_at.is_null())
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(found.and_then(Row::read))
}

/// Notes that the account of a session has read a notification. False when it sees no such notification (rule N4).
pub fn mark_read(tx: &mut Tx<'_>, session: SessionId, id: NotificationId, now: Instant) -> Result<bool, StoreError> {
    let session = &session;
    let seen: Vec<Key> =
        visible!(session).filter(notifications::id.eq(Key::from(id))).select(notifications::id).load(tx.conn)?;
    set_read(tx, &seen, now)?;
    Ok(!seen.is_empty())
}

/// Notes that the account of a session has read all its notifications up to one, as far as it sees them (rule N4).
pub fn mark_all_read(
    tx: &mut Tx<'_>,
    session: SessionId,
    up_to: NotificationId,
    now: Instant,
) -> Result<(), StoreError> {
    let session = &session;
    loop {
        let unread: Vec<Key> = visible!(session)
            .filter(notifications::read_at.is_null())
            .filter(notifications::id.le(Key::from(up_to)))
            .select(notifications::id)
            .limit(row::BATCH)
            .load(tx.conn)?;
        if set_read(tx, &unread, now)? == 0 {
            return Ok(());
        }
    }
}

fn set_read(tx: &mut Tx<'_>, ids: &[Key], now: Instant) -> Result<usize, StoreError> {
    let unread = notifications::table.filter(notifications::id.eq_any(ids)).filter(notifications::read_at.is_null());
    let set = (notifications::read_at.eq(Some(Time(now))), notifications::updated_at.eq(Time(now)));
    Ok(if ids.is_empty() { 0 } else { diesel::update(unread).set(set).execute(tx.conn)? })
}

/// What was made at or after an instant, and after one of them, the oldest first: for the streams of a server.
pub fn list_made_since(
    tx: &mut Tx<'_>,
    since: Instant,
    after: Option<NotificationId>,
    limit: i64,
) -> Result<Vec<Notification>, StoreError> {
    let after = Key(after.map_or_else(uuid::Uuid::nil, |id| id.0));
    let found: Vec<Row> = notifications::table
        .filter(notifications::made_at.ge(Time(since)))
        .filter(notifications::made_at.gt(Time(since)).or(notifications::id.gt(after)))
        .order((notifications::made_at, notifications::id))
        .limit(limit)
        .select(Row::as_select())
        .load(tx.conn)?;
    Ok(found.into_iter().filter_map(Row::read).collect())
}

/// Deletes notifications that were kept long enough (rule N5), a limited number at a time. Returns how many.
pub fn delete_old(tx: &mut Tx<'_>, now: Instant) -> Result<usize, StoreError> {
    let before = now.checked_sub(KEPT).unwrap_or(Instant::MIN);
    let old = notifications::table.filter(notifications::made_at.lt(Time(before))).limit(row::BATCH);
    let ids: Vec<Key> = old.select(notifications::id).load(tx.conn)?;
    Ok(diesel::delete(notifications::table.filter(notifications::id.eq_any(ids))).execute(tx.conn)?)
}

/// What an account wants to hear.
pub fn settings(tx: &mut Tx<'_>, account: AccountId) -> Result<Settings, StoreError> {
    Ok(settings_of_all(tx, &[account])?.into_iter().next().map(|(_, settings)| settings).unwrap_or_default())
}

/// What each of these accounts wants to hear, in the order in which they are given.
pub fn settings_of_all(tx: &mut Tx<'_>, accounts: &[AccountId]) -> Result<Vec<(AccountId, Settings)>, StoreError> {
    let keys: Vec<Key> = accounts.iter().map(|id| Key::from(*id)).collect();
    let found: Vec<(Key, String, String)> = notification_settings::table
        .filter(notification_settings::account_id.eq_any(keys))
        .select((notification_settings::account_id, notification_settings::kind, notification_settings::channel))
        .load(tx.conn)?;
    let read = |account: AccountId| -> Result<(AccountId, Settings), StoreError> {
        let mut off = vec![];
        for (_, kind, channel) in found.iter().filter(|(owner, ..)| AccountId::from(*owner) == account) {
            let reading = Reading { table: "notification_settings", id: account.0 };
            let channel = reading.column("channel", channel, Channel::from_code)?;
            // A kind of another version of the program is kept, and means nothing here.
            off.extend(Template::from_code(kind).map(|kind| (kind, channel)));
        }
        Ok((account, Settings::stored(off)))
    };
    accounts.iter().map(|account| read(*account)).collect()
}

/// Stores what an account wants to hear of one kind; other kinds stay as they are. Who calls this locks the account before
/// reading its settings ([`crate::account::lock`]), so that of two at the same moment the second sees what the first one left.
pub fn save_setting(
    tx: &mut Tx<'_>,
    account: AccountId,
    kind: Template,
    settings: &Settings,
) -> Result<(), StoreError> {
    let own = notification_settings::table
        .filter(notification_settings::account_id.eq(Key::from(account)))
        .filter(notification_settings::kind.eq(kind.code()));
    diesel::delete(own).execute(tx.conn)?;
    for (_, channel) in settings.off().filter(|(off, _)| *off == kind) {
        let row = (
            notification_settings::account_id.eq(Key::from(account)),
            notification_settings::kind.eq(kind.code()),
            notification_settings::channel.eq(channel.code()),
        );
        diesel::insert_into(notification_settings::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}
