//! Sessions and the refresh tokens that extend them. Only the hashes of the tokens are stored.

use crate::{
    connection::insert_all,
    device,
    error::StoreError,
    page::{Page, PageRequest},
    removal, row,
    schema::{accounts, refresh_tokens, sessions},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Instant,
    ids::{AccountId, SessionId},
    removal::Removal,
    session::{IDLE_LIFETIME, Lifetimes, PresentedToken},
};

/// What a session is asked that must not have ended at an instant (rule A11). It ends by hand, when it is not used for long, and after
/// its longest time; nobody writes down the last two, so they are asked each time.
#[derive(Clone, Copy, Debug)]
pub struct OpenAt {
    pub(crate) used_after: Time,
    pub(crate) staff_since: Time,
    pub(crate) others_since: Time,
}

impl OpenAt {
    /// Sessions that last this long at most and are open at an instant.
    pub fn new(lifetimes: Lifetimes, now: Instant) -> Self {
        let before = |lifetime| Time(now.checked_sub(lifetime).unwrap_or(Instant::MIN));
        Self {
            used_after: before(IDLE_LIFETIME),
            staff_since: before(lifetimes.staff),
            others_since: before(lifetimes.others),
        }
    }
}

/// Whether a session, joined with its account, is open at an instant: [`OpenAt`].
macro_rules! is_open {
    ($open:expr) => {{
        use $crate::schema::{accounts, sessions};
        sessions::ended_at.is_null().and(sessions::last_used_at.gt($open.used_after)).and(
            accounts::kind
                .eq("staff")
                .and(sessions::created_at.gt($open.staff_since))
                .or(accounts::kind.ne("staff").and(sessions::created_at.gt($open.others_since))),
        )
    }};
}

pub(crate) use is_open;

/// A session: an account that is signed in on one device.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The account.
    pub account_id: AccountId,
    /// The `User-Agent` of the device.
    pub user_agent: Option<String>,
    /// When it signed in.
    pub created_at: Instant,
    /// When its tokens were last refreshed.
    pub last_used_at: Instant,
    /// Until when its device is remembered, if it ever was (rule A21).
    pub remembered_until: Option<Instant>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    account_id: Key,
    user_agent: Option<String>,
    created_at: Time,
    last_used_at: Time,
    remembered_until: Option<Time>,
}

impl Row {
    fn new(session: &Session) -> Self {
        Self {
            id: session.id.into(),
            account_id: session.account_id.into(),
            user_agent: session.user_agent.clone(),
            created_at: session.created_at.into(),
            last_used_at: session.last_used_at.into(),
            remembered_until: session.remembered_until.map(Time),
        }
    }
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            account_id: row.account_id.into(),
            user_agent: row.user_agent,
            created_at: row.created_at.0,
            last_used_at: row.last_used_at.0,
            remembered_until: row.remembered_until.map(|until| until.0),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    hash: Vec<u8>,
    session_id: Key,
    issued_at: Time,
}

/// Stores a new session with its first refresh token.
pub fn insert(tx: &mut Tx<'_>, session: &Session, token_hash: &[u8]) -> Result<(), StoreError> {
    insert_all(tx, &[(session.clone(), token_hash.to_vec())])
}

/// Stores new sessions, each with the hash of its first refresh token.
pub fn insert_all(tx: &mut Tx<'_>, new: &[(Session, Vec<u8>)]) -> Result<(), StoreError> {
    let sessions: Vec<Row> = new.iter().map(|(session, _)| Row::new(session)).collect();
    let token = |(session, hash): &(Session, Vec<u8>)| TokenRow {
        hash: hash.clone(),
        session_id: session.id.into(),
        issued_at: session.created_at.into(),
    };
    let tokens: Vec<TokenRow> = new.iter().map(token).collect();
    insert_all!(tx, sessions::table, sessions);
    insert_all!(tx, refresh_tokens::table, tokens);
    Ok(())
}

fn insert_token(tx: &mut Tx<'_>, session: SessionId, hash: &[u8], now: Instant) -> Result<(), StoreError> {
    let row = TokenRow { hash: hash.to_vec(), session_id: session.into(), issued_at: now.into() };
    diesel::insert_into(refresh_tokens::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// What is stored about a refresh token, with its session and account.
pub fn find_token(
    tx: &mut Tx<'_>,
    token_hash: &[u8],
) -> Result<Option<(SessionId, AccountId, PresentedToken)>, StoreError> {
    type Columns = (Key, Key, Time, Option<Time>, Option<Time>, Time);
    let found: Option<Columns> = refresh_tokens::table
        .inner_join(sessions::table)
        .filter(refresh_tokens::hash.eq(token_hash.to_vec()))
        .select((
            sessions::id,
            sessions::account_id,
            refresh_tokens::issued_at,
            refresh_tokens::used_at,
            sessions::ended_at,
            sessions::created_at,
        ))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|(session, account, issued_at, used_at, ended_at, began_at)| {
        let token = PresentedToken {
            issued_at: issued_at.0,
            used_at: used_at.map(|at| at.0),
            session_began_at: began_at.0,
            session_ended: ended_at.is_some(),
        };
        (session.into(), account.into(), token)
    }))
}

/// Replaces a refresh token by the next one. When two do so at once, the second is refused.
pub fn rotate(
    tx: &mut Tx<'_>,
    session: SessionId,
    used_hash: &[u8],
    next_hash: &[u8],
    now: Instant,
) -> Result<(), StoreError> {
    let target = refresh_tokens::table.find(used_hash.to_vec()).filter(refresh_tokens::used_at.is_null());
    let rows = diesel::update(target).set(refresh_tokens::used_at.eq(Some(Time(now)))).execute(tx.conn)?;
    row::changed_one("refresh_tokens", rows)?;
    insert_token(tx, session, next_hash, now)?;
    diesel::update(sessions::table.find(Key::from(session)))
        .set(sessions::last_used_at.eq(Time(now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends one session of an account. False when there is no such session, or when it has ended already. When the device is not
/// trusted any more, it is not known at the next sign-in either.
pub fn end(
    tx: &mut Tx<'_>,
    account: AccountId,
    session: SessionId,
    is_distrusted: bool,
    now: Instant,
) -> Result<bool, StoreError> {
    let target = sessions::table
        .find(Key::from(session))
        .filter(sessions::account_id.eq(Key::from(account)))
        .filter(sessions::ended_at.is_null());
    let set = (sessions::ended_at.eq(Some(Time(now))), sessions::is_distrusted.eq(is_distrusted));
    let has_ended = diesel::update(target).set(set).execute(tx.conn)? == 1;
    if has_ended {
        tell_gone(tx, &[(session, account)], now)?;
    }
    Ok(has_ended)
}

/// Writes down that sessions and their devices are gone from the lists of their accounts (rule LS1).
fn tell_gone(tx: &mut Tx<'_>, ended: &[(SessionId, AccountId)], now: Instant) -> Result<(), StoreError> {
    let ids: Vec<SessionId> = ended.iter().map(|(session, _)| *session).collect();
    let mut gone = device::gone_with(tx, &ids, now)?;
    gone.extend(ended.iter().map(|(session, account)| Removal::of_session(*session, *account, now)));
    removal::insert_all(tx, &gone)
}

/// Whether a device is known to an account: it once opened this session, which is not forgotten yet, and nobody has said
/// since that it is not trusted (rule A12).
pub fn is_known_device(tx: &mut Tx<'_>, account: AccountId, session: SessionId) -> Result<bool, StoreError> {
    let known = sessions::table
        .find(Key::from(session))
        .filter(sessions::account_id.eq(Key::from(account)))
        .filter(sessions::is_distrusted.eq(false));
    Ok(diesel::select(diesel::dsl::exists(known)).get_result(tx.conn)?)
}

/// Ends all sessions of an account, except the given one; none of their devices is known any more, also of those that ended
/// before.
pub fn end_all(tx: &mut Tx<'_>, account: AccountId, except: Option<SessionId>, now: Instant) -> Result<(), StoreError> {
    let all = || sessions::table.filter(sessions::account_id.eq(Key::from(account)));
    let kept = Key(except.map_or_else(uuid::Uuid::nil, |session| session.0));
    let open = || all().filter(sessions::ended_at.is_null()).filter(sessions::id.ne(kept));
    let ids: Vec<Key> = open().select(sessions::id).load(tx.conn)?;
    let gone: Vec<(SessionId, AccountId)> = ids.into_iter().map(|id| (id.into(), account)).collect();
    tell_gone(tx, &gone, now)?;
    let (ended, distrusted) = (sessions::ended_at.eq(Some(Time(now))), sessions::is_distrusted.eq(true));
    diesel::update(open()).set(ended).execute(tx.conn)?;
    diesel::update(all().filter(sessions::id.ne(kept))).set(distrusted).execute(tx.conn)?;
    Ok(())
}

/// The open sessions of an account, the oldest first.
pub fn list(
    tx: &mut Tx<'_>,
    account: AccountId,
    open: OpenAt,
    request: &PageRequest<SessionId>,
) -> Result<Page<Session, SessionId>, StoreError> {
    let mut query = sessions::table
        .inner_join(accounts::table)
        .filter(sessions::account_id.eq(Key::from(account)))
        .filter(is_open!(open))
        .order(sessions::id)
        .limit(request.sql_limit())
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = request.after {
        query = query.filter(sessions::id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(sessions::last_used_at.ge(Time(since)));
    }
    let found: Vec<Session> = query.load(tx.conn)?.into_iter().map(Into::into).collect();
    Ok(request.page(found, |session| session.id))
}

/// Deletes refresh tokens that can no longer be used, a limited number at a time. Returns how many.
pub fn delete_stale_tokens(tx: &mut Tx<'_>, now: Instant) -> Result<usize, StoreError> {
    let oldest = now.checked_sub(IDLE_LIFETIME).unwrap_or(Instant::MIN);
    let stale = refresh_tokens::table.filter(refresh_tokens::issued_at.lt(Time(oldest))).limit(row::BATCH);
    let hashes: Vec<Vec<u8>> = stale.select(refresh_tokens::hash).load(tx.conn)?;
    Ok(diesel::delete(refresh_tokens::table.filter(refresh_tokens::hash.eq_any(hashes))).execute(tx.conn)?)
}

/// Deletes sessions that ended, or were last used, too long ago to be refreshed, a limited number at a time. Their
/// tokens, which are all older, are deleted first. Returns how many.
pub fn delete_stale(tx: &mut Tx<'_>, now: Instant) -> Result<usize, StoreError> {
    let oldest = now.checked_sub(IDLE_LIFETIME).unwrap_or(Instant::MIN);
    let stale = sessions::table.filter(sessions::last_used_at.lt(Time(oldest))).limit(row::BATCH);
    let found: Vec<(Key, Key, Option<Time>)> =
        stale.select((sessions::id, sessions::account_id, sessions::ended_at)).load(tx.conn)?;
    // Those that nobody ended are gone from the list since they could not be refreshed any more.
    let lapsed = found.iter().filter(|(.., ended)| ended.is_none());
    let lapsed: Vec<(SessionId, AccountId)> =
        lapsed.map(|(id, account, _)| ((*id).into(), (*account).into())).collect();
    tell_gone(tx, &lapsed, now)?;
    let ids: Vec<Key> = found.into_iter().map(|(id, ..)| id).collect();
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(&ids))).execute(tx.conn)?;
    Ok(diesel::delete(sessions::table.filter(sessions::id.eq_any(&ids))).execute(tx.conn)?)
}

/// Which of these sessions have not ended, and are of accounts that have not either.
pub fn list_open(tx: &mut Tx<'_>, of: &[SessionId], open: OpenAt) -> Result<Vec<SessionId>, StoreError> {
    let keys: Vec<Key> = of.iter().map(|id| Key::from(*id)).collect();
    let found: Vec<Key> = sessions::table
        .inner_join(accounts::table)
        .filter(sessions::id.eq_any(keys))
        .filter(is_open!(open))
        .filter(accounts::status.eq("active"))
        .filter(accounts::must_enrol.eq(false))
        .select(sessions::id)
        .load(tx.conn)?;
    Ok(found.into_iter().map(Into::into).collect())
}
